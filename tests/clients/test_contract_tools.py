"""Other people's tools read the committed OpenAPI document: linters, and generators of clients.

`make test-clients` installs the tools and runs this; without them it fails.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from shutil import copy

import pytest

pytestmark = pytest.mark.clients

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "clients"
NODE_TOOLS = TOOLS / "node_modules" / ".bin"
PYTHON_TOOLS = ROOT / ".venv-clients" / "bin"
DOCUMENT = ROOT / "openapi" / "v1.json"
EXAMPLE = ROOT / "docs" / "examples" / "report.json"
PACKAGES = {
    "redocly": "@redocly/cli",
    "spectral": "@stoplight/spectral-cli",
    "openapi-typescript": "openapi-typescript",
    "tsc": "typescript",
}


def tool(name: str, *arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a tool, its own neighbours first on the path."""
    (program,) = (folder / name for folder in (NODE_TOOLS, PYTHON_TOOLS) if (folder / name).exists())
    path = os.pathsep.join([str(PYTHON_TOOLS), os.environ["PATH"]])
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
    command = [str(program), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=os.environ | quiet | {"PATH": path}, capture_output=True, text=True)


def succeeds(name: str, *arguments: str | Path, cwd: Path = ROOT) -> str:
    done = tool(name, *arguments, cwd=cwd)
    assert done.returncode == 0, f"{name}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def pinned() -> dict[str, str]:
    """The versions that the lock files promise, by tool."""
    node = json.loads((TOOLS / "package.json").read_text())["devDependencies"]
    python = dict(re.findall(r"^([a-z-]+)==([^ ]+)", (TOOLS / "requirements.lock").read_text(), re.MULTILINE))
    names = ("openapi-python-client", "ruff")
    return {name: node[package] for name, package in PACKAGES.items()} | {name: python[name] for name in names}


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """The document with one operationId given twice."""
    document = json.loads(DOCUMENT.read_text())
    document["paths"]["/v1/operators"]["get"]["operationId"] = "get_sites"
    (tmp_path / "planted.json").write_text(json.dumps(document))
    return tmp_path / "planted.json"


@pytest.mark.parametrize("name", pinned())
def test_the_tools_are_those_that_the_locks_promise(name: str, capsys: pytest.CaptureFixture):
    said = succeeds(name, "--version")
    with capsys.disabled():
        print(f"\n{name} {pinned()[name]}", end=" ")
    assert pinned()[name] in said


def test_the_locks_name_no_registry():
    for lock in ("package-lock.json", "requirements.lock"):
        text = (TOOLS / lock).read_text()
        assert '"resolved"' not in text
        assert "registry." not in text
    packages = json.loads((TOOLS / "package-lock.json").read_text())["packages"]
    assert [path for path, package in packages.items() if path and "integrity" not in package] == []


def test_redocly_finds_no_error():
    succeeds("redocly", "lint", DOCUMENT, "--config", TOOLS / "redocly.yaml")


def test_redocly_would_find_an_error(planted: Path):
    done = tool("redocly", "lint", planted, "--config", TOOLS / "redocly.yaml")
    assert done.returncode == 1
    assert "operation-operationId-unique" in done.stdout


def test_spectral_finds_no_error():
    succeeds("spectral", "lint", DOCUMENT, "--ruleset", TOOLS / ".spectral.yaml")


def test_spectral_would_find_an_error(planted: Path):
    done = tool("spectral", "lint", planted, "--ruleset", TOOLS / ".spectral.yaml")
    assert done.returncode == 1
    assert "operation-operationId-unique" in done.stdout


def test_a_report_and_its_receipt_compile_in_typescript(tmp_path: Path):
    succeeds("openapi-typescript", DOCUMENT, "--output", tmp_path / "api.ts")
    copy(TOOLS / "report.ts", tmp_path)
    succeeds("tsc", "--noEmit", "--strict", "--skipLibCheck", "false", "report.ts", cwd=tmp_path)


def test_a_generated_python_client_sends_a_report_and_reads_the_receipt(tmp_path: Path):
    package = tmp_path / "crosstally_generated"
    succeeds(
        "openapi-python-client",
        *("generate", "--path", DOCUMENT, "--output-path", package, "--meta", "none", "--fail-on-warning"),
        *("--config", TOOLS / "openapi-python-client.yml"),
    )
    _import_unset(package / "api" / "bulk_reports" / "post_reports.py")
    succeeds("python", "-m", "compileall", "-q", package)
    copy(TOOLS / "report.py", tmp_path)
    succeeds("python", "-W", "error", "report.py", package.name, EXAMPLE, cwd=tmp_path)


def _import_unset(module: Path) -> None:
    """What the generator (0.29) forgets where an operation takes several bodies and has no optional parameter."""
    text = module.read_text()
    assert "import UNSET, File, Response\n" in text, "the generator imports it now: this can go"
    module.write_text(text.replace("import UNSET, File, Response\n", "import UNSET, File, Response, Unset\n"))
