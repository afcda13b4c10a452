"""Schemas of an OpenAPI 3.1 document as lists of plain alternatives, so that two of them can be compared.

`oneOf`, `anyOf` and lists of types are alternatives; `$ref` and `allOf` are worked into each of them. What is left, a
`Shape`, has one type, and keywords that can be compared one by one (JSON Schema 2020-12).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, NamedTuple
from urllib.parse import unquote

NUMBERS = frozenset({"integer", "number"})
_STRING = frozenset({"string"})
_ARRAY = frozenset({"array"})
_OBJECT = frozenset({"object"})

UPPER_LIMITS = dict.fromkeys(("maximum", "exclusiveMaximum"), NUMBERS)
UPPER_LIMITS |= {"maxLength": _STRING, "maxItems": _ARRAY, "maxProperties": _OBJECT}
LOWER_LIMITS = dict.fromkeys(("minimum", "exclusiveMinimum"), NUMBERS)
LOWER_LIMITS |= {"minLength": _STRING, "minItems": _ARRAY, "minProperties": _OBJECT}
LIMITS = UPPER_LIMITS | LOWER_LIMITS

# Demands that are met or not: nobody can say which of two patterns is the wider one.
DEMANDS = {
    "multipleOf": NUMBERS,
    "format": NUMBERS | _STRING,
    **dict.fromkeys(("pattern", "contentEncoding", "contentMediaType"), _STRING),
    **dict.fromkeys(("uniqueItems", "prefixItems", "contains", "unevaluatedItems"), _ARRAY),
    **dict.fromkeys(("patternProperties", "propertyNames", "dependentRequired", "unevaluatedProperties"), _OBJECT),
    **dict.fromkeys(("not", "if", "then", "else"), frozenset[str]()),
}


class Part(NamedTuple):
    """Something in a document, and the JSON pointer to it."""

    content: Any
    place: str

    def at(self, *keys: str | int) -> Part:
        """What stands at these keys below."""
        content, place = self
        for key in keys:
            content, place = content[key], f"{place}/{escaped(key)}"
        return Part(content, place)


Node = tuple[Part, ...]
"""Schemas that all apply to one value; none of them: any value is right."""


@dataclass(frozen=True)
class Shape:
    """One plain alternative of a schema; `name` is the reference that led to it, `type` None is any type.

    The values of `enum`, and those in `demands`, are JSON texts, in which 1 and true differ.
    """

    place: str = ""
    name: str = ""
    type: str | None = None
    values: frozenset[str] | None = None
    default: str | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    demands: frozenset[tuple[str, str]] = frozenset()
    properties: Mapping[str, Node] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Node = ()
    items: Node = ()
    is_open: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether the object takes no other properties than those it names."""
        return any(part.content is False for part in self.additional)

    @property
    def is_bare(self) -> bool:
        """Whether it says nothing but a type."""
        return self == Shape(place=self.place, name=self.name, type=self.type, is_open=self.is_open)


def escaped(key: str | int) -> str:
    """A key as a step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def json_text(value: Any) -> str:
    """The value as JSON, the same text for the same value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def node(part: Part) -> Node:
    """The node of one schema; `true` and `{}` are no demand at all."""
    return () if part.content is True or part.content == {} else (part,)


def places(schemas: Node) -> tuple[str, ...]:
    """Where the schemas stand: the same within one document means the same."""
    return tuple(part.place for part in schemas)


class Document:
    """An OpenAPI document, its references followed."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.root = Part(content, "#")
        self._known: dict[tuple[str, ...], list[Shape]] = {}
        self._under_way: set[str] = set()

    def resolve(self, part: Part) -> Part:
        """The part, or what its `$ref` stands for; raises ValueError for a reference that leads nowhere."""
        seen = set()
        while isinstance(part.content, Mapping) and "$ref" in part.content:
            if part.place in seen:
                raise ValueError(f"{part.place} refers to itself")
            seen.add(part.place)
            part = self.target(part.content["$ref"])
        return part

    def target(self, reference: str) -> Part:
        """What a reference within the document points at; raises ValueError where there is nothing."""
        place, *keys = reference.split("/")
        found = self.root
        try:
            if place != "#":
                raise KeyError(place)
            for key in keys:
                name = unquote(key).replace("~1", "/").replace("~0", "~")
                found = found.at(int(name) if isinstance(found.content, list) else name)
        except (KeyError, IndexError, TypeError, ValueError):
            raise ValueError(f"the reference {reference} leads nowhere") from None
        return found

    def alternatives(self, schemas: Node) -> list[Shape]:
        """Every plain alternative of a value to which all these schemas apply; none where no value is right."""
        key = places(schemas)
        if key not in self._known:
            self._known[key] = _combined([[Shape()], *map(self._alternatives_of, schemas)])
        return self._known[key]

    def _alternatives_of(self, part: Part) -> list[Shape]:
        schema = part.content
        if isinstance(schema, bool) or part.place in self._under_way:
            # A schema that only says it is itself says nothing.
            return [] if schema is False else [Shape(part.place)]
        self._under_way.add(part.place)
        found = _combined([list(_own_shapes(part)), *self._applied(part)])
        self._under_way.discard(part.place)
        return found

    def _applied(self, part: Part) -> Iterator[list[Shape]]:
        """The alternatives of everything that applies together with the schema's own keywords."""
        schema = part.content
        if "$ref" in schema:
            found = self._alternatives_of(self.target(schema["$ref"]))
            # A name is the name of one thing; the alternatives of a choice have their own, or none.
            yield [replace(s, name=s.name or schema["$ref"]) for s in found] if len(found) == 1 else found
        for number in range(len(schema.get("allOf", ()))):
            yield self._alternatives_of(part.at("allOf", number))
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                choices = (part.at(keyword, number) for number in range(len(schema[keyword])))
                yield [shape for choice in choices for shape in self._alternatives_of(choice)]


def _own_shapes(part: Part) -> Iterator[Shape]:
    schema = part.content
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    everything = Shape(
        place=part.place,
        limits={keyword: schema[keyword] for keyword in LIMITS if keyword in schema},
        demands=frozenset((word, json_text(schema[word])) for word in DEMANDS if schema.get(word, False) is not False),
        properties={name: node(part.at("properties", name)) for name in schema.get("properties", {})},
        required=frozenset(schema.get("required", ())),
        additional=node(part.at("additionalProperties")) if "additionalProperties" in schema else (),
        items=node(part.at("items")) if "items" in schema else (),
        is_open=schema.get("x-open") is True,
    )
    for kind in _types(schema, values):
        fitting = None if values is None else frozenset(json_text(v) for v in values if _is_of(v, kind))
        default = json_text(schema["default"]) if "default" in schema and _is_of(schema["default"], kind) else None
        if fitting is None or fitting:
            yield _pruned(replace(everything, type=kind, values=fitting, default=default))


def _types(schema: Mapping[str, Any], values: list[Any] | None) -> Iterable[str | None]:
    if "type" in schema:
        return schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return [None] if values is None else sorted({_type_of(value) for value in values})


def _type_of(value: Any) -> str:
    names = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


def _is_of(value: Any, kind: str | None) -> bool:
    found = _type_of(value)
    return kind in (None, found) or (kind == "number" and found == "integer")


def _combined(groups: list[list[Shape]]) -> list[Shape]:
    """The alternatives that are left when one of each group applies."""
    return reduce(lambda some, others: [b for a in some for o in others if (b := _both(a, o))], groups)


def _both(one: Shape, other: Shape) -> Shape | None:
    """The shape of what fits both, or None where nothing can."""
    kind = _common_type(one.type, other.type)
    values = other.values if one.values is None else one.values if other.values is None else one.values & other.values
    if kind == "" or values == frozenset():
        return None
    names = [*one.properties, *(name for name in other.properties if name not in one.properties)]
    return _pruned(
        Shape(
            place=other.place if one.is_bare and other.place else one.place,
            name=one.name or other.name,
            type=kind,
            values=values,
            default=one.default or other.default,
            limits={word: _tighter(word, one.limits, other.limits) for word in {**one.limits, **other.limits}},
            demands=one.demands | other.demands,
            properties={name: _joined(_demanded(one, name), _demanded(other, name)) for name in names},
            required=one.required | other.required,
            additional=_joined(one.additional, other.additional),
            items=_joined(one.items, other.items),
            is_open=one.is_open or other.is_open,
        )
    )


def _common_type(one: str | None, other: str | None) -> str | None:
    """The type of what has both types; empty where there is none."""
    if one is None or other is None:
        return one or other
    if {one, other} == NUMBERS:
        return "integer"
    return one if one == other else ""


def _tighter(word: str, one: Mapping[str, float], other: Mapping[str, float]) -> float:
    given = [limits[word] for limits in (one, other) if word in limits]
    return min(given) if word in UPPER_LIMITS else max(given)


def _demanded(shape: Shape, name: str) -> Node:
    return shape.properties.get(name, shape.additional)


def _joined(one: Node, other: Node) -> Node:
    return one + tuple(part for part in other if part.place not in places(one))


def _pruned(shape: Shape) -> Shape:
    """Without the keywords that say nothing about the shape's type."""
    if shape.type is None:
        return shape
    if shape.type != "object":
        shape = replace(shape, properties={}, required=frozenset(), additional=())
    if shape.type != "array":
        shape = replace(shape, items=())
    return replace(
        shape,
        limits={word: limit for word, limit in shape.limits.items() if shape.type in LIMITS[word]},
        demands=frozenset((w, text) for w, text in shape.demands if not DEMANDS[w] or shape.type in DEMANDS[w]),
    )
