"""The arrows of the design: imports run downward only. `python -m tests.arrows` lists what breaks them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Top to bottom; rooms on one line must not know each other, except the two composition roots.
LAYERS = (
    ("wsgi", "cli"),
    ("api", "web"),
    ("auth", "openapi"),
    ("schemas",),
    ("actions",),
    ("disclosure", "comparison", "formats", "store"),
    ("domain",),
)
ROOTS = {"wsgi", "cli"}
CLIENT, CARRIED = "client", "client/crosstally/_hub"
"""The distribution of its own: it knows HTTP, and of our rooms only the copies that are made when it is built."""
HEIGHT = {room: -number for number, layer in enumerate(LAYERS) for room in layer}

WEB = {"flask", "werkzeug", "flask_smorest", "webargs", "apispec"}
BANNED = {
    "api": {"store", "sqlalchemy"},
    "web": {"store", "sqlalchemy"},
    "schemas": (set(HEIGHT) - {"schemas", "domain"}) | {"sqlalchemy", "flask", "authlib"},
    "actions": WEB | {"marshmallow"},
    **{room: WEB | {"marshmallow", "sqlalchemy", "authlib"} for room in ("disclosure", "comparison", "formats")},
}
DOMAIN_MAY = {"domain", "numpy", "orjson", "rfc8785"} | set(sys.stdlib_module_names)


def imports_of(source: str) -> Iterator[tuple[int, str]]:
    """(line, top-level module) of every import in a module's source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, (node.module or "").partition(".")[0] if not node.level else "(relative)"


def complaint(room: str, imported: str) -> str | None:
    """What is wrong with a module of `room` importing `imported`, or None."""
    if imported == "(relative)":
        return "a relative import; name the room"
    if room == CLIENT:
        return f"client knows HTTP and its copies of our rooms, not {imported}" if imported in HEIGHT else None
    if imported == "crosstally":
        return f"{room} must not know the client"
    if imported in BANNED.get(room, ()):
        return f"{room} must not know {imported}"
    if room == "domain" and imported not in DOMAIN_MAY:
        return f"domain is the standard library, numpy, orjson and rfc8785, not {imported}"
    if imported not in HEIGHT or imported == room or {room, imported} <= ROOTS:
        return None
    if HEIGHT[imported] >= HEIGHT[room]:
        return f"{room} must not import {imported}: imports run downward"
    return None


def modules_of(root: Path, room: str) -> list[Path]:
    """The modules of a room, without copies of others and what a build left."""
    made = [root / CARRIED, root / CLIENT / "build"]
    return [path for path in sorted((root / room).rglob("*.py")) if not any(map(path.is_relative_to, made))]


def broken_arrows(root: Path = ROOT) -> list[str]:
    """Every broken arrow below the root as `file:line: complaint`."""
    found = []
    for room in (*HEIGHT, CLIENT):
        for path in [root / "wsgi.py"] if room == "wsgi" else modules_of(root, room):
            for line, imported in imports_of(path.read_text()):
                if text := complaint(room, imported):
                    found.append(f"{path.relative_to(root)}:{line}: {text}")
    return found


if __name__ == "__main__":
    broken = broken_arrows()
    print("\n".join(broken) or "every arrow points down")
    sys.exit(bool(broken))
