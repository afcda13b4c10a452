"""Publish a draft: manifest, signature, chain."""

from __future__ import annotations

from sqlalchemy import Connection

from actions.announce import announce, release_payload
from actions.hub import Hub
from actions.sign_release import sign_release
from domain.access import Principal, Scope
from domain.periods import Month
from domain.refusals import Item, NotFound, ReleaseRefused, WrongState
from domain.release import Inclusion, PublishedRelease
from domain.webhooks import Event
from store.audit import last_hash
from store.releases import (
    Use,
    add_release,
    draft_by_id,
    latest_release,
    release_by_id,
    remove_draft,
)
from store.reports import accepted_numbers
from store.tenancy import EVERY_OPERATOR

SIGNED = ("dictionary", "policy", "attack", "counts", "artefacts")


def publish_release(hub: Hub, *, by: Principal, release: str) -> PublishedRelease:
    """Sign the draft's manifest and publish it, for good.

    Raises NotFound, WrongState when it is published already, and ReleaseRefused when another release was
    published after the draft was cut, for what was proved safe then is not proved beside the newer one, or a report
    in it was withdrawn or accepted anew since: what is published is what is accepted.
    """
    by.require(Scope.RELEASES_PUBLISH)
    with hub.database.write(EVERY_OPERATOR) as connection:
        draft = draft_by_id(connection, release)
        if draft is None:
            published = release_by_id(connection, release)
            raise WrongState("It is published already.") if published else NotFound(f"There is no draft {release}.")
        latest = latest_release(connection)
        if (latest.id if latest else None) != draft["previous"]:
            raise ReleaseRefused("Another release was published since this draft was cut; cut again.")
        _require_unchanged(connection, draft)
        made = sign_release(hub, release, _content(draft), latest, last_hash(connection))
        add_release(connection, made, _used(draft))
        remove_draft(connection, release)
        hub.audit(connection, by, "release.publish", release)
        told = release_payload(hub.settings.issuer, release)
        announce(connection, Event.RELEASE_PUBLISHED, None, told, at=made.published_at)
        return made


def _require_unchanged(connection: Connection, draft: dict) -> None:
    now = accepted_numbers(connection)
    items = []
    for entry in draft["reports"]:
        accepted = now.get((entry["site"], Month.parse(entry["month"])))
        if accepted is None:
            items.append(Item(_name(entry), "withdrawn", "This report was withdrawn."))
        elif accepted != entry.get("accepted"):
            items.append(Item(_name(entry), "accepted_anew", "Another revision of this report was accepted."))
    if items:
        detail = "A report in this draft was withdrawn or accepted anew since it was cut; discard it and cut again."
        raise ReleaseRefused(detail, items)


def _name(entry: dict) -> str:
    return f"{entry['site']}/{entry['month']}"


def _content(draft: dict) -> dict:
    return {**{name: draft[name] for name in SIGNED}, "reports": [_public(entry) for entry in draft["reports"]]}


def _public(entry: dict) -> dict:
    # Which revision was used would tell how often a report was revised.
    return {name: entry[name] for name in ("site", "month", "status", "revised")}


def _used(draft: dict) -> list[Use]:
    return [
        Use(entry["site"], Month.parse(entry["month"]), entry["revision"], entry["counted_in"])
        for entry in draft["reports"]
        if entry["status"] != Inclusion.HELD_BACK
    ]
