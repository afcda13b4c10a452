"""Publish a draft: manifest, signature, chain."""

from __future__ import annotations

from actions.hub import Hub
from domain.access import Principal, Scope
from domain.canonical import canonical_json, sha256_of
from domain.periods import Month
from domain.refusals import NotFound, ReleaseRefused, WrongState
from domain.release import PublishedRelease
from store.releases import (
    add_release,
    draft_by_id,
    latest_release,
    release_by_id,
    remove_draft,
)


def publish_release(hub: Hub, *, by: Principal, release: str) -> PublishedRelease:
    """Sign the draft's manifest and publish it, for good.

    Raises NotFound, WrongState when it is published already, and ReleaseRefused when another release was
    published after the draft was cut: what was proved safe then is not proved beside the newer one.
    """
    by.require(Scope.RELEASES_PUBLISH)
    with hub.database.write() as connection:
        draft = draft_by_id(connection, release)
        if draft is None:
            published = release_by_id(connection, release)
            raise WrongState("It is published already.") if published else NotFound(f"There is no draft {release}.")
        latest = latest_release(connection)
        if (latest.id if latest else None) != draft["previous"]:
            raise ReleaseRefused("Another release was published since this draft was cut; cut again.")
        made = _published(hub, release, draft, latest)
        add_release(connection, made, _used(draft))
        remove_draft(connection, release)
        hub.audit(connection, by, "release.publish", release)
        return made


def _published(hub: Hub, release: str, draft: dict, latest: PublishedRelease | None) -> PublishedRelease:
    at = hub.clock()
    manifest = {
        "id": release,
        "published_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "dictionary": draft["dictionary"],
        "policy": draft["policy"],
        "reports": [_public(entry) for entry in draft["reports"]],
        "attack": draft["attack"],
        "counts": draft["counts"],
        "artefacts": [_artefact(hub, release, entry) for entry in draft["artefacts"]],
        "previous": {"id": latest.id, "sha256": latest.sha256} if latest else None,
    }
    manifest["signature"] = hub.sign(canonical_json(manifest))
    signed = canonical_json(manifest)
    number = latest.number + 1 if latest else 1
    return PublishedRelease(number, release, signed, sha256_of(signed), at)


def _public(entry: dict) -> dict:
    # Which revision was used would tell how often a report was revised.
    return {"site": entry["site"], "month": entry["month"], "status": "included", "revised": entry["revised"]}


def _artefact(hub: Hub, release: str, entry: dict) -> dict:
    return {**entry, "url": f"{hub.settings.issuer}/v1/releases/{release}/files/{entry['name']}"}


def _used(draft: dict) -> dict[tuple[str, Month], int]:
    return {(entry["site"], Month.parse(entry["month"])): entry["revision"] for entry in draft["reports"]}
