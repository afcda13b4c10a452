"""The session that docs/how-to/research-with-r.md shows, run by R as it is printed against the demo."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests.arrows import ROOT
from tests.demo import Demo, running_demo
from tests.test_research_sessions import blocks

pytestmark = pytest.mark.clients

PAGE = ROOT / "docs/how-to/research-with-r.md"
RATES = "/v1/comparisons/rates?measure=od_per_1000_visits&period=2026-01..2026-06"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


def test_the_r_session_runs_and_its_interval_is_the_hubs(demo: Demo, tmp_path):
    program = tmp_path / "session.R"
    program.write_text(blocks(PAGE.read_text(), "r"))
    environment = {**os.environ, "HUB": demo.base_url}
    done = subprocess.run(["Rscript", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    events, visits, *rate = done.stdout.splitlines()[-1].split()
    rows = httpx.get(demo.base_url + RATES).json()["rows"]
    east = next(row for row in rows if row["unit"] == "nyc-east-harlem")
    assert (int(events), int(visits)) == (east["numerator"], east["denominator"])
    assert [float(number) for number in rate] == pytest.approx([east["value"], *east["interval"]], rel=1e-9)
