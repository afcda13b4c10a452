"""What the public would see of one report, taken by itself.

Worked out from the report, the agreements of its operator and published releases alone, so that it tells nothing of
anybody else's counts: in a release more can be hidden, to protect what others sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actions.hub import Hub
from actions.open_release import find_release, open_release
from actions.proof_record import reasons_of
from actions.query_observations import Query
from disclosure.engine import protect
from domain.dictionary import Level
from domain.periods import Month, MonthRange
from domain.refusals import NotFound
from domain.release import CellKey, Contribution, Observation, Reason, Status
from domain.report import Operator, Site


@dataclass(frozen=True)
class PreviewedCell:
    """A cell of a report, and whether the public would see it."""

    key: CellKey
    is_shown: bool
    reason: Reason | None


def preview_counts(
    hub: Hub,
    contribution: Contribution,
    operators: Mapping[str, Operator],
    progress: Callable[[float], None] = lambda done: None,
) -> list[PreviewedCell]:
    """Every count of the report that its publication plan names; none where the report could not be released at all.

    `operators` is the site's own by its id. Raises ReleaseRefused where the counts contradict each other.
    """
    place, month = contribution.site, contribution.month
    table = protect(
        [contribution],
        sites=[place],
        operators=operators,
        dictionaries=hub.dictionaries,
        k=hub.settings.k,
        progress=progress,
    )
    before, reasons = _published(hub, place, month), dict(reasons_of(table.parts))
    return [
        _previewed(row, reasons, before)
        for row in table.observations
        if row.level == Level.SITE and Status(row.value_status).is_counted
    ]


def _published(hub: Hub, site: Site, month: Month) -> Mapping[CellKey, Observation]:
    """What the newest release says of the site's month."""
    try:
        cube = open_release(hub.artefacts, find_release(hub).id).cube
    except NotFound:
        return {}
    query = Query({"level": frozenset({Level.SITE}), "unit": frozenset({site.id})}, MonthRange(month, month))
    return {row.key: row for rows in cube.rows(query.selection(cube)) for row in rows.observations()}


def _previewed(
    row: Observation, reasons: Mapping[CellKey, Reason], before: Mapping[CellKey, Observation]
) -> PreviewedCell:
    """What is told already stays told: shown it stays shown, hidden it stays hidden."""
    told = before.get(row.key)
    if told is None or not Status(told.value_status).is_counted:
        return PreviewedCell(row.key, row.value_status == Status.PUBLISHED, reasons.get(row.key))
    is_shown = told.value_status == Status.PUBLISHED
    return PreviewedCell(row.key, is_shown, None if is_shown else reasons.get(row.key, Reason.HIDDEN_BEFORE))
