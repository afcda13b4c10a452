"""What in the OpenAPI document would break the clients of the released one: `python -m openapi.breaking`.

The rules are listed for readers in docs/versioning.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openapi.breaking_operations import OperationComparison, operations
from openapi.breaking_schemas import Break
from openapi.breaking_shapes import Document, escaped

ROOM = Path(__file__).parent
CURRENT = ROOM / "v1.json"
RELEASED = ROOM / "released.json"
PROBLEM = "application/problem+json"
MANY = 3

_FIXED_OF_SCHEME = ("type", "in", "name", "scheme", "openIdConnectUrl")


def breaking_changes(released: Mapping[str, Any], current: Mapping[str, Any]) -> list[str]:
    """What breaks, a line each: the kind of change, its place, and the operations that meet it.

    Both are OpenAPI 3.1 documents as JSON objects. Raises ValueError for a reference that leads nowhere or out of
    the document.
    """
    before, after = Document(released), Document(current)
    meetings: dict[Break, list[str]] = {}
    for found, label in _breaks(before, after):
        labels = meetings.setdefault(found, [])
        if label not in labels:
            labels.append(label)
    return [_message(found, labels) for found, labels in meetings.items()]


def _breaks(before: Document, after: Document) -> Iterator[tuple[Break, str]]:
    """Every break, with the operation or the part of the document that it is about."""
    yield from _operation_breaks(before, after)
    yield from ((found, "every operation secured by it") for found in _scheme_breaks(before, after))
    yield from ((found, "every client that knows the code") for found in _problem_breaks(before, after))


def _operation_breaks(before: Document, after: Document) -> Iterator[tuple[Break, str]]:
    comparison = OperationComparison(before, after)
    known = operations(after)
    paths = {path for path, _ in known}
    for key, old in operations(before).items():
        if key in known:
            yield from ((found, old.label) for found in comparison.compare(old, known[key]))
        elif old.path in paths:
            yield Break("operation removed", old.part.place), old.label
        else:
            yield Break("path removed", f"#/paths/{escaped(old.path)}"), old.label


def _scheme_breaks(before: Document, after: Document) -> Iterator[Break]:
    """What the clients of a security scheme notice; one that is gone is missed by the operations."""
    old, new = (document.root.content.get("components", {}).get("securitySchemes", {}) for document in (before, after))
    for name in sorted(old.keys() & new.keys()):
        place = f"#/components/securitySchemes/{escaped(name)}"
        for word in _FIXED_OF_SCHEME:
            if old[name].get(word) != new[name].get(word):
                yield Break(f"security scheme {name}: {word} changed", place)
        for flow, facts in old[name].get("flows", {}).items():
            left = new[name].get("flows", {}).get(flow)
            if left is None:
                yield Break(f"security scheme {name}: flow {flow} removed", f"{place}/flows/{flow}")
                continue
            for scope in sorted(facts["scopes"].keys() - left["scopes"].keys()):
                yield Break(f"security scheme {name}: scope {scope} removed", f"{place}/flows/{flow}/scopes")


def _problem_breaks(before: Document, after: Document) -> Iterator[Break]:
    """Codes that no example of a problem names any more: clients decide by them."""
    left = dict(_problem_codes(after.root.content, after))
    for code, place in dict(_problem_codes(before.root.content, before)).items():
        if code not in left:
            yield Break(f"problem code {code} removed", place)


def _problem_codes(content: Any, document: Document, place: str = "#") -> Iterator[tuple[str, str]]:
    """(code, place) of every example of a problem document below."""
    if isinstance(content, Mapping):
        for key, inner in content.items():
            below = f"{place}/{escaped(key)}"
            if key == PROBLEM:
                yield from ((str(e["type"]).rpartition("/")[2], below) for e in _examples(inner, document))
            else:
                yield from _problem_codes(inner, document, below)
    elif isinstance(content, list):
        for number, inner in enumerate(content):
            yield from _problem_codes(inner, document, f"{place}/{number}")


def _examples(media: Mapping[str, Any], document: Document) -> Iterator[Mapping[str, Any]]:
    named = media.get("examples", {}).values()
    targets = [document.target(one["$ref"]).content if "$ref" in one else one for one in named]
    for example in (media.get("example"), *(one.get("value") for one in targets)):
        if isinstance(example, Mapping) and "type" in example:
            yield example


def _message(found: Break, labels: list[str]) -> str:
    more = len(labels) - MANY
    named = ", ".join(labels[:MANY]) + (f" and {more} more" if more > 0 else "")
    return f"{found.what}, at {found.place}: {named}"


def main(arguments: list[str] | None = None) -> int:
    """The command: prints what breaks; answers 0 for nothing, 1 for something, 2 where it can't tell."""
    parser = argparse.ArgumentParser(
        prog="python -m openapi.breaking",
        description="Compare the OpenAPI document with the released one and print what would break clients.",
        epilog="Exit status: 0 nothing breaks, 1 something does, 2 a document is missing or unreadable. "
        "docs/versioning.md lists the rules, and says how the released document is renewed.",
    )
    parser.add_argument(
        "current", nargs="?", type=Path, default=CURRENT, help="the document to judge (openapi/v1.json)"
    )
    parser.add_argument(
        "--released", type=Path, default=RELEASED, help="the one that clients rely on (openapi/released.json)"
    )
    chosen = parser.parse_args(arguments)
    try:
        broken = breaking_changes(_read(chosen.released), _read(chosen.current))
    except (OSError, ValueError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    print("\n".join(broken) or "Nothing breaks.")
    return 1 if broken else 0


def _read(path: Path) -> dict[str, Any]:
    """The document in a file; raises OSError or ValueError, whose words name the file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"there is no {path}; docs/versioning.md says where it comes from") from None
    except ValueError:
        raise ValueError(f"{path} is not JSON") from None
    if not isinstance(document, dict) or not str(document.get("openapi")).startswith("3.1"):
        raise ValueError(f"{path} is not an OpenAPI 3.1 document")
    return document


if __name__ == "__main__":
    sys.exit(main())
