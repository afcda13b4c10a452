"""The tests' own PostgreSQL: never missing unnoticed, never left behind."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.arrows import ROOT
from tests.postgres import Programs, Unusable, _give, _owner, _reachable, _run, find_programs

pytest_plugins = "pytester"

START = "from tests.postgres import running\nwith running() as server: print(server.folder, flush=True); input()"


@pytest.fixture
def run_without_programs(pytester, monkeypatch):
    """Run a test that wants PostgreSQL where there is none."""
    monkeypatch.setenv("CROSSTALLY_PG_BIN", "/nowhere")
    pytester.makeconftest("from tests.conftest import postgresql, postgresql_server, pytest_terminal_summary")
    pytester.makepyfile("def test_it(postgresql): pass")
    return lambda: pytester.runpytest_inprocess("-n0", "-p", "no:cacheprovider")


def test_where_there_is_no_postgresql_its_tests_are_skipped_and_the_run_says_why(run_without_programs, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    run = run_without_programs()
    run.assert_outcomes(skipped=1)
    run.stdout.fnmatch_lines(["PostgreSQL not tested, no initdb and postgres in /nowhere"])


def test_in_ci_a_missing_postgresql_fails_the_run(run_without_programs, monkeypatch):
    monkeypatch.setenv("CI", "true")
    run = run_without_programs()
    run.assert_outcomes(errors=1)
    assert run.ret == pytest.ExitCode.TESTS_FAILED


def test_the_programs_that_are_named_are_the_ones_used(tmp_path, monkeypatch):
    for program in ("initdb", "postgres"):
        (tmp_path / program).touch()
    monkeypatch.setenv("CROSSTALLY_PG_BIN", str(tmp_path))
    assert find_programs().folder == tmp_path


def test_programs_that_the_servers_owner_cannot_reach_are_copied_with_all_they_need(tmp_path):
    package, libraries, owner = tmp_path / "wheel", tmp_path / "wheel.libs", _owner()
    programs = Programs(package / "bin", (package, libraries))
    programs.folder.mkdir(parents=True)
    libraries.mkdir()
    (libraries / "libpq").touch(0o600)
    (programs.folder / "postgres").write_text('#!/bin/sh\ncat "$(dirname "$0")/../../wheel.libs/libpq"\n')
    (programs.folder / "postgres").chmod(0o700)
    with tempfile.TemporaryDirectory() as folder:
        _give(Path(folder), owner)
        found = _reachable(programs, Path(folder), owner)
        _run([found.folder / "postgres"], Path(folder), owner)
        assert (found == programs) == (os.geteuid() != 0)


def test_a_program_that_fails_says_how(tmp_path):
    with pytest.raises(Unusable, match="disk is full"):
        _run(["/bin/sh", "-c", "echo the disk is full >&2; exit 1"], tmp_path, {})


def test_a_program_made_for_another_system_says_so(tmp_path):
    program = tmp_path / "postgres"
    program.write_text("#!/lib/of-another-system\n")
    program.chmod(0o700)
    with pytest.raises(Unusable, match="does not run here"):
        _run([program], tmp_path, {})


def test_the_server_goes_with_the_tests_even_when_they_are_killed(postgresql):
    command = [sys.executable, "-c", START]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as tests:
        folder = Path(tests.stdout.readline().strip())
        assert (folder / "data" / "postmaster.pid").exists()
        tests.kill()
    deadline = time.monotonic() + 30
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
