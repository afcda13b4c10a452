"""Answers as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any


def content_of(of: Any) -> dict[str, Any]:
    """The fields of a dataclass, and of those inside it, as JSON values."""
    return {field.name: _plain(getattr(of, field.name)) for field in fields(of)}


def _plain(value: Any) -> Any:
    if hasattr(value, "content"):
        return value.content
    if hasattr(value, "__dataclass_fields__"):
        return content_of(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value.value if isinstance(value, Enum) else value
