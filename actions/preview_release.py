"""Preview a release: the whole for the steward before it is cut, for an operator what becomes of its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actions.cut_release import protected_table, read_basis
from actions.hub import Hub
from actions.open_release import find_release, open_release
from actions.read_report import read_report
from disclosure.engine import protect
from domain.access import Principal, Scope
from domain.dictionary import Level
from domain.periods import Month
from domain.refusals import NotFound
from domain.release import CellKey, Contribution, Inclusion, Observation, ProtectedTable, Reason, Status
from domain.report import Site
from domain.report_content import report_from_content
from store.directory import all_operators, site_by_id
from store.tenancy import NO_OPERATOR


@dataclass(frozen=True)
class Overview:
    """What a release would be: how many rows of each kind are shown and hidden, and what is left out or waits."""

    rows: Mapping[tuple[str, str, bool], tuple[int, int]]
    reasons: Mapping[Reason, int]
    inclusions: Mapping[tuple[str, Month], Inclusion]
    table: ProtectedTable


@dataclass(frozen=True)
class PreviewedCell:
    """A cell of a report, and whether the public would see it."""

    key: CellKey
    is_shown: bool
    reason: Reason | None


def preview_release(hub: Hub, *, by: Principal, progress: Callable[[float], None] = lambda done: None) -> Overview:
    """What would be cut now. Nothing is kept. Raises ReleaseRefused."""
    by.require(Scope.RELEASES_PUBLISH)
    table = protected_table(hub, read_basis(hub), progress)
    hub.audit_reading(by, "release.preview", "next")
    shown: Counter[tuple[str, str, bool]] = Counter()
    hidden: Counter[tuple[str, str, bool]] = Counter()
    for row in table.observations:
        kind = row.level, row.key.period.kind.value, bool(row.breakdown)
        shown[kind] += row.value_status == Status.PUBLISHED
        hidden[kind] += row.value_status == Status.SUPPRESSED
    rows = {kind: (shown[kind], hidden[kind]) for kind in sorted(shown | hidden)}
    return Overview(rows, Counter(table.reasons.values()), table.inclusions, table)


def preview_report(hub: Hub, *, by: Principal, site: str, month: Month) -> list[PreviewedCell]:
    """What the public would see of an operator's current report, taken by itself.

    Computed from this report and published releases alone, so that it tells nothing of anybody else's
    counts: in a release more can be hidden, to protect what others sent. Raises NotFound.
    """
    current = read_report(hub, by=by, site=site, month=month)
    with hub.database.read(NO_OPERATOR) as connection:
        place = site_by_id(connection, site)
        operators = {operator.id: operator for operator in all_operators(connection)}
    assert place is not None, "its report was read"
    table = protect(
        [Contribution(place, month, report_from_content(current.revision.content))],
        sites=[place],
        operators=operators,
        dictionaries=hub.dictionaries,
        k=hub.settings.k,
    )
    before = _published(hub, place, month)
    return [
        _previewed(row, table, before)
        for row in table.observations
        if row.level == Level.SITE and Status(row.value_status).is_counted
    ]


def _published(hub: Hub, site: Site, month: Month) -> Mapping[CellKey, Observation]:
    """What the newest release says of the site's month."""
    try:
        rows = open_release(hub.artefacts, find_release(hub).id).observations
    except NotFound:
        return {}
    return {row.key: row for row in rows if row.unit == site.id and row.period == str(month)}


def _previewed(row: Observation, table: ProtectedTable, before: Mapping[CellKey, Observation]) -> PreviewedCell:
    """What is told already stays told: shown it stays shown, hidden it stays hidden."""
    told = before.get(row.key)
    if told is None or not Status(told.value_status).is_counted:
        return PreviewedCell(row.key, row.value_status == Status.PUBLISHED, table.reasons.get(row.key))
    is_shown = told.value_status == Status.PUBLISHED
    return PreviewedCell(row.key, is_shown, None if is_shown else table.reasons.get(row.key, Reason.HIDDEN_BEFORE))
