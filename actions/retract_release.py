"""Take a release back, by a further one that says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from actions.announce import announce, release_payload
from actions.hub import Hub
from actions.release_files import artefact_entries, release_files, source_of
from actions.sign_release import sign_release
from domain.access import Principal, Scope
from domain.refusals import NotFound, ReleaseRefused, WrongState
from domain.release import PublishedRelease
from domain.retraction import Retraction, standing
from domain.webhooks import Event
from store.audit import last_hash
from store.releases import (
    add_release,
    chain_of_ids,
    draft_by_id,
    latest_release,
    next_release_id,
    release_by_id,
    reports_used,
)
from store.retractions import add_retraction, all_retractions
from store.tenancy import EVERY_OPERATOR

NOTHING_ATTACKED = {
    "attackers": [],
    "cells": 0,
    "breaches": 0,
    "minimum_width": None,
    "coalitions": 0,
    "sole_contributors": 0,
    "method": "the table is empty, so that there is nothing to attack",
}


@dataclass(frozen=True)
class _Basis:
    """What a retraction starts from: its id, the release to take back, the one whose files to carry, the newest."""

    id: str
    retracted: PublishedRelease
    carried: PublishedRelease | None
    latest: PublishedRelease


def retract_release(hub: Hub, *, by: Principal, release: str, reason: str) -> PublishedRelease:
    """Publish a retraction of the release, for good, and answer it; `reason` is a code of the list `retraction`.

    Raises NotFound, WrongState for a draft, a retraction and what is retracted already, and ReleaseRefused when
    another release was published at the same moment.
    """
    by.require(Scope.RELEASES_PUBLISH)
    with hub.database.read(EVERY_OPERATOR) as connection:
        basis = _basis(hub, connection, release)
    files = _files(hub, basis)
    with hub.artefacts.staged(files) as staged, hub.database.write(EVERY_OPERATOR) as connection:
        if _basis(hub, connection, release) != basis:
            raise ReleaseRefused("Another release was cut or published meanwhile; retract again.")
        retraction = Retraction(basis.id, release, reason)
        staged.settle(retraction.release)
        log = last_hash(connection)
        made = sign_release(hub, retraction.release, _content(basis, files), basis.latest, log, retraction)
        add_release(connection, made, reports_used(connection, basis.carried.id) if basis.carried else ())
        add_retraction(connection, retraction)
        hub.audit(connection, by, "release.retract", f"{release}/{reason}")
        hub.audit(connection, by, "release.publish", made.id)
        told = release_payload(hub.settings.issuer, made.id, retraction)
        announce(connection, Event.RELEASE_PUBLISHED, None, told, at=made.published_at)
        return made


def _basis(hub: Hub, connection: Connection, release: str) -> _Basis:
    found, latest = release_by_id(connection, release), latest_release(connection)
    if found is None or latest is None:
        is_draft = draft_by_id(connection, release) is not None
        raise WrongState("A draft is discarded, not retracted.") if is_draft else NotFound(f"There is no {release}.")
    retractions = all_retractions(connection)
    if release in retractions:
        raise WrongState("A retraction is not retracted; cut a new release.")
    others = standing(chain_of_ids(connection), retractions)
    if release not in others:
        raise WrongState("It is retracted already.")
    others.remove(release)
    carried = release_by_id(connection, others[-1]) if others else None
    return _Basis(next_release_id(connection, hub.clock().date()), found, carried, latest)


def _files(hub: Hub, basis: _Basis) -> dict[str, bytes]:
    if basis.carried is None:
        dictionary = hub.dictionaries[json.loads(basis.retracted.manifest)["dictionary"]]
        return release_files(source_of(hub, basis.id, dictionary.version), (), (), (), dictionary)
    names = [entry["name"] for entry in json.loads(basis.carried.manifest)["artefacts"]]
    try:
        return {name: hub.artefacts.read(basis.carried.id, name) for name in names}
    except FileNotFoundError:
        raise ReleaseRefused(f"A file of {basis.carried.id}, which the retraction would carry, is missing.") from None


def _content(basis: _Basis, files: Mapping[str, bytes]) -> dict:
    """What the manifest of the retraction says of the files that it carries."""
    manifest = json.loads((basis.carried or basis.retracted).manifest)
    content = {name: manifest[name] for name in ("dictionary", "policy", "reports", "attack", "counts", "artefacts")}
    if basis.carried:
        return content
    nothing = {"reports": [], "attack": NOTHING_ATTACKED, "counts": dict.fromkeys(content["counts"], 0)}
    return {**content, **nothing, "artefacts": artefact_entries(files)}
