"""Cut a release: assemble, protect, attack, render; publish it, or keep it as a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection

from actions.hub import Hub
from actions.open_release import open_release
from actions.publish_release import publish_release
from disclosure.engine import protect
from domain.access import Principal, Scope
from domain.canonical import canonical_json, sha256_of
from domain.dictionary import Dictionary
from domain.dictionary_content import dictionary_content
from domain.refusals import ReleaseRefused
from domain.release import Contribution, ProtectedTable, PublishedRelease, Status
from domain.report import Operator, Site
from domain.report_content import report_from_content
from domain.site_content import site_content
from formats import observations_csv
from store.directory import all_operators, all_sites
from store.releases import add_draft, latest_release, next_release_id, revisions_used
from store.reports import Revision, accepted_revisions

OBSERVATIONS, SITES, REPORTS, DICTIONARY = "observations.csv", "sites.json", "reports.json", "dictionary.json"
MEDIA_TYPES = {
    OBSERVATIONS: observations_csv.MEDIA_TYPE,
    **dict.fromkeys((SITES, REPORTS, DICTIONARY), "application/json"),
}


@dataclass(frozen=True)
class Basis:
    """What a cut starts from, read in one snapshot."""

    revisions: Sequence[Revision]
    sites: Mapping[str, Site]
    operators: Mapping[str, Operator]
    latest: PublishedRelease | None
    used_before: set


def cut_release(
    hub: Hub, *, by: Principal, publish: bool, progress: Callable[[float], None] = lambda done: None
) -> str:
    """Cut a release of every accepted report and answer its id.

    Raises ReleaseRefused, which says why, and then there is no release. `progress` is told 0 to 1.
    """
    by.require(Scope.RELEASES_PUBLISH)
    basis = _read_basis(hub)
    dictionary = _dictionary(hub, basis)
    contributions = [
        Contribution(basis.sites[r.site], r.month, report_from_content(r.content)) for r in basis.revisions
    ]
    table = protect(
        contributions,
        sites=list(basis.sites.values()),
        operators=basis.operators,
        dictionary=dictionary,
        k=hub.settings.k,
        earlier=open_release(hub.artefacts, basis.latest.id).observations if basis.latest else (),
        progress=progress,
    )
    release = _keep_draft(hub, by, basis, table, _files(basis, contributions, table, dictionary))
    if publish:
        publish_release(hub, by=by, release=release)
    return release


def _read_basis(hub: Hub) -> Basis:
    with hub.database.read() as connection:
        return Basis(
            revisions=accepted_revisions(connection),
            sites={site.id: site for site in all_sites(connection)},
            operators={operator.id: operator for operator in all_operators(connection)},
            latest=latest_release(connection),
            used_before=revisions_used(connection),
        )


def _dictionary(hub: Hub, basis: Basis) -> Dictionary:
    versions = {revision.content["dictionary"] for revision in basis.revisions}
    if not versions:
        raise ReleaseRefused("No report has been accepted yet.")
    if len(versions) > 1:
        raise ReleaseRefused("The accepted reports name several versions of the dictionary.")
    return hub.dictionaries[versions.pop()]


def _files(
    basis: Basis, contributions: Sequence[Contribution], table: ProtectedTable, dictionary: Dictionary
) -> dict[str, bytes]:
    reports = [
        {"site": c.site.id, "month": str(c.month), "about": c.report.about.content, "closed": c.report.closed}
        for c in contributions
    ]
    return {
        OBSERVATIONS: observations_csv.write_observations(table.observations),
        SITES: canonical_json([site_content(site) for site in basis.sites.values()]),
        REPORTS: canonical_json(reports),
        DICTIONARY: canonical_json(dictionary_content(dictionary)),
    }


def _keep_draft(hub: Hub, by: Principal, basis: Basis, table: ProtectedTable, files: Mapping[str, bytes]) -> str:
    staged = hub.artefacts.stage(files)
    try:
        with hub.database.write() as connection:
            return _settle(hub, connection, by, staged, _draft(hub, basis, table, files))
    finally:
        hub.artefacts.discard(staged)


def _settle(hub: Hub, connection: Connection, by: Principal, staged: Path, draft: dict) -> str:
    latest = latest_release(connection)
    if (latest.id if latest else None) != draft["previous"]:
        raise ReleaseRefused("Another release was published meanwhile; cut again.")
    release = next_release_id(connection, hub.clock().date())
    hub.artefacts.settle(staged, release)
    add_draft(connection, release, draft, hub.clock())
    hub.audit(connection, by, "release.cut", release)
    return release


def _draft(hub: Hub, basis: Basis, table: ProtectedTable, files: Mapping[str, bytes]) -> dict:
    stricter = {o.id: o.k for o in basis.operators.values() if o.k and o.k > hub.settings.k}
    statuses = [observation.value_status for observation in table.observations]
    return {
        "previous": basis.latest.id if basis.latest else None,
        "dictionary": basis.revisions[0].content["dictionary"],
        "policy": {"id": f"k{hub.settings.k}", "k": hub.settings.k, "stricter": stricter},
        "reports": [_used(revision, basis.used_before) for revision in basis.revisions],
        "attack": {**asdict(table.attack), "attackers": list(table.attack.attackers)},
        "counts": {status: statuses.count(status) for status in (Status.PUBLISHED.value, Status.SUPPRESSED.value)},
        "artefacts": [_artefact(name, content) for name, content in files.items()],
    }


def _artefact(name: str, content: bytes) -> dict:
    digest = sha256_of(content)
    return {"name": name, "media_type": MEDIA_TYPES[name], "bytes": len(content), "sha256": digest}


def _used(revision: Revision, used_before: set) -> dict:
    earlier = {number for site, month, number in used_before if (site, month) == (revision.site, revision.month)}
    return {
        "site": revision.site,
        "month": str(revision.month),
        "revision": revision.number,
        "revised": bool(earlier - {revision.number}),
    }
