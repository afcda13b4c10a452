"""Our client as an operator installs it: from a checkout or a source distribution, in environments of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.arrows import ROOT
from tests.client.sessions import credentials, run_session

pytestmark = pytest.mark.clients

BASE_MEGABYTES = 30
"""With Python's own pip and setuptools left out; most of it is the highlighter that rich brings."""


def environment(folder: Path, *what: str) -> Path:
    """A clean environment with something installed; answers its `crosstally`."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *what], check=True, cwd=ROOT)
    return folder / "bin/crosstally"


def size(folder: Path, *besides: str) -> float:
    """The megabytes of what is installed."""
    packages = next((folder / "lib").glob("python3*/site-packages"))
    paths = (path for path in packages.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return (
        sum(path.stat().st_size for path in paths if not path.relative_to(packages).parts[0].startswith(besides)) / 1e6
    )


def test_from_the_checkout_to_an_accepted_report_with_crosstally_alone(served, secrets, tmp_path):
    program = environment(tmp_path / "tool", "./client[aggregate,keys,attack]")
    told = {"HUB": served.base_url, **credentials(tmp_path, secrets["ri"], secrets["steward"])}
    assert run_session("operators.md", tmp_path, program, told).rstrip().endswith("Review: accept")
    printed = run_session("verify-a-release.md", tmp_path, program, told)
    assert "3 releases verified" in printed and "0 breaches" in printed


def test_a_source_distribution_is_enough_and_the_base_is_small(served, tmp_path):
    code = f"import carrying_backend; print(carrying_backend.build_sdist({str(tmp_path)!r}))"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "client", check=True, capture_output=True, text=True)
    archive = tmp_path / made.stdout.splitlines()[-1]
    with tarfile.open(archive) as content:
        assert any(name.endswith("crosstally/_hub/domain/checks.py") for name in content.getnames())
    program = environment(tmp_path / "base", str(archive))
    asked = ["--hub", served.base_url, "validate", ROOT / "docs/examples/report.json"]
    done = subprocess.run([program, *asked], capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0 and "by the hub" in done.stdout, done.stdout + done.stderr
    assert size(tmp_path / "base", "pip", "setuptools", "_distutils_hack") < BASE_MEGABYTES
