"""The report made of counts: judged by the rules, and what of it is small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from crosstally import checking
from crosstally._hub.domain.dictionary import Dictionary
from crosstally._hub.domain.refusals import Refusal
from crosstally._hub.domain.report import Report, Reported
from crosstally._hub.formats.reports.sheet import Sheet
from crosstally._hub.openapi.report_files import load_sheet
from crosstally.aggregation.counting import Counts
from crosstally.aggregation.mapping import ColumnMapping
from crosstally.models import Finding


def report_content(
    mapping: ColumnMapping, counts: Counts, closed: str | None = None, acknowledged: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The report as JSON values. `acknowledged` are rules whose warnings were looked at, each with the reason."""
    content = {"dictionary": mapping.dictionary.version, "about": dict(mapping.about), "indicators": counts.indicators}
    looked_at = [{"rule": rule, "reason": reason} for rule, reason in acknowledged]
    return {**content, **({"closed": closed} if closed else {}), **({"acknowledged": looked_at} if looked_at else {})}


def judge(content: Mapping[str, Any]) -> tuple[Report | None, tuple[Finding, ...]]:
    """The report, where it has the shape of one, and everything that is found in it."""
    try:
        report = load_sheet(Sheet(content, {})).report
    except Refusal as refusal:
        return None, tuple(Finding("", "error", i.code, i.pointer, i.detail) for i in refusal.items)
    return report, tuple(Finding(**asdict(finding)) for finding in checking.judged(report))


def small_cells(report: Report, dictionary: Dictionary, k: int) -> Iterator[tuple[str, int | float]]:
    """The counts from 1 to k-1 of what the policy protects, by their pointers: the hub hides them from the public."""
    for name, cell in report.cells():
        indicator = dictionary.by_id[name.indicator]
        if isinstance(cell, Reported) and indicator.disclosure_class.is_protected and 0 < cell.value < k:
            yield name.pointer, cell.value


def rows(report: Report) -> Iterable[tuple[str, str, str, object]]:
    """The cells of a report as rows of a table."""
    return [(*name.words, cell.content) for name, cell in report.cells()]
