"""What everyone knows about the counts: sums, breakdowns, and persons counted over time.

The rules of the dictionary are in `disclosure/publication/rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from disclosure.linear.system import NO_BOUND, Relation, Sum, System, Unknown
from disclosure.publication.assemble import Assembly, Contributors, PlannedCell, Span
from disclosure.publication.history import History
from disclosure.publication.rules import implications, rule_relations
from disclosure.publication.stocks import stocks_of
from disclosure.publication.unknowns import Count, Numbering, changes, number, one_of_both
from domain.dictionary import CellName, DisclosureClass, Indicator, Kind, Level
from domain.periods import Month, Period, PeriodKind, Quarter, Year
from domain.refusals import Item, ReleaseRefused
from domain.release import CellKey, Contribution

UNIQUE = "participants_unique"
"""The persons of a month; those of a quarter or a year are the union of the persons of its months."""


@dataclass(frozen=True, eq=False)
class Protection:
    """A system, and what its unknowns count, place by place."""

    system: System
    numbering: Numbering


def relate(assembly: Assembly, plan: Sequence[PlannedCell], history: History) -> Protection:
    """The unknowns of the plan, of the reports behind it and of earlier releases, with all relations between them.

    Raises ReleaseRefused where the reports contradict a relation: sums would not add up.
    """
    numbering = number(assembly, plan, history)
    sums = tuple(_sums(numbering))
    relations = (
        *_sums_by_steps(numbering, plan),
        *_breakdowns(numbering),
        *_growth(numbering),
        *_unions(numbering),
        *_changes(numbering),
        *rule_relations(numbering),
    )
    system = System(tuple(numbering.unknowns), sums, relations, tuple(implications(numbering)))
    _refuse_contradictions(system, numbering)
    return Protection(system, numbering)


def _sums(numbering: Numbering) -> Iterator[Sum]:
    """Every sum is that of the counts of its site-months."""
    for place, count in enumerate(numbering.counts):
        if len(count.contributors) > 1:
            yield Sum(place, _parts(numbering, count))


def _parts(numbering: Numbering, count: Count) -> tuple[int, ...]:
    return tuple(sorted(numbering.places[frozenset([one]), count.name] for one in count.contributors))


def _sums_by_steps(numbering: Numbering, plan: Sequence[PlannedCell]) -> Iterator[Relation]:
    """The sums as a reader would take them: sites to city, cities to all, months to quarters, quarters to year."""
    cities = {cell.key.unit: cell.city for cell in plan if cell.key.level is Level.SITE}
    places = {key: place for place, count in enumerate(numbering.counts) for key in count.keys}
    for place, count in enumerate(numbering.counts):
        if len(count.contributors) > 1:
            seen = {frozenset(_parts(numbering, count))}
            for key in count.keys:
                for option in _steps(key, cities):
                    parts = frozenset(places[part] for part in option if part in places) - {place}
                    if parts and parts not in seen and _adds_up(numbering, place, parts):
                        seen.add(parts)
                        yield Relation(((place, 1), *((part, -1) for part in sorted(parts))), 0, 0, implied=True)


def _adds_up(numbering: Numbering, total: int, parts: frozenset[int]) -> bool:
    """Whether the contributors of the parts are those of the total, each once."""
    whole = numbering.counts[total].contributors
    return (
        sum(len(numbering.counts[part].contributors) for part in parts) == len(whole)
        and frozenset().union(*(numbering.counts[part].contributors for part in parts)) == whole
    )


def _changes(numbering: Numbering) -> Iterator[Relation]:
    """What a correction changed lies between the old and the new count."""
    for after, before, change in list(changes(numbering)):
        yield Relation(((after, 1), (before, -1), (change, -1)), 0, 0)


def _steps(key: CellKey, cities: dict[str, str]) -> Iterator[list[CellKey]]:
    for periods in _shorter(key.period):
        yield [CellKey(key.level, key.unit, period, key.name) for period in periods]
    if key.level is Level.CITY:
        sites = [site for site, city in cities.items() if city == key.unit]
        yield [CellKey(Level.SITE, site, key.period, key.name) for site in sites]
    if key.level is Level.ALL:
        yield [CellKey(Level.CITY, city, key.period, key.name) for city in set(cities.values())]


def _shorter(period: Period) -> Iterator[Sequence[Period]]:
    if isinstance(period, Year):
        yield [Quarter(period.year, quarter) for quarter in range(1, 5)]
    if not isinstance(period, Month):
        yield period.months


def _breakdowns(numbering: Numbering) -> Iterator[Relation]:
    """Partitions sum to their total, subsets to at most it; each category of a multi is at most it."""
    groups: dict[tuple[Contributors, str, str], list[int]] = {}
    for place, count in enumerate(numbering.counts):
        if not count.is_total:
            groups.setdefault((count.contributors, count.name.indicator, count.name.breakdown), []).append(place)
    for (contributors, indicator, breakdown), categories in groups.items():
        total = numbering.place(contributors, CellName(indicator))
        binding = numbering.counts[categories[0]].indicator.binding(breakdown)
        if total is not None and binding is not None:
            is_whole = len(categories) == len(binding.breakdown.codes)
            yield from _breakdown(total, categories, binding.kind, is_whole, implied=len(contributors) > 1)


def _breakdown(
    total: int, categories: Sequence[int], kind: Kind, is_whole: bool, *, implied: bool
) -> Iterator[Relation]:
    if kind is Kind.MULTI:
        for category in categories:
            yield Relation(((total, 1), (category, -1)), 0, NO_BOUND, implied)
    else:
        # A partition with a category that is not counted leaves room for it.
        high = 0 if kind is Kind.PARTITION and is_whole else NO_BOUND
        yield Relation(((total, 1), *((category, -1) for category in categories)), 0, high, implied)


def _growth(numbering: Numbering) -> Iterator[Relation]:
    """What a stock grew by is the persons new between: a count of persons like any other.

    Where the report gives the new persons of exactly that month, and they agree, they are the growth;
    else the growth is an unknown of its own that is never published. A stock that falls tells nothing.
    """
    for stock, flow in stocks_of(numbering.assembly.dictionary).items():
        series: dict[tuple[str, CellName], list[int]] = {}
        for place, count in enumerate(numbering.counts):
            if count.name.indicator == stock and count.span.is_exact and len(count.contributors) == 1:
                [(site, *_)] = count.contributors
                series.setdefault((site, count.name), []).append(place)
        for places in series.values():
            for earlier, later in _successive(numbering, places):
                yield from _growth_between(numbering, earlier, later, flow)


def _successive(numbering: Numbering, places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each count of a stock with each of the month counted before; a month may be there in several revisions.

    What is only known from another part is where a step begins; where one ends there is its own part's.
    """
    by_month: dict[Month, list[int]] = {}
    reported: set[Month] = set()
    for place in places:
        [(site, month, _)] = numbering.counts[place].contributors
        by_month.setdefault(month, []).append(place)
        reported |= {month} if (site, month) in numbering.reports else set()
    for first, second in pairwise(sorted(by_month)):
        if second in reported:
            yield from product(by_month[first], by_month[second])


def _growth_between(numbering: Numbering, earlier: int, later: int, flow: str) -> Iterator[Relation]:
    before, after = numbering.counts[earlier], numbering.counts[later]
    grown = numbering.unknowns[later].low - numbering.unknowns[earlier].low
    if grown < 0:
        return
    [(_, first, _)], [(site, second, _)] = before.contributors, after.contributors
    name = CellName(flow, after.name.breakdown, after.name.category)
    told = _flow_told(numbering, site, second, name, grown) if first.next == second else None
    if told is None:
        told = numbering.add(*_newcomers(after, before, numbering.unknowns[later], grown))
    yield Relation(((later, 1), (earlier, -1), (told, -1)), 0, 0)


def _flow_told(numbering: Numbering, site: str, month: Month, name: CellName, grown: int) -> int | None:
    """The count of new persons that a report of the month gives, where it is what the stock grew by."""
    for contribution in numbering.reports[site, month]:
        place = numbering.of_report(contribution, name)
        if place is not None and (numbering.unknowns[place].low, numbering.unknowns[place].high) == (grown, grown):
            return place
    return None


def _newcomers(stock: Count, before: Count, unknown: Unknown, grown: int) -> tuple[Count, Unknown]:
    count = Count(stock.indicator, stock.name, one_of_both(stock, before), Span(grown, grown))
    return count, Unknown(
        low=grown,
        high=grown,
        ceiling=unknown.ceiling,
        k=unknown.k,
        sensitive=stock.indicator.disclosure_class.is_protected and 0 < grown < unknown.k,
        operators=unknown.operators,
    )


def _unions(numbering: Numbering) -> Iterator[Relation]:
    """The persons of a quarter or a year are at least those of any month of it, at most their sum."""
    for contribution in numbering.contributions:
        for indicator in numbering.assembly.dictionary_of(contribution).indicators:
            if indicator.disclosure_class is DisclosureClass.PERSONS and indicator.window is not PeriodKind.MONTH:
                yield from _union(numbering, indicator, contribution)


def _union(numbering: Numbering, indicator: Indicator, contribution: Contribution) -> Iterator[Relation]:
    site, month = contribution.site, contribution.month
    period = month.quarter if indicator.window is PeriodKind.QUARTER else Year(month.year)
    whole = numbering.of_report(contribution, CellName(indicator.id))
    if whole is None or month != period.months[-1]:
        return
    open_months = [m for m in period.months if site.is_open(m)]
    for reports in product(*(numbering.reports.get((site.id, m), [None]) for m in open_months)):
        parts = [numbering.of_report(report, CellName(UNIQUE)) if report else None for report in reports]
        counted = [part for part in parts if part is not None]
        wanted = [Relation(((whole, 1), (part, -1)), 0, NO_BOUND) for part in counted]
        if counted and len(counted) == len(parts):
            wanted.append(Relation(((whole, -1), *((part, 1) for part in counted)), 0, NO_BOUND))
        # No rule makes an operator's counts agree here; what is not so is not known.
        yield from (relation for relation in wanted if _can_hold(relation, numbering.unknowns))


def _can_hold(relation: Relation, unknowns: Sequence[Unknown]) -> bool:
    spans = [(c, unknowns[place].low, unknowns[place].high) for place, c in relation.terms]
    most = sum(max(c * low, c * high) for c, low, high in spans)
    least = sum(min(c * low, c * high) for c, low, high in spans)
    return most >= relation.low and least <= relation.high


def _refuse_contradictions(system: System, numbering: Numbering) -> None:
    low, high = system.truth, system.most
    rows = system.rows
    least, most = rows.reach(low, high)
    broken = [system.all_relations[row] for row in np.flatnonzero((most < rows.low) | (least > rows.high))]
    broken += [i.conclusion for i in system.implications if _is_broken(i.premise, i.conclusion, system.unknowns)]
    if broken:
        names = sorted({describe(numbering.counts[place]) for relation in broken for place, _ in relation.terms})
        raise ReleaseRefused(
            "Reports contradict a rule or do not add up, so nothing is cut.",
            (Item(name, "contradiction", "This cell is part of a sum or rule that does not hold.") for name in names),
        )


def _is_broken(premise: Relation, conclusion: Relation, unknowns: Sequence[Unknown]) -> bool:
    is_certain = all(unknowns[place].is_exact for place, _ in premise.terms)
    return is_certain and _can_hold(premise, unknowns) and not _can_hold(conclusion, unknowns)


def describe(count: Count) -> str:
    """The place of a count in words that carry no number: its first row, or the reports it is counted in."""
    name = "/".join(part for part in (count.name.indicator, count.name.breakdown, count.name.category) if part)
    if count.keys:
        key = count.keys[0]
        return f"/{key.level}/{key.unit}/{key.period}/{name}"
    site, month, _ = max(count.contributors)
    return f"/site/{site}/{month}/{name}"
