"""Which version this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """The version that is installed; `0` in a checkout that is not."""
    try:
        return version("crosstally")
    except PackageNotFoundError:
        return "0"
