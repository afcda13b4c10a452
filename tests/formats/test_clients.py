"""Clients that others wrote, unmodified, read the running demo: each tells a story in `clients/formats`.

And what they found is what the release has, cell by cell.
"""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from formats.observations_csv import read_observations
from tests.arrows import ROOT
from tests.clients.test_contract_tools import PYTHON_TOOLS
from tests.demo import Demo
from tests.formats.made_up import cells_of

STORIES = ROOT / "clients/formats"
PATIENCE = 300
QUICK = ["sdmx1", "pysdmx", "pyjstat", "pandas"]
FURTHER = {"csvw": Path(sys.executable), **dict.fromkeys(("frictionless", "duckdb", "polars"), PYTHON_TOOLS / "python")}
"""Slow, or too large for everybody who runs the tests, and whose Python has them; for `make test-clients`."""


@pytest.fixture(scope="module")
def release(demo: Demo) -> str:
    return httpx.get(f"{demo.base_url}/v1/releases").json()["items"][0]["id"]


@pytest.fixture(scope="module")
def settings(demo: Demo, release: str, tmp_path_factory) -> Path:
    """What the stories need to know, in a file."""
    client = demo.credentials["clients"]["researcher"]
    answer = httpx.post(
        demo.credentials["token_url"],
        data={"grant_type": "client_credentials"},
        auth=(client["client_id"], client["client_secret"]),
    )
    path = tmp_path_factory.mktemp("stories") / "settings.json"
    told = {"hub": demo.base_url, "token": answer.json()["access_token"], "release": release}
    path.write_text(json.dumps(told))
    return path


@pytest.fixture(scope="module")
def cells(demo: Demo, release: str) -> dict:
    """Value and status of every cell of the release."""
    content = httpx.get(f"{demo.base_url}/v1/releases/{release}/files/observations.csv").content
    return {cell: said[:2] for cell, said in cells_of(read_observations(content)).items()}


def tell(python: str | Path, client: str, settings: Path) -> dict:
    story = STORIES / f"with_{client}.py"
    run = subprocess.run(
        [str(python), story.name, str(settings)],
        cwd=STORIES,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def check(told: dict, cells: dict) -> None:
    assert told["checks"]
    found = {tuple(cell[:6]): tuple(cell[6:]) for cell in told["cells"]}
    assert len(found) == len(told["cells"])
    assert found == cells


@pytest.mark.parametrize("client", QUICK)
def test_a_client_reads_every_cell(client, settings, cells):
    check(tell(sys.executable, client, settings), cells)


@pytest.mark.clients
@pytest.mark.parametrize("client", FURTHER)
def test_a_further_client_reads_every_cell(client, settings, cells):
    check(tell(FURTHER[client], client, settings), cells)
