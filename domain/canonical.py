"""Canonical JSON (RFC 8785): equal values have equal bytes, so that a hash or a signature means the same everywhere."""

from __future__ import annotations

import hashlib
from typing import Any, cast

import rfc8785


def canonical_json(value: object) -> bytes:
    """The bytes of a JSON value; raises ValueError for what JSON has no number or string for."""
    return rfc8785.dumps(cast(Any, value))


def sha256_of(content: bytes) -> str:
    """The hex digest of the bytes."""
    return hashlib.sha256(content).hexdigest()


def entity_tag(content: object) -> str:
    """The entity tag (without quotes) of a thing that is nothing but this content."""
    return sha256_of(canonical_json(content))[:32]
