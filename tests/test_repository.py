"""The tree keeps its own rules: arrows, sizes, words that must not be in it."""

import ast
import re
import shutil
import subprocess
from pathlib import Path
from statistics import median

import pytest

from tests.arrows import CLIENT, HEIGHT, ROOT, broken_arrows, modules_of

MODULES = [path for room in (*HEIGHT, CLIENT) for path in modules_of(ROOT, room)] + [ROOT / "wsgi.py"]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()


def function_lengths() -> list[tuple[int, str]]:
    lengths = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths.append((node.end_lineno - node.lineno + 1, f"{path.name}:{node.name}"))
    return lengths


def test_imports_run_downward_only():
    assert broken_arrows() == []


@pytest.mark.parametrize(
    ("room", "planted"),
    [
        ("domain", "import store.tables"),
        ("domain", "import flask"),
        ("actions", "from api import BLUEPRINTS"),
        ("actions", "import marshmallow"),
        ("api", "from store.database import Database"),
        ("store", "from disclosure import engine"),
        ("auth", "import openapi.problems"),
        ("schemas", "import actions.hub"),
        ("disclosure", "from sqlalchemy import select"),
        ("api", "from . import reports"),
        ("client", "from domain.report import Report"),
        ("cli", "import crosstally"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, room: str, planted: str):
    for name in (*HEIGHT, "client"):
        (tmp_path / name).mkdir()
    shutil.move(tmp_path / "wsgi", tmp_path / "wsgi_folder")
    (tmp_path / "wsgi.py").write_text("import api\n")
    (tmp_path / room / "planted.py").write_text(f"{planted}\n")
    assert [line.partition(" ")[0] for line in broken_arrows(tmp_path)] == [f"{room}/planted.py:1:"]


def test_functions_are_short():
    lengths = function_lengths()
    assert max(lengths) < (61, "")
    assert median(length for length, _ in lengths) <= 8
    assert sum(length > 30 for length, _ in lengths) <= len(lengths) / 20


def test_modules_are_short():
    assert [path.name for path in MODULES if len(path.read_text().splitlines()) > 400] == []


def test_every_module_says_what_it_is():
    assert [str(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_no_file_names_a_registry_host_or_a_path_of_someones_machine():
    hosts = re.compile(r"index.url|\"resolved\": *\"http|https?://(files|registry|deb|mirror)[.]")
    machine = re.compile(r"/home/[a-z]+/|/ro{2}t/")
    texts = [ROOT / name for name in TRACKED if (ROOT / name).is_file() and name != "tests/test_repository.py"]
    assert [p.name for p in texts if any(r.search(p.read_text(errors="ignore")) for r in (hosts, machine))] == []
