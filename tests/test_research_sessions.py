"""The session that docs/how-to/research-with-python.md shows, run as it is printed against the demo."""

import json
import re
import subprocess
import sys

import pytest

from tests.arrows import ROOT
from tests.demo import Demo

PAGE = ROOT / "docs/how-to/research-with-python.md"


def blocks(page: str, language: str) -> str:
    """The code of a page, as one program."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", page, re.M | re.S))


@pytest.mark.xdist_group("demo")
def test_the_python_session_runs_and_its_rate_is_the_hubs(demo: Demo):
    client = demo.credentials["clients"]["researcher"]
    told = {"HUB": demo.base_url, "CLIENT_ID": client["client_id"], "CLIENT_SECRET": client["client_secret"]}
    command = [sys.executable, "-c", blocks(PAGE.read_text(), "python") + "\nprint(east.to_json())"]
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *_, cited, east = done.stdout.splitlines()
    assert "Crosstally" in cited
    found = json.loads(east)
    assert (
        f"{found['numerator']} overdoses in {found['denominator']} visits: {found['value']:.2f} per 1,000"
        in done.stdout
    )
