"""A published release in memory: its rows, its sites, its reports. A release never changes, so it is kept."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection

from actions.hub import Hub
from domain.refusals import NotFound, Retracted
from domain.release import Observation, PublishedRelease
from domain.report import Site
from domain.retraction import Retraction, withdrawal
from domain.site_content import site_from_content
from formats.observations_csv import read_observations
from store.artefacts import ArtefactStore
from store.releases import chain_of_ids, latest_release, release_by_id
from store.retractions import all_retractions
from store.tenancy import NO_OPERATOR

LATEST = "latest"


def find_release(hub: Hub, release: str = LATEST) -> PublishedRelease:
    """A published release by id, or the newest; raises NotFound."""
    with hub.database.read(NO_OPERATOR) as connection:
        return _find(connection, release)


def find_readable_release(hub: Hub, release: str = LATEST) -> PublishedRelease:
    """A published release whose rows and files may be read, by id or the newest; raises NotFound and Retracted."""
    with hub.database.read(NO_OPERATOR) as connection:
        found = _find(connection, release)
        retractions = all_retractions(connection)
        gone = withdrawal(found.id, chain_of_ids(connection), retractions) if retractions else None
    if gone:
        raise Retracted(_words(found.id, gone))
    return found


def _find(connection: Connection, release: str) -> PublishedRelease:
    found = latest_release(connection) if release == LATEST else release_by_id(connection, release)
    if found is None:
        raise NotFound("No release yet." if release == LATEST else f"There is no release {release}.")
    return found


def _words(release: str, gone: Retraction) -> str:
    if release == gone.retracted:
        return f"The release {release} was retracted by {gone.release}: {gone.reason}."
    return f"The release {release} carries the files of {gone.retracted}, retracted by {gone.release}: {gone.reason}."


class OpenRelease(NamedTuple):
    """The rows of a release, the site directory of its day, and the facts of each report (`release_files.py`)."""

    observations: tuple[Observation, ...]
    sites: tuple[Site, ...]
    reports: tuple[dict, ...]


@lru_cache(maxsize=4)
def open_release(artefacts: ArtefactStore, release: str) -> OpenRelease:
    """A published release by its id; who answers readers finds it by `find_readable_release` first."""
    return OpenRelease(
        tuple(read_observations(artefacts.read(release, "observations.csv"))),
        tuple(site_from_content(entry) for entry in json.loads(artefacts.read(release, "sites.json"))),
        tuple(json.loads(artefacts.read(release, "reports.json"))),
    )
