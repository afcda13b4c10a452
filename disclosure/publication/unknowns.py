"""Numbering the unknowns: cells with the same contributors are one, within a release and across releases.

Every count of every report that any release used is an unknown, planned or not: what no row tells can still
be worked out from what others tell. So is every sum that the plan shows now, or that a release showed before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from disclosure.linear.system import Unknown
from disclosure.policy import shows_zero
from disclosure.publication.assemble import Assembly, Contributors, PlannedCell, SiteMonth, Span, span_of
from disclosure.publication.history import History, Telling
from disclosure.publication.losses import loss
from domain.dictionary import CellName, DisclosureClass, Indicator, Level
from domain.periods import Month
from domain.refusals import ReleaseRefused
from domain.release import CellKey, Contribution, Reason
from domain.report import COUNT_MAX, Missing, Reported

_HUNDREDTHS = 100


@dataclass(slots=True)
class Count:
    """What an unknown counts: its name, who contributes, and its rows in the release that is cut.

    `once` are its rows in earlier releases, and what they told.
    """

    indicator: Indicator
    name: CellName
    contributors: Contributors
    span: Span
    keys: list[CellKey] = field(default_factory=list)
    once: dict[CellKey, Telling] = field(default_factory=dict)
    withheld: bool = False

    @property
    def was_shown(self) -> bool:
        return Telling.SHOWN in self.once.values()

    @property
    def is_known(self) -> bool:
        """Whether a release told the count, be it withheld since."""
        return self.was_shown or Telling.KNOWN in self.once.values()

    @property
    def was_hidden(self) -> bool:
        return Telling.HIDDEN in self.once.values()

    @property
    def is_total(self) -> bool:
        return not self.name.breakdown


@dataclass
class Numbering:
    """The counts in their order with the unknown of each, and the place of each by contributors and name."""

    assembly: Assembly
    operator_of: dict[str, str]
    contributions: list[Contribution]
    counts: list[Count] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    places: dict[tuple[Contributors, CellName], int] = field(default_factory=dict)

    @cached_property
    def reports(self) -> dict[SiteMonth, list[Contribution]]:
        """The reports of each site and month, as they are used now and as they were used before."""
        found: dict[SiteMonth, list[Contribution]] = {}
        for contribution in self.contributions:
            found.setdefault((contribution.site.id, contribution.month), []).append(contribution)
        return found

    def place(self, contributors: Contributors, name: CellName) -> int | None:
        """The place of an unknown, or None where nothing is counted."""
        return self.places.get((contributors, name))

    def of_report(self, contribution: Contribution, name: CellName) -> int | None:
        """The place of a count of one report, or None where it is not counted."""
        return self.places.get((source_of(contribution, name.indicator), name))

    def add(self, count: Count, unknown: Unknown) -> int:
        """Give the count the next place."""
        self.counts.append(count)
        self.unknowns.append(unknown)
        self.places.setdefault((count.contributors, count.name), len(self.counts) - 1)
        return len(self.counts) - 1

    def operators(self, contributors: Contributors) -> frozenset[str]:
        """Who sent the reports."""
        return frozenset(self.operator_of[site] for site, *_ in contributors)


def source_of(contribution: Contribution, indicator: str) -> Contributors:
    """The counts of one report as contributors to what only they contribute to."""
    return frozenset([(contribution.site.id, contribution.month, contribution.revision_of(indicator))])


def number(assembly: Assembly, plan: Iterable[PlannedCell], history: History) -> Numbering:
    """Number every count of the reports, and every sum of the plan; raises ReleaseRefused for half a count."""
    contributions = [*assembly.contributions, *history.contributions_besides(assembly)]
    sites = [*assembly.sites, *(c.site for c in contributions), *(c.site for c, _ in history.known_before)]
    numbering = Numbering(assembly, {site.id: site.operator for site in sites}, contributions)
    counts: dict[tuple[Contributors, CellName], Count] = {}
    for contribution in contributions:
        for count in _counts(assembly, contribution):
            counts.setdefault((count.contributors, count.name), count)
    for cell in plan:
        if isinstance(cell.content, Span):
            count = _planned(assembly, counts, cell, cell.content)
            count.keys.append(cell.key)
            count.withheld |= cell.is_withheld
    for cell, telling in history.cells(assembly):
        if isinstance(cell.content, Span):
            count = _planned(assembly, counts, cell, cell.content)
            count.once.setdefault(cell.key, telling)
    for contribution, name in history.known_before:
        count = _known(assembly, contribution, name)
        counts.setdefault((count.contributors, count.name), count)
    for count in counts.values():
        numbering.add(count, _unknown(numbering, count))
    return numbering


def _known(assembly: Assembly, contribution: Contribution, name: CellName) -> Count:
    """A count of another month that the newest release shows."""
    indicator = assembly.dictionary_of(contribution).by_id[name.indicator]
    cell = contribution.report.cell(name)
    assert isinstance(cell, Reported), "a count that everybody knows was not sent as a bound"
    key = CellKey(Level.SITE, contribution.site.id, contribution.month, name)
    contributors = source_of(contribution, name.indicator)
    return Count(indicator, name, contributors, span_of(cell, indicator), once={key: Telling.SHOWN})


def _planned(assembly: Assembly, counts: dict, cell: PlannedCell, span: Span) -> Count:
    place = cell.contributors, cell.key.name
    if place not in counts:
        counts[place] = Count(_indicator(assembly, cell.key.name), cell.key.name, cell.contributors, span)
    found: Count = counts[place]
    return found


def _indicator(assembly: Assembly, name: CellName) -> Indicator:
    versions = sorted(assembly.dictionaries.values(), key=lambda version: version.version, reverse=True)
    return next(version.by_id[name.indicator] for version in versions if name.indicator in version.by_id)


def _counts(assembly: Assembly, contribution: Contribution) -> Iterator[Count]:
    indicators = assembly.dictionary_of(contribution).by_id
    for name, cell in contribution.report.cells():
        indicator = indicators.get(name.indicator)
        if indicator is not None and not isinstance(cell, Missing):
            yield Count(indicator, name, source_of(contribution, name.indicator), span_of(cell, indicator))


def _unknown(numbering: Numbering, count: Count) -> Unknown:
    indicator, contributors = count.indicator, count.contributors
    operators = numbering.operators(contributors)
    k = numbering.assembly.policy.k_for(operators)
    scale = _HUNDREDTHS if indicator.unit == "hours" else 1
    low, high = _whole(count.span.low, scale, count.name), _whole(count.span.high, scale, count.name)
    sent_as_bound = low < high and len(contributors) == 1
    # The bound that an operator sent is told where it is wide enough to tell little.
    told_bound = sent_as_bound and high >= k * scale
    zero_is_shown = low == high and any(shows_zero(indicator, key) for key in (*count.keys, *count.once))
    protected = indicator.disclosure_class.is_protected
    return Unknown(
        low=low,
        high=high,
        # Where zeros are shown, what is hidden is not zero.
        floor=1 if zero_is_shown else 0,
        ceiling=high if told_bound else COUNT_MAX * scale * len(contributors),
        scale=scale,
        k=k,
        sensitive=sent_as_bound or (protected and low < k * scale and high > 0),
        is_protected=protected,
        is_report_total=protected and count.is_total and len(contributors) == 1,
        quarter=_quarter(min(month for _, month, _ in contributors)),
        operators=operators,
        loss=loss(count.name, indicator, (*count.keys, *count.once)),
    )


def _quarter(month: Month) -> int:
    return 4 * month.year + (month.number - 1) // 3


def _whole(value: float, scale: int, name: CellName) -> int:
    whole = round(value * scale)
    if abs(whole - value * scale) > 1e-6:
        raise ReleaseRefused(f"A report gives {name.indicator} in a fraction that no count can have.")
    return whole


def changes(numbering: Numbering) -> Iterator[tuple[int, int, int]]:
    """What a correction changed, as unknowns of their own: (after, before, change), where each is exact.

    A change is as sensitive as a count of its size: it tells of the persons that the correction was about.
    """
    for after, before in _corrected(numbering):
        one, other = numbering.unknowns[after], numbering.unknowns[before]
        count = numbering.counts[after]
        size = one.low - other.low
        if not (one.is_exact and other.is_exact and size):
            continue
        change = Unknown(
            low=size,
            high=size,
            floor=-other.ceiling,
            ceiling=one.ceiling,
            scale=one.scale,
            k=one.k,
            sensitive=count.indicator.disclosure_class.is_personal and abs(size) < one.width,
            operators=one.operators,
        )
        contributors = one_of_both(count, numbering.counts[before])
        yield after, before, numbering.add(Count(count.indicator, count.name, contributors, Span(size, size)), change)


def one_of_both(count: Count, other: Count) -> Contributors:
    """The contributors of what relates two counts."""
    return count.contributors | other.contributors


def _corrected(numbering: Numbering) -> Iterator[tuple[int, int]]:
    """The places of the same cell in successive revisions of a report."""
    series: dict[tuple, list[tuple[int, int]]] = {}
    for place, count in enumerate(numbering.counts):
        if len(count.contributors) == 1:
            [(site, month, revision)] = count.contributors
            series.setdefault((site, month, count.name), []).append((revision, place))
    for found in series.values():
        ordered: Sequence[tuple[int, int]] = sorted(found)
        yield from ((after, before) for (_, before), (_, after) in zip(ordered, ordered[1:], strict=False))


def reason(count: Count, unknown: Unknown) -> Reason | None:
    """Why policy hides a count by itself, or None."""
    if count.withheld:
        return Reason.CORRECTION
    if not unknown.is_exact:
        return Reason.SENT_AS_BOUND
    is_small = count.indicator.disclosure_class.is_protected and unknown.low < unknown.width
    return Reason.SMALL if is_small else None


def is_sentinel(count: Count) -> bool:
    """Whether the count is shown by agreement, whatever it is."""
    return count.indicator.disclosure_class is DisclosureClass.SENTINEL
