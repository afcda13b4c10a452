"""What of an operation breaks its callers: parameters, body, answers, security."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openapi.breaking_schemas import Break, SchemaComparison
from openapi.breaking_shapes import Document, Node, Part, node

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
NOTHING = Part({}, "")
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}

Alternative = Mapping[str, frozenset[str]]
"""One way to be allowed in: the scopes needed, by security scheme."""


@dataclass(frozen=True)
class Operation:
    """One method of one path, with what the path says for all its methods."""

    method: str
    path: str
    part: Part
    item: Part

    @property
    def label(self) -> str:
        return f"{self.method.upper()} {self.path}"


def operations(document: Document) -> dict[tuple[str, str], Operation]:
    """Every operation of the document, by path and method."""
    found = {}
    for path in document.root.content.get("paths", {}):
        item = document.resolve(document.root.at("paths", path))
        for method in METHODS:
            if method in item.content:
                found[path, method] = Operation(method, path, item.at(method), item)
    return found


class OperationComparison:
    """Compares operations of two documents."""

    def __init__(self, released: Document, current: Document) -> None:
        self.released = released
        self.current = current
        self.requests = SchemaComparison(released, current, "request")
        self.responses = SchemaComparison(released, current, "response")

    def compare(self, old: Operation, new: Operation) -> Iterator[Break]:
        """What breaks for callers of the released operation."""
        yield from self._operation_id(old, new)
        yield from self._security(old, new)
        yield from self._parameters(old, new)
        yield from self._body(old, new)
        yield from self._responses(old, new)

    def _operation_id(self, old: Operation, new: Operation) -> Iterator[Break]:
        was, now = (operation.part.content.get("operationId") for operation in (old, new))
        if was is not None and was != now:
            yield Break(f"operationId changed from {was} to {now}", old.part.place)

    def _security(self, old: Operation, new: Operation) -> Iterator[Break]:
        offered = _ways_in(self.current, new)
        for held in _ways_in(self.released, old):
            if not any(_suffices(held, asked) for asked in offered):
                yield Break(_lockout(held, offered), f"{old.part.place}/security")

    def _parameters(self, old: Operation, new: Operation) -> Iterator[Break]:
        before, after = _parameters(self.released, old), _parameters(self.current, new)
        appeared = {name: place for place, name in after.keys() - before.keys()}
        for (location, name), part in before.items():
            if (location, name) in after:
                yield from self._parameter(part, after[location, name], f"{location} parameter {name}")
            elif name in appeared:
                moved = appeared.pop(name)
                yield Break(f"parameter {name} moved from {location} to {moved}", part.place)
            else:
                yield Break(f"{location} parameter {name} removed", part.place)
        for name, location in sorted(appeared.items()):
            if after[location, name].content.get("required"):
                yield Break(f"required {location} parameter {name} added", after[location, name].place)

    def _parameter(self, old: Part, new: Part, label: str) -> Iterator[Break]:
        if new.content.get("required") and not old.content.get("required"):
            yield Break(f"{label} made required", old.place)
        if _serialisation(old.content) != _serialisation(new.content):
            yield Break(f"{label} written differently (style, explode)", old.place)
        yield from self._value(old, new, self.requests, label)

    def _body(self, old: Operation, new: Operation) -> Iterator[Break]:
        before, after = _below(self.released, old.part, "requestBody"), _below(self.current, new.part, "requestBody")
        if before is NOTHING and after.content.get("required"):
            yield Break("required request body added", after.place)
        elif after is NOTHING and before is not NOTHING:
            yield Break("request body removed", before.place)
        elif after.content.get("required") and not before.content.get("required"):
            yield Break("request body made required", before.place)
        if after is not NOTHING:
            yield from self._content(before, after, self.requests)

    def _responses(self, old: Operation, new: Operation) -> Iterator[Break]:
        before, after = old.part.content.get("responses", {}), new.part.content.get("responses", {})
        for status in before:
            was = self.released.resolve(old.part.at("responses", status))
            if status in after:
                now = self.current.resolve(new.part.at("responses", status))
                yield from self._headers(was, now)
                yield from self._content(was, now, self.responses)
            elif status[0] in "23":
                yield Break(f"response {status} removed", was.place)

    def _headers(self, old: Part, new: Part) -> Iterator[Break]:
        after = {name.lower(): name for name in new.content.get("headers", {})}
        for name in old.content.get("headers", {}):
            was = self.released.resolve(old.at("headers", name))
            if name.lower() not in after:
                yield Break(f"response header {name} removed", was.place)
                continue
            now = self.current.resolve(new.at("headers", after[name.lower()]))
            if was.content.get("required") and not now.content.get("required"):
                yield Break(f"response header {name} no longer required", was.place)
            yield from self._value(was, now, self.responses, f"header {name}")

    def _value(self, old: Part, new: Part, comparison: SchemaComparison, label: str) -> Iterator[Break]:
        """The value of a parameter or a header; places within shared schemas don't tell whose they are."""
        breaks = [*comparison.compare(_schema(old), _schema(new)), *self._content(old, new, comparison)]
        yield from (Break(f"{what} ({label})", place) for what, place in breaks)

    def _content(self, old: Part, new: Part, comparison: SchemaComparison) -> Iterator[Break]:
        for media in old.content.get("content", {}):
            was = old.at("content", media)
            if media in new.content.get("content", {}):
                yield from comparison.compare(_schema(was), _schema(new.at("content", media)))
            else:
                yield Break(f"{comparison.way} media type {media} removed", was.place)


def _below(document: Document, part: Part, key: str) -> Part:
    return document.resolve(part.at(key)) if key in part.content else NOTHING


def _schema(part: Part) -> Node:
    return node(part.at("schema")) if "schema" in part.content else ()


def _parameters(document: Document, operation: Operation) -> dict[tuple[str, str], Part]:
    """The parameters by location and name; those of the operation go before those of the path."""
    found = {}
    for holder in (operation.item, operation.part):
        for number in range(len(holder.content.get("parameters", ()))):
            parameter = document.resolve(holder.at("parameters", number))
            found[parameter.content["in"], parameter.content["name"]] = parameter
    return found


def _serialisation(parameter: Mapping[str, Any]) -> tuple[str, bool]:
    style = parameter.get("style", _STYLES[parameter["in"]])
    return style, parameter.get("explode", style == "form")


def _ways_in(document: Document, operation: Operation) -> list[Alternative]:
    """The alternatives of the operation's security; a public operation asks for nothing."""
    stated = operation.part.content.get("security", document.root.content.get("security"))
    return [{scheme: frozenset(scopes) for scheme, scopes in way.items()} for way in stated or [{}]]


def _suffices(held: Alternative, asked: Alternative) -> bool:
    return all(scheme in held and scopes <= held[scheme] for scheme, scopes in asked.items())


def _lockout(held: Alternative, offered: list[Alternative]) -> str:
    """Why what a client holds is no longer enough."""
    if not held:
        return "public operation secured"
    for asked in offered:
        if asked.keys() == held.keys() and all(held[scheme] <= asked[scheme] for scheme in held):
            added = frozenset[str]().union(*(asked[scheme] - held[scheme] for scheme in held))
            return f"scope {' '.join(sorted(added))} added"
    ways = " and ".join(" ".join([scheme, *sorted(scopes)]) for scheme, scopes in held.items())
    return f"security alternative {ways} removed"
