"""A schema compiled into a table of readers, for bodies of many cells.

    read = compile_schema(schema)
    read(body)      what `schema.load(body)` answers, or one of NOT_RIGHT

A reader knows what is right and nothing else. Where it stops, whoever asked lets the schema read the same body again,
which says what is wrong and where: so there is one account of every error, and a slow one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow.fields import Field, Nested, String
from marshmallow.validate import OneOf

from domain.report_content import cell_from_content, reported_count
from schemas.cells import CellField, read_count

Reader = Callable[[Any], Any]

_WHOLE = {int}
NOT_RIGHT = (AttributeError, KeyError, OverflowError, TypeError, ValueError, ValidationError)


def compile_schema(schema: Schema) -> Reader:
    """The reader of a closed schema; where it makes more than a mapping, that is done by its method `build`."""
    readers = {name: _reader(field) for name, field in schema.load_fields.items()}
    required = {name for name, field in schema.load_fields.items() if field.required}
    build = getattr(schema, "build", None)
    if required == readers.keys() and len(set(readers.values())) == 1 and not build:
        return _alike(tuple(readers), next(iter(readers.values())))

    def read(content: Any) -> Any:
        if not required <= content.keys() <= readers.keys():
            raise ValueError
        loaded = {name: reader(content[name]) for name, reader in readers.items() if name in content}
        return build(loaded) if build else loaded

    return read


def _alike(names: tuple[str, ...], reader: Reader) -> Reader:
    """The reader of an object whose members are all needed and read the same: a breakdown."""

    def read(content: Any) -> Any:
        if len(content) != len(names):
            raise ValueError
        values = [content[name] for name in names]
        # Whole numbers alone, as nearly always, need no look at each.
        reads = reported_count if set(map(type, values)) == _WHOLE else reader
        return dict(zip(names, map(reads, values), strict=True))

    return read


def _of_list(codes: frozenset[str]) -> Reader:
    """The reader of a code of a list."""

    def read(content: Any) -> Any:
        if type(content) is not str or content not in codes:
            raise ValueError
        return content

    return read


def _reader(field: Field) -> Reader:
    if isinstance(field, CellField):
        return cell_from_content if field.hours else read_count
    if type(field) is String and not field.allow_none and len(field.validators) == 1:
        check = field.validators[0]
        return _of_list(frozenset(check.choices)) if isinstance(check, OneOf) else field.deserialize
    if not isinstance(field, Nested):
        return field.deserialize
    read = compile_schema(field.schema)
    return (lambda content: None if content is None else read(content)) if field.allow_none else read
