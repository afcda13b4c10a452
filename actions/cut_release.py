"""Cut a release: assemble, protect, attack, render; publish it, or keep it as a draft."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from actions.hub import Hub
from actions.proof_record import pack_record
from actions.publish_release import publish_release
from actions.recall_releases import recall_releases
from actions.release_files import artefact_entries, release_files, require_files, source_of
from disclosure.engine import protect
from domain.access import Principal, Scope
from domain.periods import Month
from domain.refusals import ReleaseRefused
from domain.release import Contribution, Inclusion, PastRelease, ProtectedTable, PublishedRelease, Status
from domain.report import Operator, Site
from domain.report_content import report_from_content
from store.directory import all_operators, all_sites
from store.releases import add_draft, add_explanation, all_cuts, latest_release, next_release_id
from store.reports import Revision, accepted_revisions
from store.tenancy import EVERY_OPERATOR


@dataclass(frozen=True)
class Basis:
    """What a cut starts from, read in one snapshot: the reports that have settled, and all that was told before."""

    revisions: Sequence[Revision]
    sites: Mapping[str, Site]
    operators: Mapping[str, Operator]
    latest: PublishedRelease | None
    past: Sequence[PastRelease]


def cut_release(
    hub: Hub, *, by: Principal, publish: bool, progress: Callable[[float], None] = lambda done: None
) -> str:
    """Cut a release of every accepted report that has settled and answer its id.

    Raises ReleaseRefused, which says why, and then there is no release. `progress` is told 0 to 1.
    """
    by.require(Scope.RELEASES_PUBLISH)
    basis = read_basis(hub)
    table = protected_table(hub, basis, progress)
    dictionary = hub.dictionaries[max(c.report.dictionary for c in table.contributions)]
    release = _next_id(hub)
    source = source_of(hub, release, dictionary.version)
    files = release_files(source, table.observations, basis.sites.values(), table.contributions, dictionary)
    _keep_draft(hub, by, release, basis, table, files, dictionary.version)
    if publish:
        publish_release(hub, by=by, release=release)
    return release


def read_basis(hub: Hub) -> Basis:
    """What a cut would start from now.

    Raises ReleaseRefused where there is no report to release, or where what a release told is not what was signed.
    """
    with hub.database.read(EVERY_OPERATOR) as connection:
        for release in all_cuts(connection):
            require_files(hub, release.id, json.loads(release.manifest)["artefacts"])
        basis = Basis(
            revisions=_settled(hub, connection),
            sites={site.id: site for site in all_sites(connection)},
            operators={operator.id: operator for operator in all_operators(connection)},
            latest=latest_release(connection),
            past=[release.told for release in recall_releases(hub, connection)],
        )
    if not basis.revisions:
        raise ReleaseRefused("There is no accepted report whose month has settled.")
    return basis


def protected_table(hub: Hub, basis: Basis, progress: Callable[[float], None]) -> ProtectedTable:
    """The rows of a release from this basis, proved safe; raises ReleaseRefused."""
    return protect(
        [Contribution(basis.sites[r.site], r.month, report_from_content(r.content), r.number) for r in basis.revisions],
        sites=list(basis.sites.values()),
        operators=basis.operators,
        dictionaries=hub.dictionaries,
        k=hub.settings.k,
        past=basis.past,
        progress=progress,
    )


def _settled(hub: Hub, connection: Connection) -> list[Revision]:
    """The accepted reports of months that ended long enough ago."""
    first_day = hub.clock().date() - timedelta(days=hub.settings.settling_days)
    return [revision for revision in accepted_revisions(connection) if _end(revision.month) <= first_day]


def _end(month: Month) -> date:
    """The day after the month."""
    return date(month.next.year, month.next.number, 1)


def _next_id(hub: Hub) -> str:
    """The id that the release gets, which its files tell."""
    with hub.database.read(EVERY_OPERATOR) as connection:
        return next_release_id(connection, hub.clock().date())


def _keep_draft(
    hub: Hub,
    by: Principal,
    release: str,
    basis: Basis,
    table: ProtectedTable,
    files: Mapping[str, bytes],
    dictionary: str,
) -> None:
    draft = _draft(hub, basis, table, files, dictionary)
    with hub.artefacts.staged(files) as staged, hub.database.write(EVERY_OPERATOR) as connection:
        _require_still_next(connection, release, draft)
        staged.settle(release)
        add_draft(connection, release, draft, hub.clock())
        add_explanation(connection, release, pack_record(table))
        hub.audit(connection, by, "release.cut", release)


def _require_still_next(connection: Connection, release: str, draft: dict) -> None:
    latest = latest_release(connection)
    if (latest.id if latest else None) != draft["previous"]:
        raise ReleaseRefused("Another release was published meanwhile; cut again.")
    if next_release_id(connection, date.fromisoformat(release.partition(".")[0])) != release:
        raise ReleaseRefused("Another release was cut meanwhile; cut again.")


def _draft(hub: Hub, basis: Basis, table: ProtectedTable, files: Mapping[str, bytes], dictionary: str) -> dict:
    statuses = [observation.value_status for observation in table.observations]
    return {
        "previous": basis.latest.id if basis.latest else None,
        "dictionary": dictionary,
        "policy": _policy(hub, basis),
        "reports": list(_reports(basis, table)),
        "attack": {**asdict(table.attack), "attackers": list(table.attack.attackers)},
        "counts": {status: statuses.count(status) for status in (Status.PUBLISHED.value, Status.SUPPRESSED.value)},
        "artefacts": artefact_entries(files),
    }


def _policy(hub: Hub, basis: Basis) -> dict:
    """The policy in force, with all that operators agreed to."""
    operators = sorted(basis.operators.values(), key=lambda operator: operator.id)
    return {
        "id": f"k{hub.settings.k}",
        "k": hub.settings.k,
        "stricter": {o.id: o.k for o in operators if o.k and o.k > hub.settings.k},
        "sentinel": {o.id: o.sentinel for o in operators},
        "settling_days": hub.settings.settling_days,
    }


def _reports(basis: Basis, table: ProtectedTable) -> list[dict]:
    """How the release uses each report, in the order of sites and months."""
    used = {(c.site.id, c.month): c for c in table.contributions}
    before: dict[tuple[str, Month], set[int]] = {}
    for release in basis.past:
        for c in release.contributions:
            before.setdefault((c.site.id, c.month), set()).add(c.revision)
    entries = []
    for revision in basis.revisions:
        place = revision.site, revision.month
        contribution = used.get(place)
        inclusion = table.inclusions[place]
        entries.append(
            {
                "site": revision.site,
                "month": str(revision.month),
                "status": inclusion.value,
                # What it was cut from, and what of that it uses: while a correction waits, an earlier revision.
                "accepted": revision.number,
                "revision": contribution.revision if contribution else revision.number,
                "counted_in": dict(contribution.counted_in) if contribution else {},
                # Which reports were revised is public, how often is not.
                "revised": bool(before.get(place, set()) - {revision.number})
                or inclusion is Inclusion.CORRECTION_PENDING,
            }
        )
    return entries
