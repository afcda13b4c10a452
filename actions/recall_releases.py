"""Recall what every release told, and which counts it used, for the proof of the next one."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from actions.hub import Hub
from actions.proof_record import unpack_record
from actions.release_files import OBSERVATIONS, SITES
from domain.canonical import canonical_json
from domain.periods import Month
from domain.release import Contribution, Observation, PastRelease, PublishedRelease, periods_of
from domain.report import Report, Site
from domain.report_content import report_from_content
from domain.retraction import STILL_SERVED
from domain.site_content import site_from_content
from formats.observations_csv import read_observations_of
from store.releases import Use, all_cuts, explanation_of, reports_used
from store.reports import revision_of
from store.retractions import all_retractions


@dataclass(frozen=True)
class Recalled:
    """A release as it was cut, and what its file says of every row."""

    id: str
    told: PastRelease


Revisions = dict[tuple[str, Month, int], Report]


def recall_releases(hub: Hub, connection: Connection) -> list[Recalled]:
    """Every release that was cut, the oldest first. Retracted ones too: what they told is known."""
    known: Revisions = {}
    withheld = {r.retracted for r in all_retractions(connection).values() if r.reason not in STILL_SERVED}
    cuts = all_cuts(connection)
    recalled = [Recalled(cut.id, _past(hub, connection, cut, known, cut.id in withheld)) for cut in cuts]
    # Only what the newest tells may be told again as it is.
    newest = explanation_of(connection, cuts[-1].id) if cuts else None
    if newest is not None:
        told = replace(recalled[-1].told, parts=unpack_record(newest).parts)
        recalled[-1] = replace(recalled[-1], told=told)
    return recalled


def _past(
    hub: Hub, connection: Connection, release: PublishedRelease, known: Revisions, is_withheld: bool
) -> PastRelease:
    sites = [site_from_content(entry) for entry in json.loads(hub.artefacts.read(release.id, SITES))]
    by_id = {site.id: site for site in sites}
    uses = reports_used(connection, release.id)
    _read(connection, uses, known)
    manifest = json.loads(release.manifest)
    return PastRelease(
        contributions=[_contribution(use, by_id, known) for use in uses],
        sites=sites,
        rows=partial(_rows, hub, release.id),
        terms=canonical_json([manifest["dictionary"], manifest["policy"]]).decode(),
        is_withheld=is_withheld,
    )


def _rows(hub: Hub, release: str, months: Collection[Month]) -> Iterator[Observation]:
    """The rows about some months, as the file says them."""
    return read_observations_of(hub.artefacts.read(release, OBSERVATIONS), periods_of(months))


def _read(connection: Connection, uses: Iterable[Use], known: Revisions) -> None:
    """Read the revisions in use that are not known yet."""
    for use in uses:
        for number in {use.revision, *use.counted_in.values()}:
            place = use.site, use.month, number
            if place not in known:
                revision = revision_of(connection, *place)
                assert revision is not None, "the database refuses uses of what is not there"
                known[place] = report_from_content(revision.content)


def _contribution(use: Use, sites: Mapping[str, Site], known: Revisions) -> Contribution:
    """The report as it was used: the revision, with the counts of earlier ones where these were kept."""
    report = known[use.site, use.month, use.revision]
    tallies = {
        name: known[use.site, use.month, use.counted_in.get(name, use.revision)].indicators.get(name, tally)
        for name, tally in report.indicators.items()
    }
    used = Report(report.dictionary, report.about, tallies, report.closed, report.revision_reason, report.acknowledged)
    return Contribution(sites[use.site], use.month, used, use.revision, use.counted_in)
