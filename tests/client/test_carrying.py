"""What the distribution carries of the hub is what the hub has."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from carrying import HERE, PACKAGE, ROOMS, ROOTS, carried, carry, needed, rewritten
from tests.arrows import ROOT, imports_of

COPIES = HERE / "crosstally" / "_hub"


def test_the_copies_differ_in_the_names_of_rooms_alone():
    for path in sorted(needed(ROOT)):
        original, copy = (ROOT / path).read_text(), (COPIES / path).read_text()
        assert copy.replace(f"{PACKAGE}.", "") == original, path


def test_there_is_nothing_among_the_copies_that_the_hub_does_not_have():
    there = {str(path.relative_to(COPIES)) for path in COPIES.rglob("*") if path.suffix in (".py", ".toml")}
    assert there == set(carried())


def test_a_copy_knows_no_room_but_copies_and_none_of_the_web():
    names = {name for path in COPIES.rglob("*.py") for _, name in imports_of(path.read_text())}
    assert not names & {*ROOMS, "flask", "sqlalchemy", "actions", "store", "api", "auth"}


def test_all_that_a_copy_imports_is_there():
    for path in COPIES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE}."):
                module = COPIES / node.module.removeprefix(f"{PACKAGE}.").replace(".", "/")
                assert module.with_suffix(".py").exists() or (module / "__init__.py").exists(), node.module


def test_what_looks_like_a_room_elsewhere_in_a_line_stays():
    assert rewritten("from domain.report import Report\n") == "from crosstally._hub.domain.report import Report\n"
    assert rewritten("    import formats.reports as f\n") == "    import crosstally._hub.formats.reports as f\n"
    assert rewritten("from domains import x\n# from domain\n") == "from domains import x\n# from domain\n"


def test_without_the_hub_the_copies_that_came_along_are_kept(tmp_path):
    carry(ROOT, tmp_path / "_hub")
    before = sorted(path.read_bytes() for path in (tmp_path / "_hub").rglob("*.py"))
    carry(tmp_path / "nowhere", tmp_path / "_hub")
    assert sorted(path.read_bytes() for path in (tmp_path / "_hub").rglob("*.py")) == before
    with pytest.raises(SystemExit):
        carry(tmp_path / "nowhere", tmp_path / "nothing")


def test_a_copy_that_the_hub_no_longer_has_goes(tmp_path):
    carry(ROOT, tmp_path / "_hub")
    (tmp_path / "_hub/domain/old.py").write_text("")
    carry(ROOT, tmp_path / "_hub")
    assert not (tmp_path / "_hub/domain/old.py").exists()


def test_the_base_needs_no_extra():
    blocked = ("numpy", "polars", "pandas", "marshmallow", "cryptography", "joserfc", "openpyxl", "rfc8785", "highspy")
    code = f"import sys; sys.modules.update(dict.fromkeys({blocked!r})); import crosstally.commands.main"
    subprocess.run([sys.executable, "-c", code], cwd=HERE, check=True)


def test_every_root_is_there():
    assert all((ROOT / root).exists() for root in ROOTS)


def test_extras_ask_for_what_the_hub_is_tested_with():
    """What judges and attacks is of the versions that the hub is tested with."""

    def floors(path: Path) -> dict[str, str]:
        return dict(re.findall(r"^    ([A-Za-z0-9_-]+)(?:\[.*?\])? >=([0-9.]+)", path.read_text(), re.M))

    ours, theirs = floors(HERE / "setup.cfg"), floors(ROOT / "setup.cfg")
    assert {name: ours[name] for name in ("numpy", "highspy", "marshmallow")} == {
        name: theirs[name] for name in ("numpy", "highspy", "marshmallow")
    }
