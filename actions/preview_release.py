"""Preview a release: the whole for the steward before it is cut, for an operator what becomes of its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actions.cut_release import protected_table, read_basis
from actions.hub import Hub
from actions.preview_counts import PreviewedCell, preview_counts
from actions.proof_record import reasons_of
from actions.read_directory import read_operator, read_site
from actions.read_report import read_report
from domain.access import Principal, Scope
from domain.periods import Month
from domain.release import Contribution, Inclusion, ProtectedTable, Reason, Status
from domain.report_content import report_from_content


@dataclass(frozen=True)
class Overview:
    """What a release would be: how many rows of each kind are shown and hidden, and what is left out or waits."""

    rows: Mapping[tuple[str, str, bool], tuple[int, int]]
    reasons: Mapping[Reason, int]
    inclusions: Mapping[tuple[str, Month], Inclusion]
    table: ProtectedTable


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
    why = Counter(reason for _, reason in reasons_of(table.parts))
    return Overview(rows, why, table.inclusions, table)


def preview_report(hub: Hub, *, by: Principal, site: str, month: Month) -> list[PreviewedCell]:
    """What the public would see of an operator's current report, taken by itself; raises NotFound."""
    current = read_report(hub, by=by, site=site, month=month)
    place = read_site(hub, site)
    operators = {place.operator: read_operator(hub, place.operator)}
    return preview_counts(hub, Contribution(place, month, report_from_content(current.revision.content)), operators)
