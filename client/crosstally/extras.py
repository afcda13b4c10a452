"""What only an extra brings: loaded when it is needed, with a word on how to get it where it is not there."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class ExtraMissing(RuntimeError):
    """Something was asked for that needs an extra of this package."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f'{purpose} needs more than the base package: pip install "crosstally[{extra}]"')
        self.extra = extra


def needed(module: str, *, extra: str, purpose: str) -> Any:
    """The module; raises ExtraMissing, which says what to install, where a library that it needs is not there."""
    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("crosstally."):
            raise
        raise ExtraMissing(extra, purpose) from None
