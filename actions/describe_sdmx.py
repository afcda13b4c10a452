"""Tell how a release is structured, as SDMX does."""

from __future__ import annotations

from actions.hub import Hub
from actions.open_release import dictionary_of, find_readable_release, open_release
from domain.labels import Labels
from formats.sdmx.structures import StructureQuery, write_structures


def describe_sdmx(hub: Hub, *, release: str, query: StructureQuery) -> bytes:
    """The structures that are asked for, as SDMX-ML; raises NotFound, Retracted."""
    found = find_readable_release(hub, release)
    dictionary = hub.dictionaries[dictionary_of(hub.artefacts, found.id)]
    labels = Labels(dictionary, open_release(hub.artefacts, found.id).sites)
    return write_structures(query, labels, found.published_at)
