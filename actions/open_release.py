"""A published release in memory: its rows, its sites, its reports. A release never changes, so it is kept."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

from actions.hub import Hub
from domain.refusals import NotFound
from domain.release import Observation, PublishedRelease
from domain.report import Site
from domain.site_content import site_from_content
from formats.observations_csv import read_observations
from store.artefacts import ArtefactStore
from store.releases import latest_release, release_by_id

LATEST = "latest"


def find_release(hub: Hub, release: str = LATEST) -> PublishedRelease:
    """A published release by id, or the newest; raises NotFound."""
    with hub.database.read() as connection:
        found = latest_release(connection) if release == LATEST else release_by_id(connection, release)
    if found is None:
        raise NotFound("No release yet." if release == LATEST else f"There is no release {release}.")
    return found


class OpenRelease(NamedTuple):
    """The rows of a release, the site directory of its day, and `{"site", "month", "about", "closed"}` per report."""

    observations: tuple[Observation, ...]
    sites: tuple[Site, ...]
    reports: tuple[dict, ...]


@lru_cache(maxsize=4)
def open_release(artefacts: ArtefactStore, release: str) -> OpenRelease:
    """A published release by its id."""
    return OpenRelease(
        tuple(read_observations(artefacts.read(release, "observations.csv"))),
        tuple(site_from_content(entry) for entry in json.loads(artefacts.read(release, "sites.json"))),
        tuple(json.loads(artefacts.read(release, "reports.json"))),
    )
