"""Requests made up from the OpenAPI document, with tokens, against the running demo; all checks on.

A short run here; `make sweep` makes a long one.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.arrows import ROOT
from tests.demo import Demo

CONFIGURATION = ROOT / "tests/schemathesis/schemathesis.toml"


def run(demo: Demo, *options: str) -> str:
    """What schemathesis prints; fails where it finds anything."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [program, "--config-file", CONFIGURATION, "run", f"{demo.base_url}/openapi.json", "--checks", "all"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DEMO_CREDENTIALS": str(demo.credentials_file)}
    command += ["--no-color", *options]
    done = subprocess.run(command, cwd=demo.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_made_up_requests_find_no_undocumented_answer(demo: Demo):
    printed = run(demo, "--phases", "examples,fuzzing,stateful", "-n", "4", "--seed", "20260701")
    assert re.search(r"Tested: (\d+)", printed)[1] == re.search(r"Operations: +(\d+) selected", printed)[1]


@pytest.mark.sweep
def test_many_made_up_requests_find_no_undocumented_answer(demo: Demo, capsys: pytest.CaptureFixture):
    printed = run(demo, "-n", os.environ.get("SWEEP_EXAMPLES", "50"))
    with capsys.disabled():
        print(printed[printed.index("SUMMARY") :])
