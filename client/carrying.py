"""What of the hub's code goes into the distribution, and how: copies made when it is built, never by hand.

The modules named in ROOTS and all that they import of ours are copied to `crosstally/_hub`, with the names of the
rooms in their imports changed and nothing else. A source distribution has the copies in it already.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
HUB = HERE.parent
PACKAGE = "crosstally._hub"

ROOMS = ("domain", "disclosure", "formats", "schemas", "openapi")
"""The rooms of which something is carried."""
ROOTS = (
    "domain/checks.py",
    "domain/ledger.py",
    "domain/site_content.py",
    "openapi/report_files.py",
    "disclosure/linear/components.py",
    "disclosure/linear/search.py",
)
DATA = ("domain/dictionaries/*.toml",)

_IMPORT = re.compile(rf"^(\s*)(from|import) ({'|'.join(ROOMS)})\b", re.M)
_FILES = re.compile(rf'files\("({"|".join(ROOMS)})"\)')


def carried(hub: Path = HUB) -> dict[str, bytes]:
    """Every file to carry, by its path below `_hub`."""
    found = {path: rewritten((hub / path).read_text()).encode() for path in sorted(needed(hub))}
    found |= {str(path.relative_to(hub)): path.read_bytes() for pattern in DATA for path in hub.glob(pattern)}
    return {"__init__.py": b'"""Parts of the hub, copied when this was built."""\n', **found}


def rewritten(source: str) -> str:
    """A module of the hub as it stands in the package."""
    return _FILES.sub(rf'files("{PACKAGE}.\1")', _IMPORT.sub(rf"\1\2 {PACKAGE}.\3", source))


def needed(hub: Path) -> set[str]:
    """The paths of all modules that the roots import, and of the packages they are in."""
    found: set[str] = set()
    waiting = list(ROOTS)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _packages_of(path)
            waiting += _imported_by(hub, path)
    return found


def carry(hub: Path = HUB, target: Path = HERE / "crosstally" / "_hub") -> None:
    """Write the copies, where this is a checkout of the hub; a source distribution keeps those it has."""
    if not (hub / ROOTS[0]).exists():
        if not (target / ROOTS[0]).exists():
            raise SystemExit("There is neither a checkout of the hub nor a copy of its parts to build from.")
        return
    wanted = carried(hub)
    for path in target.rglob("*.*") if target.exists() else ():
        if path.suffix in (".py", ".toml") and str(path.relative_to(target)) not in wanted:
            path.unlink()
    for name, content in wanted.items():
        _write(target / name, content)


def _write(path: Path, content: bytes) -> None:
    """Write what differs, in one step: another build may read it."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)


def _packages_of(path: str) -> list[str]:
    parents = [parent for parent in Path(path).parents if parent.name]
    return [str(parent / "__init__.py") for parent in parents]


def _imported_by(hub: Path, path: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((hub / path).read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            module = f"{name.replace('.', '/')}.py"
            if name.partition(".")[0] in ROOMS and (hub / module).exists():
                yield module


if __name__ == "__main__":
    carry()
