"""A published release in memory: its rows, its sites, its reports. A release never changes, so it is kept.

Readers say which they mean: by its id, as the latest, or by a day: the one that was the newest when it ended (UTC).
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection

from actions.hub import Hub
from actions.release_files import DICTIONARY, OBSERVATIONS, PARQUET, REPORTS, SITES
from domain.cube import Cube
from domain.refusals import NotFound, Retracted
from domain.release import PublishedRelease
from domain.report import Site
from domain.retraction import Retraction, withdrawal
from domain.site_content import site_from_content
from formats.observations_parquet import read_csv, read_parquet
from store.artefacts import ArtefactStore
from store.changes import Mark
from store.database import Database
from store.releases import chain_of_ids, latest_release, release_by_id, release_in_force
from store.retractions import all_retractions
from store.tenancy import NO_OPERATOR

LATEST = "latest"


def find_release(hub: Hub, release: str | date = LATEST) -> PublishedRelease:
    """A published release by id, the newest, or that of a day; raises NotFound."""
    with hub.database.read(NO_OPERATOR) as connection:
        return _find(connection, release)


def find_readable_release(hub: Hub, release: str | date = LATEST) -> PublishedRelease:
    """The same, if its rows and files may be read; raises NotFound and Retracted."""
    mark = hub.database.changes.mark()
    return _find_readable(hub.database, release, mark) if mark else _find_readable.__wrapped__(hub.database, release)


@lru_cache(maxsize=64)
def _find_readable(database: Database, release: str | date, _mark: Mark | None = None) -> PublishedRelease:
    """As long as nothing is written, the answer is the same."""
    with database.read(NO_OPERATOR) as connection:
        found = _find(connection, release)
        retractions = all_retractions(connection)
        gone = withdrawal(found.id, chain_of_ids(connection), retractions) if retractions else None
    if gone:
        raise Retracted(_words(found.id, gone))
    return found


def end_of(day: date) -> datetime:
    """The last moment of a day (UTC)."""
    return datetime.combine(day, time.max, UTC)


def _find(connection: Connection, release: str | date) -> PublishedRelease:
    if isinstance(release, date):
        found, missing = release_in_force(connection, end_of(release)), f"There was no release on {release} yet."
    elif release == LATEST:
        found, missing = latest_release(connection), "No release yet."
    else:
        found, missing = release_by_id(connection, release), f"There is no release {release}."
    if found is None:
        raise NotFound(missing)
    return found


def _words(release: str, gone: Retraction) -> str:
    if release == gone.retracted:
        return f"The release {release} was retracted by {gone.release}: {gone.reason}."
    return f"The release {release} carries the files of {gone.retracted}, retracted by {gone.release}: {gone.reason}."


class OpenRelease(NamedTuple):
    """The rows of a release, the site directory of its day, and the facts of each report (`release_files.py`)."""

    cube: Cube
    sites: tuple[Site, ...]
    reports: tuple[dict, ...]


@lru_cache(maxsize=4)
def open_release(artefacts: ArtefactStore, release: str) -> OpenRelease:
    """A published release by its id; who answers readers finds it by `find_readable_release` first."""
    return OpenRelease(
        _read_cube(artefacts, release),
        tuple(site_from_content(entry) for entry in json.loads(artefacts.read(release, SITES))),
        _read_reports(artefacts, release),
    )


@lru_cache(maxsize=64)
def dictionary_of(artefacts: ArtefactStore, release: str) -> str:
    """The version of the dictionary by which the rows of a release are to be read."""
    return json.loads(artefacts.read(release, DICTIONARY))["version"]


def _read_reports(artefacts: ArtefactStore, release: str) -> tuple[dict, ...]:
    """Most reports say the same of how they counted; it is kept once."""
    said: dict[str, dict] = {}
    reports = json.loads(artefacts.read(release, REPORTS))
    return tuple({**report, "about": said.setdefault(repr(report["about"]), report["about"])} for report in reports)


def _read_cube(artefacts: ArtefactStore, release: str) -> Cube:
    try:
        return Cube.of(read_parquet(artefacts.read(release, PARQUET)))
    except FileNotFoundError:
        # A release may be older than this file.
        return Cube.of(read_csv(artefacts.read(release, OBSERVATIONS)))
