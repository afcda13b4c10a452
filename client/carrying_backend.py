"""The build backend (PEP 517): setuptools, after the parts of the hub have been copied in."""

from __future__ import annotations

from typing import Any

from setuptools import build_meta

from carrying import carry

get_requires_for_build_sdist = build_meta.get_requires_for_build_sdist
get_requires_for_build_wheel = build_meta.get_requires_for_build_wheel
get_requires_for_build_editable = build_meta.get_requires_for_build_editable
prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable


def build_wheel(directory: str, settings: Any = None, metadata: str | None = None) -> str:
    """A wheel with the copies in it."""
    carry()
    return str(build_meta.build_wheel(directory, settings, metadata))


def build_editable(directory: str, settings: Any = None, metadata: str | None = None) -> str:
    """An editable installation; its copies are those of the moment."""
    carry()
    return str(build_meta.build_editable(directory, settings, metadata))


def build_sdist(directory: str, settings: Any = None) -> str:
    """A source distribution with the copies in it, so that it can be built away from the hub."""
    carry()
    return str(build_meta.build_sdist(directory, settings))
