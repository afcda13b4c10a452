"""Numbering the unknowns: cells with the same contributors are one.

Every count of every report is an unknown, planned or not: what no row tells can still be worked out from
what others tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from disclosure.assemble import Assembly, Contributors, PlannedCell, SiteMonth, Span, span_of
from disclosure.policy import shows_zero
from disclosure.system import Unknown
from domain.dictionary import CellName
from domain.refusals import ReleaseRefused
from domain.release import CellKey
from domain.report import COUNT_MAX, Missing

_HUNDREDTHS = 100


@dataclass
class Numbering:
    """The unknowns in their order, and the place of each by its contributors and name."""

    assembly: Assembly
    unknowns: list[Unknown] = field(default_factory=list)
    places: dict[tuple[Contributors, CellName], int] = field(default_factory=dict)

    def place(self, contributors: Iterable[SiteMonth], name: CellName) -> int | None:
        """The place of an unknown, or None where nothing is counted."""
        return self.places.get((frozenset(contributors), name))

    def add(self, unknown: Unknown) -> int:
        """Give the unknown the next place."""
        self.unknowns.append(unknown)
        self.places[unknown.contributors, unknown.name] = len(self.unknowns) - 1
        return len(self.unknowns) - 1

    def operators(self, contributors: Contributors) -> frozenset[str]:
        """Who sent the reports."""
        return frozenset(self.assembly.reports[contributor].site.operator for contributor in contributors)


def number(assembly: Assembly, plan: Iterable[PlannedCell]) -> Numbering:
    """Number every count of the reports, and every sum of the plan; raises ReleaseRefused for half a count."""
    numbering = Numbering(assembly)
    spans: dict[tuple[Contributors, CellName], Span] = dict(_counts(assembly))
    keys: dict[tuple[Contributors, CellName], list[CellKey]] = {}
    for cell in plan:
        if isinstance(cell.content, Span):
            spans.setdefault((cell.contributors, cell.key.name), cell.content)
            keys.setdefault((cell.contributors, cell.key.name), []).append(cell.key)
    for (contributors, name), span in spans.items():
        numbering.add(_unknown(numbering, name, contributors, tuple(keys.get((contributors, name), ())), span))
    return numbering


def _counts(assembly: Assembly) -> Iterator[tuple[tuple[Contributors, CellName], Span]]:
    for (site, month), contribution in sorted(assembly.reports.items()):
        for name, cell in contribution.report.cells():
            if name.indicator in assembly.dictionary.by_id and not isinstance(cell, Missing):
                contributors = frozenset([(site, month)])
                yield (contributors, name), span_of(cell, assembly.dictionary.by_id[name.indicator])


def _unknown(
    numbering: Numbering, name: CellName, contributors: Contributors, keys: tuple[CellKey, ...], span: Span
) -> Unknown:
    indicator = numbering.assembly.dictionary.by_id[name.indicator]
    operators = numbering.operators(contributors)
    k = numbering.assembly.policy.k_for(operators)
    scale = _HUNDREDTHS if indicator.unit == "hours" else 1
    low, high = _whole(span.low, scale, name), _whole(span.high, scale, name)
    sent_as_bound = low < high and len(contributors) == 1
    # The bound that an operator sent is told where it is wide enough to tell little.
    told_bound = sent_as_bound and high >= k * scale
    return Unknown(
        indicator=indicator,
        name=name,
        contributors=contributors,
        operators=operators,
        keys=keys,
        low=low,
        high=high,
        scale=scale,
        ceiling=high if told_bound else COUNT_MAX * scale * len(contributors),
        k=k,
        sensitive=sent_as_bound or (indicator.disclosure_class.is_protected and low < k * scale and high > 0),
        zero_is_shown=any(shows_zero(indicator, key) for key in keys),
    )


def _whole(value: float, scale: int, name: CellName) -> int:
    whole = round(value * scale)
    if abs(whole - value * scale) > 1e-6:
        raise ReleaseRefused(f"A report gives {name.indicator} in a fraction that no count can have.")
    return whole
