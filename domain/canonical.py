"""Canonical JSON (RFC 8785): equal values have equal bytes, so that a hash or a signature means the same everywhere."""

from __future__ import annotations

import hashlib
import re
from typing import Any, cast

import orjson
import rfc8785

# A writer in machine code is many times as fast. Where it differs there is one of these: 5.0, 1e+16, 1e-07, and null
# for what is no number.
_WHOLE_WITH_A_POINT = re.compile(rb"\.0(?![0-9])")
_NOTHING_ELSE = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_DIGITS_TO_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_MAYBE_NO_DOUBLE = b"0" * 16


def canonical_json(value: object, *, is_finite: bool = False) -> bytes:
    """The bytes of a JSON value; raises ValueError for what JSON has no number or string for.

    `is_finite`: there is surely neither NaN nor infinity in it, for which is looked otherwise.
    """
    content = _written_quickly(value, is_finite or value is None)
    if content is not None:
        return content
    # What is not certain is in few of its parts.
    if isinstance(value, list):
        return b"[%s]" % b",".join(map(canonical_json, value))
    if isinstance(value, dict) and all(isinstance(name, str) and name.isascii() for name in value):
        return b"{%s}" % b",".join(canonical_json(name) + b":" + canonical_json(value[name]) for name in sorted(value))
    return rfc8785.dumps(cast(Any, value))


def _written_quickly(value: object, is_finite: bool) -> bytes | None:
    """The bytes where they are surely those of the RFC, else None."""
    try:
        content = orjson.dumps(value, option=_NOTHING_ELSE)
    except TypeError:
        return None
    # Names in ASCII are in the same order by their bytes as by UTF-16, as in the RFC.
    if b"null" in content and not is_finite:
        return None
    if b"e+" in content or b"e-" in content or _WHOLE_WITH_A_POINT.search(content) or not content.isascii():
        return None
    return None if _MAYBE_NO_DOUBLE in content.translate(_DIGITS_TO_ZEROS) else content


def sha256_of(content: bytes) -> str:
    """The hex digest of the bytes."""
    return hashlib.sha256(content).hexdigest()


def entity_tag(content: object) -> str:
    """The entity tag (without quotes) of a thing that is nothing but this content."""
    return sha256_of(canonical_json(content))[:32]
