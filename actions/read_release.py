"""Read what is published: the list, a manifest, an artefact; and the drafts that wait."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from actions.hub import Hub
from actions.open_release import end_of, find_readable_release
from domain.access import Principal, Scope
from domain.refusals import NotFound
from domain.release import PublishedRelease
from domain.retraction import Retraction
from store.database import Database
from store.releases import Draft, ReleaseLine, all_drafts, release_by_id, release_lines
from store.retractions import all_retractions
from store.tenancy import EVERY_OPERATOR, NO_OPERATOR


@dataclass(frozen=True)
class ReleaseEntry:
    """A release in the list: what it retracts, or what retracts it (ids), and for which reason."""

    id: str
    published_at: datetime
    sha256: str
    citation: str
    retracts: str | None
    retracted_by: str | None
    reason: str | None


def list_releases(hub: Hub, *, as_of: date | None = None) -> list[ReleaseEntry]:
    """Every release, newest first; with `as_of`, those that were there when the day ended (UTC)."""
    with hub.database.read(NO_OPERATOR) as connection:
        lines, retractions = release_lines(connection), all_retractions(connection).values()
    return [_entry(hub, r, retractions) for r in lines if as_of is None or r.published_at <= end_of(as_of)]


def list_drafts(hub: Hub, *, by: Principal) -> list[Draft]:
    """Every release that is cut and not published, newest first."""
    by.require(Scope.RELEASES_PUBLISH)
    with hub.database.read(EVERY_OPERATOR) as connection:
        return all_drafts(connection)


def read_artefact(hub: Hub, release: str, name: str) -> tuple[bytes, str, PublishedRelease]:
    """(bytes, media type, release) of a file that the manifest lists; raises NotFound and Retracted."""
    found = find_readable_release(hub, release)
    listed = next((entry for entry in json.loads(found.manifest)["artefacts"] if entry["name"] == name), None)
    if listed is None:
        raise NotFound(f"The release {release} has no file {name}.")
    return hub.artefacts.read(release, name), listed["media_type"], found


def _entry(hub: Hub, release: ReleaseLine, retractions: Iterable[Retraction]) -> ReleaseEntry:
    retracts = next((r for r in retractions if r.release == release.id), None)
    retracted_by = next((r for r in retractions if r.retracted == release.id), None)
    either = retracts or retracted_by
    return ReleaseEntry(
        id=release.id,
        published_at=release.published_at,
        sha256=release.sha256,
        citation=_citation(hub.database, release.id),
        retracts=retracts.retracted if retracts else None,
        retracted_by=retracted_by.release if retracted_by else None,
        reason=either.reason if either else None,
    )


@lru_cache(maxsize=4096)
def _citation(database: Database, release: str) -> str:
    """What the manifest says; kept, as the manifest may be long and never changes."""
    with database.read(NO_OPERATOR) as connection:
        found = release_by_id(connection, release)
    assert found, "it is in the list"
    return json.loads(found.manifest)["citation"]
