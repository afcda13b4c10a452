"""The attack shares nothing with what chooses the hidden cells but the unknowns and relations themselves."""

import ast
from pathlib import Path

ROOM = Path(__file__).parents[2] / "disclosure"


def imported(module: Path) -> set[str]:
    tree = ast.parse(module.read_text())
    return {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_neither_the_attack_nor_what_it_stands_on_knows_the_suppression_or_the_plan():
    modules = [ROOM / "attack.py", ROOM / "nearby.py", *(ROOM / "linear").glob("*.py")]
    assert len(modules) > 10
    for module in modules:
        known = {name for name in imported(module) if name.startswith("disclosure.")}
        strangers = {name for name in known if name.split(".")[1] in ("suppression", "publication", "engine")}
        assert not strangers, f"{module.name} imports {strangers}"
