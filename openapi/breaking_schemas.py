"""What of a schema breaks those who relied on it.

One idea for both directions. A request breaks when something that was accepted is accepted no longer; an answer
breaks when it may be something that it could not be before. So the released schema of a request must fit within the
current one, and the current schema of an answer within the released one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from openapi.breaking_shapes import NUMBERS, UPPER_LIMITS, Document, Node, Shape, escaped, json_text, places

Way = Literal["request", "response"]


class Break(NamedTuple):
    """What broke, in words, and where it stands in the released document (the current one if it is new)."""

    what: str
    place: str


class SchemaComparison:
    """Compares the schemas of two documents, of requests or of responses."""

    def __init__(self, released: Document, current: Document, way: Way) -> None:
        self.released = released
        self.current = current
        self.way = way
        self._under_way: set[tuple[tuple[str, ...], ...]] = set()

    def compare(self, old: Node, new: Node) -> list[Break]:
        """What breaks when the schema `old` of the released document becomes `new`."""
        # What is being compared further up is left to it: schemas may contain themselves.
        key = places(old), places(new)
        if key in self._under_way or not (old or new):
            return []
        self._under_way.add(key)
        inner, outer = self._turned(self.released.alternatives(old), self.current.alternatives(new))
        found = [found for shape in inner for found in self._misfits(shape, inner, outer)]
        self._under_way.discard(key)
        return found

    def _turned(self, one: Any, other: Any) -> tuple[Any, Any]:
        """(released, current) as (inner, outer), and back."""
        return (one, other) if self.way == "request" else (other, one)

    def _break(self, what: str, place: str) -> Break:
        return Break(f"{self.way} {what}", place)

    def _may_grow(self, shape: Shape) -> bool:
        return self.way == "response" and shape.is_open

    def _misfits(self, shape: Shape, inner: list[Shape], outer: list[Shape]) -> list[Break]:
        """Why an inner alternative fits into none of the outer ones; nothing if it does fit."""
        compared = [(other, self._compare_shapes(shape, other)) for other in outer if _is_same_kind(shape, other)]
        if any(not breaks for _, breaks in compared):
            return []
        counterparts = [breaks for other, breaks in compared if _is_counterpart(shape, other, inner, outer)]
        if counterparts:
            return min(counterparts, key=len)
        if any(self._may_grow(other) for other in outer):
            return []
        if len(inner) == len(outer) == 1:
            old, new = self._turned(shape, outer[0])
            return [self._break(_retyped(old, new), old.place or new.place)]
        return [self._break(self._words_of_lost(shape, outer), shape.place)]

    def _words_of_lost(self, shape: Shape, outer: list[Shape]) -> str:
        if not any(_is_same_kind(shape, other) for other in outer):
            became = "no longer accepted" if self.way == "request" else "may now be answered"
            return f"type {_type_name(shape)} {became}"
        alternative = shape.name.rpartition("/")[2] or " ".join(sorted(shape.properties)) or _type_name(shape)
        return f"alternative {alternative} {'removed' if self.way == 'request' else 'added'}"

    def _compare_shapes(self, inner: Shape, outer: Shape) -> list[Break]:
        old, new = self._turned(inner, outer)
        words = (
            *self._type_words(inner, outer),
            *self._value_words(inner, outer),
            *self._limit_words(inner, outer),
            *self._demand_words(inner, outer),
            *self._default_words(old, new),
        )
        return [
            *(self._break(what, old.place or new.place) for what in words),
            *self._compare_properties(old, new),
            *self._compare_required(old, new),
            *self._compare_additional(old, new),
            *self.compare(old.items, new.items),
        ]

    def _type_words(self, inner: Shape, outer: Shape) -> Iterator[str]:
        if outer.type not in (None, inner.type) and (inner.type, outer.type) != ("integer", "number"):
            yield _retyped(*self._turned(inner, outer))

    def _value_words(self, inner: Shape, outer: Shape) -> Iterator[str]:
        if outer.values is None or self._may_grow(outer):
            return
        if inner.values is None:
            yield f"enum {'added' if self.way == 'request' else 'removed'}: {_listed(outer.values)}"
        elif inner.values - outer.values:
            became = "narrowed, without" if self.way == "request" else "widened, with"
            yield f"enum {became} {_listed(inner.values - outer.values)}"

    def _limit_words(self, inner: Shape, outer: Shape) -> Iterator[str]:
        for word, limit in outer.limits.items():
            # Lengths start at nought.
            given = inner.limits.get(word, 0 if word in ("minLength", "minItems", "minProperties") else None)
            if given is None or (given > limit if word in UPPER_LIMITS else given < limit):
                yield _changed(word, *self._turned(inner.limits.get(word), limit))

    def _demand_words(self, inner: Shape, outer: Shape) -> Iterator[str]:
        for word, demanded in sorted(outer.demands - inner.demands):
            given = next((text for name, text in sorted(inner.demands) if name == word), None)
            step = given or ("1" if inner.type == "integer" else None)
            if word != "multipleOf" or step is None or Decimal(step) % Decimal(demanded):
                yield _changed(word, *self._turned(given, demanded))

    def _default_words(self, old: Shape, new: Shape) -> Iterator[str]:
        if self.way == "request" and old.default is not None and old.default != new.default:
            yield _changed("default", old.default, new.default)

    def _compare_properties(self, old: Shape, new: Shape) -> Iterator[Break]:
        for name, schemas in old.properties.items():
            if name in new.properties:
                yield from self.compare(schemas, new.properties[name])
            else:
                yield self._break(f"property {name} removed", _property_place(old, name))
        if self.way == "response":
            for name in sorted(new.properties.keys() - old.properties.keys()):
                yield from self._compare_added(name, old, new)

    def _compare_added(self, name: str, old: Shape, new: Shape) -> Iterator[Break]:
        """A new property of an answer is harmless, unless the released schema says what other ones are like."""
        if old.is_closed:
            yield self._break(f"property {name} added to a closed object", _property_place(new, name))
        elif old.additional:
            yield from self.compare(old.additional, new.properties[name])

    def _compare_required(self, old: Shape, new: Shape) -> Iterator[Break]:
        if self.way == "request":
            for name in sorted(new.required - old.required):
                what = f"property {name} made required" if name in old.properties else f"required property {name} added"
                yield self._break(what, _property_place(old, name))
            return
        gone = old.properties.keys() - new.properties.keys()
        for name in sorted(old.required - new.required - gone):
            yield self._break(f"property {name} no longer required", _property_place(old, name))

    def _compare_additional(self, old: Shape, new: Shape) -> Iterator[Break]:
        inner, outer = self._turned(old, new)
        if outer.is_closed and not inner.is_closed:
            became = "closed" if self.way == "request" else "opened"
            yield self._break(f"additionalProperties {became}", old.place)
        elif not inner.is_closed:
            yield from self.compare(old.additional, new.additional)


def _is_same_kind(one: Shape, other: Shape) -> bool:
    """Whether one value could have both types; integers and numbers are of one kind."""
    return None in (one.type, other.type) or one.type == other.type or {one.type, other.type} == NUMBERS


def _is_counterpart(shape: Shape, other: Shape, inner: list[Shape], outer: list[Shape]) -> bool:
    """Whether two alternatives of one kind are the same thing, changed, rather than two things."""
    if all(sum(_is_same_kind(shape, one) for one in shapes) == 1 for shapes in (inner, outer)):
        return True
    if shape.name and other.name and shape.name != other.name:
        names = {one.name for one in inner} & {one.name for one in outer}
        return not names & {shape.name, other.name} and bool(shape.properties.keys() & other.properties.keys())
    return bool(shape.properties.keys() & other.properties.keys()) or not (shape.properties or other.properties)


def _type_name(shape: Shape) -> str:
    return shape.type or "any"


def _retyped(old: Shape, new: Shape) -> str:
    return f"type changed from {_type_name(old)} to {_type_name(new)}"


def _property_place(shape: Shape, name: str) -> str:
    return f"{shape.place}/properties/{escaped(name)}"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))


def _changed(word: str, was: Any, now: Any) -> str:
    """A keyword's change in words; limits are numbers, everything else is JSON text."""
    shown = [value if isinstance(value, str) else json_text(value) for value in (was, now)]
    if was is None:
        return f"{word} added: {shown[1]}"
    if now is None:
        return f"{word} removed: {shown[0]}"
    if isinstance(was, str):
        return f"{word} changed from {shown[0]} to {shown[1]}"
    return f"{word} {'raised' if now > was else 'lowered'} from {shown[0]} to {shown[1]}"
