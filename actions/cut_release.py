"""Cut a release: assemble, protect, attack, render; publish it, or keep it as a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from actions.hub import Hub
from actions.open_release import open_release
from actions.publish_release import publish_release
from actions.release_files import artefact_entries, release_files
from disclosure.engine import protect
from domain.access import Principal, Scope
from domain.dictionary import Dictionary
from domain.refusals import ReleaseRefused
from domain.release import Contribution, ProtectedTable, PublishedRelease, Status
from domain.report import Operator, Site
from domain.report_content import report_from_content
from store.artefacts import Staged
from store.directory import all_operators, all_sites
from store.releases import add_draft, latest_cut, latest_release, next_release_id, revisions_used
from store.reports import Revision, accepted_revisions


@dataclass(frozen=True)
class Basis:
    """What a cut starts from, read in one snapshot.

    `told` is the newest release that is no retraction. Retracted or not, its rows have been told; those of every
    release before it are among them, and a retraction tells nothing new.
    """

    revisions: Sequence[Revision]
    sites: Mapping[str, Site]
    operators: Mapping[str, Operator]
    latest: PublishedRelease | None
    told: PublishedRelease | None
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
        earlier=open_release(hub.artefacts, basis.told.id).observations if basis.told else (),
        progress=progress,
    )
    release = _keep_draft(
        hub, by, basis, table, release_files(table.observations, basis.sites.values(), contributions, dictionary)
    )
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
            told=latest_cut(connection),
            used_before=revisions_used(connection),
        )


def _dictionary(hub: Hub, basis: Basis) -> Dictionary:
    versions = {revision.content["dictionary"] for revision in basis.revisions}
    if not versions:
        raise ReleaseRefused("No report has been accepted yet.")
    if len(versions) > 1:
        raise ReleaseRefused("The accepted reports name several versions of the dictionary.")
    return hub.dictionaries[versions.pop()]


def _keep_draft(hub: Hub, by: Principal, basis: Basis, table: ProtectedTable, files: Mapping[str, bytes]) -> str:
    draft = _draft(hub, basis, table, files)
    with hub.artefacts.staged(files) as staged, hub.database.write() as connection:
        return _settle(hub, connection, by, staged, draft)


def _settle(hub: Hub, connection: Connection, by: Principal, staged: Staged, draft: dict) -> str:
    latest = latest_release(connection)
    if (latest.id if latest else None) != draft["previous"]:
        raise ReleaseRefused("Another release was published meanwhile; cut again.")
    release = next_release_id(connection, hub.clock().date())
    staged.settle(release)
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
        "artefacts": artefact_entries(files),
    }


def _used(revision: Revision, used_before: set) -> dict:
    earlier = {number for site, month, number in used_before if (site, month) == (revision.site, revision.month)}
    return {
        "site": revision.site,
        "month": str(revision.month),
        "revision": revision.number,
        "revised": bool(earlier - {revision.number}),
    }
