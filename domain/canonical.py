"""Canonical JSON (RFC 8785): equal values have equal bytes, so that a hash or a signature means the same everywhere."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, cast

import rfc8785

# Python's own writer is seven times as fast, and differs in what these find: 5.0, 1e+16, 1e-07.
_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
_WRITTEN_OTHERWISE = re.compile(r"\.0(?![0-9])|e[-+][0-9]")
_DIGITS_TO_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_MAYBE_NO_DOUBLE = b"0" * 16


def canonical_json(value: object) -> bytes:
    """The bytes of a JSON value; raises ValueError for what JSON has no number or string for."""
    try:
        text = _WRITER.encode(value)
    except TypeError:
        return _by_the_book(value)
    # Names in ASCII are in the same order by code points, as in Python, and by UTF-16, as in the RFC.
    if not text.isascii() or _WRITTEN_OTHERWISE.search(text):
        return _by_the_book(value)
    content = text.encode("ascii")
    has_long_number = _MAYBE_NO_DOUBLE in content.translate(_DIGITS_TO_ZEROS)
    return _by_the_book(value) if has_long_number else content


def sha256_of(content: bytes) -> str:
    """The hex digest of the bytes."""
    return hashlib.sha256(content).hexdigest()


def entity_tag(content: object) -> str:
    """The entity tag (without quotes) of a thing that is nothing but this content."""
    return sha256_of(canonical_json(content))[:32]


def _by_the_book(value: object) -> bytes:
    return rfc8785.dumps(cast(Any, value))
