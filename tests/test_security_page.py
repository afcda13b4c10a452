"""The security page names tests that are there."""

import ast
import re

import pytest

from tests.arrows import ROOT

PAGES = sorted(path.name for path in (ROOT / "docs").glob("security*.md"))
FILES = [path for path in (ROOT / "tests").rglob("*.py")]
NAMES = {
    node.name for path in FILES for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)
}


def quoted(page: str) -> list[str]:
    return re.findall(r"`([^`\s]+)`", (ROOT / "docs" / page).read_text())


def is_there(word: str) -> bool:
    if word.startswith("tests/"):
        return (ROOT / word).exists()
    return any(path.name == word for path in FILES) if word.endswith(".py") else word in NAMES


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_security_page_names_is_there(page):
    named = [word for word in quoted(page) if word.startswith(("test_", "tests/"))]
    assert len(named) > 10
    assert [word for word in named if not is_there(word)] == []


def test_a_test_that_is_not_there_would_be_found():
    assert not any(map(is_there, ("test_that_nobody_wrote", "tests/store/test_nothing.py", "test_nothing.py")))


def test_every_control_of_the_main_page_names_what_proves_it():
    text = (ROOT / "docs" / "security.md").read_text()
    rows = [row for table in text.split("| proved by |")[1:] for row in table.split("\n\n")[0].splitlines()[2:]]
    assert len(rows) > 30
    assert [row for row in rows if "`test" not in row.rpartition(" | ")[2]] == []
