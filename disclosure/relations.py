"""What everyone knows about the counts: sums, breakdowns, and persons counted over time.

The rules of the dictionary are in `disclosure/rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from disclosure.assemble import Assembly, Contributors, PlannedCell, SiteMonth
from disclosure.rules import implications, rule_relations
from disclosure.system import NO_BOUND, Relation, Sum, System, Unknown
from disclosure.unknowns import Numbering, number
from domain.dictionary import CellName, Dictionary, DisclosureClass, Indicator, Kind, Level
from domain.periods import Month, Period, PeriodKind, Quarter, Year
from domain.refusals import Item, ReleaseRefused
from domain.release import CellKey

UNIQUE = "participants_unique"
"""The persons of a month; those of a quarter or a year are the union of the persons of its months."""


def build_system(assembly: Assembly, plan: Sequence[PlannedCell]) -> System:
    """The unknowns of the plan and of the reports behind it, with all relations between them.

    Raises ReleaseRefused where the reports contradict a relation: sums would not add up.
    """
    numbering = number(assembly, plan)
    sums = tuple(_sums(numbering))
    relations = (
        *_sums_by_steps(numbering, plan),
        *_breakdowns(numbering),
        *_growth(numbering),
        *_unions(numbering),
        *rule_relations(numbering),
    )
    system = System(tuple(numbering.unknowns), sums, relations, tuple(implications(numbering)))
    _refuse_contradictions(system)
    return system


def _sums(numbering: Numbering) -> Iterator[Sum]:
    """Every sum is that of the counts of its site-months."""
    for place, unknown in enumerate(numbering.unknowns):
        if len(unknown.contributors) > 1:
            parts = (numbering.places[frozenset([one]), unknown.name] for one in sorted(unknown.contributors))
            yield Sum(place, tuple(parts))


def _sums_by_steps(numbering: Numbering, plan: Sequence[PlannedCell]) -> Iterator[Relation]:
    """The sums as a reader would take them: sites to city, cities to all, months to quarters, quarters to year."""
    cities = {cell.key.unit: cell.city for cell in plan if cell.key.level is Level.SITE}
    places = {key: place for place, unknown in enumerate(numbering.unknowns) for key in unknown.keys}
    for place, unknown in enumerate(numbering.unknowns):
        seen = {_site_months(numbering, unknown)}
        for key in unknown.keys:
            for option in _steps(key, cities):
                parts = frozenset(places[part] for part in option if part in places) - {place}
                if parts and parts not in seen and _adds_up(numbering, place, parts):
                    seen.add(parts)
                    yield Relation(((place, 1), *((part, -1) for part in sorted(parts))), 0, 0, implied=True)


def _site_months(numbering: Numbering, unknown: Unknown) -> frozenset[int]:
    return frozenset(numbering.places[frozenset([one]), unknown.name] for one in unknown.contributors)


def _adds_up(numbering: Numbering, total: int, parts: frozenset[int]) -> bool:
    """Whether the contributors of the parts are those of the total, each once."""
    contributors = [one for part in parts for one in numbering.unknowns[part].contributors]
    whole = numbering.unknowns[total].contributors
    return len(contributors) == len(whole) and frozenset(contributors) == whole


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
    for place, unknown in enumerate(numbering.unknowns):
        if unknown.name.breakdown:
            groups.setdefault((unknown.contributors, unknown.name.indicator, unknown.name.breakdown), []).append(place)
    for (contributors, indicator, breakdown), categories in groups.items():
        total = numbering.place(contributors, CellName(indicator))
        binding = numbering.assembly.dictionary.by_id[indicator].binding(breakdown)
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
    for stock, flow in _stocks(numbering.assembly.dictionary).items():
        series: dict[tuple[str, CellName], list[int]] = {}
        for place, unknown in enumerate(numbering.unknowns):
            if unknown.name.indicator == stock and unknown.is_exact and len(unknown.contributors) == 1:
                [(site, _)] = unknown.contributors
                series.setdefault((site, unknown.name), []).append(place)
        for places in series.values():
            ordered = sorted(places, key=lambda place: min(numbering.unknowns[place].contributors))
            for earlier, later in pairwise(ordered):
                yield from _growth_between(numbering, earlier, later, flow)


def _stocks(dictionary: Dictionary) -> dict[str, str]:
    """The indicators that count ever-growing stocks, each with the one that counts its growth ('': none)."""
    checks = [check for rule in dictionary.rules for check in rule.checks]
    stocks = {str(check.parameters["indicator"]): "" for check in checks if check.kind == "falls"}
    flows = {str(c.parameters["stock"]): str(c.parameters["flow"]) for c in checks if c.kind == "difference"}
    return {**stocks, **flows}


def _growth_between(numbering: Numbering, earlier: int, later: int, flow: str) -> Iterator[Relation]:
    before, after = numbering.unknowns[earlier], numbering.unknowns[later]
    grown = after.low - before.low
    if grown < 0:
        return
    [(site, first)], [(_, second)] = before.contributors, after.contributors
    name = CellName(flow, after.name.breakdown, after.name.category)
    told = numbering.place([(site, second)], name) if first.next == second else None
    if told is None or (numbering.unknowns[told].low, numbering.unknowns[told].high) != (grown, grown):
        told = numbering.add(_newcomers(after, before.contributors | after.contributors, grown))
    yield Relation(((later, 1), (earlier, -1), (told, -1)), 0, 0)


def _newcomers(stock: Unknown, contributors: Contributors, count: int) -> Unknown:
    return Unknown(
        indicator=stock.indicator,
        name=stock.name,
        contributors=contributors,
        operators=stock.operators,
        keys=(),
        low=count,
        high=count,
        scale=1,
        ceiling=stock.ceiling,
        k=stock.k,
        sensitive=stock.indicator.disclosure_class.is_protected and 0 < count < stock.k,
        zero_is_shown=False,
    )


def _unions(numbering: Numbering) -> Iterator[Relation]:
    """The persons of a quarter or a year are at least those of any month of it, at most their sum."""
    for indicator in numbering.assembly.dictionary.indicators:
        if indicator.disclosure_class is DisclosureClass.PERSONS and indicator.window is not PeriodKind.MONTH:
            for site, month in sorted(numbering.assembly.reports):
                yield from _union(numbering, indicator, site, month)


def _union(numbering: Numbering, indicator: Indicator, site: str, month: Month) -> Iterator[Relation]:
    period = month.quarter if indicator.window is PeriodKind.QUARTER else Year(month.year)
    whole = numbering.place([(site, month)], CellName(indicator.id))
    if whole is None or month != period.months[-1]:
        return
    open_months: list[SiteMonth] = [(site, m) for m in period.months if _is_open(numbering.assembly, site, m)]
    parts = [numbering.place([one], CellName(UNIQUE)) for one in open_months]
    counted = [part for part in parts if part is not None]
    wanted = [Relation(((whole, 1), (part, -1)), 0, NO_BOUND) for part in counted]
    if counted and len(counted) == len(parts):
        wanted.append(Relation(((whole, -1), *((part, 1) for part in counted)), 0, NO_BOUND))
    # No rule makes an operator's counts agree here; what is not so is not known.
    yield from (relation for relation in wanted if _can_hold(relation, numbering.unknowns))


def _is_open(assembly: Assembly, site: str, month: Month) -> bool:
    return any(s.id == site and s.is_open(month) for s in assembly.sites)


def _can_hold(relation: Relation, unknowns: Sequence[Unknown]) -> bool:
    spans = [(c, unknowns[place].low, unknowns[place].high) for place, c in relation.terms]
    most = sum(max(c * low, c * high) for c, low, high in spans)
    least = sum(min(c * low, c * high) for c, low, high in spans)
    return most >= relation.low and least <= relation.high


def _refuse_contradictions(system: System) -> None:
    broken = [r for r in system.all_relations if not _can_hold(r, system.unknowns)]
    broken += [i.conclusion for i in system.implications if _is_broken(i.premise, i.conclusion, system.unknowns)]
    if broken:
        names = sorted({describe(system.unknowns[place]) for relation in broken for place, _ in relation.terms})
        raise ReleaseRefused(
            "Reports contradict a rule or do not add up, so nothing is cut.",
            (Item(name, "contradiction", "This cell is part of a sum or rule that does not hold.") for name in names),
        )


def _is_broken(premise: Relation, conclusion: Relation, unknowns: Sequence[Unknown]) -> bool:
    is_certain = all(unknowns[place].is_exact for place, _ in premise.terms)
    return is_certain and _can_hold(premise, unknowns) and not _can_hold(conclusion, unknowns)


def describe(unknown: Unknown) -> str:
    """The place of an unknown in words that carry no count: its first row, or the reports it is counted in."""
    name = "/".join(part for part in (unknown.name.indicator, unknown.name.breakdown, unknown.name.category) if part)
    if unknown.keys:
        key = unknown.keys[0]
        return f"/{key.level}/{key.unit}/{key.period}/{name}"
    site, month = max(unknown.contributors)
    return f"/site/{site}/{month}/{name}"
