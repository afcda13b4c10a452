"""What the pages for operators and sceptics show is run, and what they list is what there is."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.arrows import ROOT
from tests.client.sessions import PAGES, credentials, run_session


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """`crosstally` as this checkout has it."""
    path = tmp_path / "bin/crosstally"
    path.parent.mkdir()
    code = "from crosstally.commands.main import main; main()"
    path.write_text(f"#!/bin/sh\nPYTHONPATH={ROOT / 'client'} exec {sys.executable} -c '{code}' \"$@\"\n")
    path.chmod(0o755)
    return path


def test_the_page_for_operators_leads_to_an_accepted_report(served, secrets, program, tmp_path):
    told = credentials(tmp_path, secrets["ri"], secrets["steward"])
    printed = run_session("operators.md", tmp_path, program, {"HUB": served.base_url, **told})
    assert printed.rstrip().endswith("Review: accept")
    assert not any(secret in printed for _, secret in secrets.values())


def test_the_page_for_sceptics_ends_without_a_breach(served, program, tmp_path):
    printed = run_session("verify-a-release.md", tmp_path, program, {"HUB": served.base_url})
    assert "3 releases verified" in printed and "0 breaches" in printed


def test_the_exit_codes_of_the_page_are_those_there_are():
    from crosstally.commands import endings

    page = (PAGES / "operators.md").read_text()
    told = [int(code) for code in re.findall(r"^\| (\d) \|", page, re.M)]
    assert told == list(range(endings.EXTRA + 1))
