"""Read what is published: the list, a manifest, an artefact."""

from __future__ import annotations

import json

from actions.hub import Hub
from actions.open_release import find_release
from domain.refusals import NotFound
from domain.release import PublishedRelease
from store.releases import all_releases


def list_releases(hub: Hub) -> list[PublishedRelease]:
    """Every release, newest first."""
    with hub.database.read() as connection:
        return all_releases(connection)


def read_artefact(hub: Hub, release: str, name: str) -> tuple[bytes, str]:
    """(bytes, media type) of a file that the manifest lists; raises NotFound."""
    manifest = json.loads(find_release(hub, release).manifest)
    listed = next((entry for entry in manifest["artefacts"] if entry["name"] == name), None)
    if listed is None:
        raise NotFound(f"The release {release} has no file {name}.")
    return hub.artefacts.read(release, name), listed["media_type"]
