"""JSON as strangers may send it (RFC 8259), without what one program reads otherwise than the next.

Refused: other encodings than UTF-8, repeated names, NaN and Infinity, numbers that no double holds, lone surrogates
and NUL in strings, and nesting deeper than 16. What gets through can be stored, hashed and compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from math import isfinite
from typing import Any, NoReturn

import orjson

from domain.refusals import Unreadable

MAX_DEPTH = 16
MAX_DIGITS = 18

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSURE = object()
_CONTAINERS = (dict, list)
_DIGITS_TO_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_TOO_MANY_DIGITS = b"0" * (MAX_DIGITS + 1)


def parse_json(data: bytes) -> Any:
    """The value of a JSON text; raises Unreadable, whose words repeat nothing of the text."""
    value = _read_quickly(data)
    return _read_thoroughly(data) if value is _UNSURE else value


def _read_quickly(data: bytes) -> Any:
    """The value where everything is surely in order, else _UNSURE."""
    # Only an escape puts into a string what neither UTF-8 nor JSON lets stand in one.
    if b"\\" in data or _TOO_MANY_DIGITS in data.translate(_DIGITS_TO_ZEROS):
        return _UNSURE
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return _UNSURE
    # Each name has its colon; of a name that is there twice one has got lost.
    return value if _count_names(value) == data.count(b":") else _UNSURE


def _count_names(value: Any) -> int:
    """How many members its objects have; -1 where it is nested too deep."""
    names, level = 0, [value] if type(value) in _CONTAINERS else []
    for _ in range(MAX_DEPTH):
        names += sum([len(each) for each in level if type(each) is dict])
        level = [inner for each in level for inner in _values(each) if type(inner) in _CONTAINERS]
    return -1 if level else names


def _read_thoroughly(data: bytes) -> Any:
    """The value, or what is wrong."""
    try:
        value = _decoder.decode(data.decode("utf-8"))
    except UnicodeDecodeError:
        _refuse("it is not UTF-8")
    except RecursionError:
        _refuse(f"it is nested deeper than {MAX_DEPTH}")
    except json.JSONDecodeError as error:
        _refuse(f"there is an error in line {error.lineno}, column {error.colno}")
    _check_content(value)
    return value


def _check_content(value: Any) -> None:
    """Check level by level: the strings of each, and that there are not too many."""
    level = [value]
    for _ in range(MAX_DEPTH):
        _check_strings(level)
        level = [inner for outer in level for inner in _inside(outer)]
    _check_strings(level)
    if any(isinstance(value, dict | list) for value in level):
        _refuse(f"it is nested deeper than {MAX_DEPTH}")


def _check_strings(values: Iterable[Any]) -> None:
    if any(_UNSTORABLE.search(value) for value in values if isinstance(value, str)):
        _refuse("a string holds NUL or half a character")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else ()


def _values(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("an object has the same name twice")
    return members


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        _refuse("a number has too many digits")
    return int(digits)


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        _refuse("a number is too large")
    return number


def _constant(name: str) -> NoReturn:
    _refuse(f"{name} is no JSON")


def _refuse(reason: str) -> NoReturn:
    raise Unreadable(f"The body cannot be read as JSON: {reason}.") from None


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
)
