"""The sessions of the pages for operators and sceptics, run as they are printed, by whatever `crosstally` there is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from shutil import copy

from tests.arrows import ROOT
from tests.test_research_sessions import blocks

PAGES = ROOT / "docs/how-to"


def run_session(page: str, folder: Path, program: Path, told: Mapping[str, str]) -> str:
    """Run the shell of a page in a folder, `crosstally` being a program; answers what it printed."""
    for name in ("visits.csv", "mapping.toml"):
        copy(ROOT / "docs/examples" / name, folder)
    environment = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "CROSSTALLY_CONFIG_DIR": str(folder / "config"),
        "COLUMNS": "200",
        **told,
    }
    command = ["sh", "-eu", "-c", blocks((PAGES / page).read_text(), "sh")]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def credentials(folder: Path, operator: tuple[str, str], steward: tuple[str, str]) -> dict[str, str]:
    """The files and variables that the page for operators begins with."""
    (folder / "secret.txt").write_text(operator[1] + "\n")
    (folder / "steward-secret.txt").write_text(steward[1] + "\n")
    return {"CLIENT_ID": operator[0], "STEWARD_ID": steward[0]}
