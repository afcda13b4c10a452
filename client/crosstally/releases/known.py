"""What everybody knows of the counts: sums, breakdowns and the hard rules of the dictionary, as linear relations.

Left out is what only somebody with the true counts can say holds: by how much a stock grew, what a correction changed,
and persons of a quarter beside those of its months.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import cast

from crosstally._hub.disclosure.linear.system import Implication, Relation, Sum, System, Unknown
from crosstally._hub.domain.dictionary import CellName, Check, Indicator, Kind, Level
from crosstally._hub.domain.expressions import Comparison
from crosstally._hub.domain.periods import Month, Quarter, Year
from crosstally._hub.domain.report import COUNT_MAX
from crosstally.releases.published import Contributors, Count, Release, Row

_STEPS = 100
"""Comparisons are put in hundredths, of which hours are whole numbers too."""


@dataclass(frozen=True)
class Knowledge:
    """The counts by their place, and what relates them."""

    counts: Sequence[Count]
    releases: Sequence[Release]

    @cached_property
    def places(self) -> Mapping[tuple[CellName, Contributors], int]:
        """The place of each count whose contributors are known."""
        return {
            (count.name, count.contributors): place for place, count in enumerate(self.counts) if count.contributors
        }

    @cached_property
    def system(self) -> System:
        """Everything as a system of unknowns and relations."""
        unknowns = tuple(_unknown(count) for count in self.counts)
        relations = (*self._steps(), *self._breakdowns(), *self._rules())
        return System(unknowns, tuple(self._sums()), relations, tuple(self._implications()))

    def _sums(self) -> Iterator[Sum]:
        for place, count in enumerate(self.counts):
            if len(count.contributors) > 1:
                parts = [self.places.get((count.name, frozenset([one]))) for one in count.contributors]
                if None not in parts:
                    yield Sum(place, tuple(sorted(part for part in parts if part is not None)))

    def _steps(self) -> Iterator[Relation]:
        """The sums as a reader would take them: sites to city, cities to all, months to quarters, quarters to year."""
        rows = {(row.release, *_place(row)): place for place, count in enumerate(self.counts) for row in count.rows}
        cities = {site.id: site.city for release in self.releases for site in release.sites.values()}
        for place, count in enumerate(self.counts):
            if len(count.contributors) > 1:
                found = {self._parts(rows, row, units) for row in count.rows for units in _finer(row, cities)}
                for parts in sorted(part for part in found if part and self._adds_up(count, part)):
                    yield Relation(((place, 1), *((part, -1) for part in parts)), 0, 0, implied=True)

    def _parts(self, rows: Mapping[tuple, int], row: Row, cells: Sequence[tuple]) -> tuple[int, ...]:
        """The places of those of some cells that the release of a row tells of."""
        return tuple(sorted({rows[key] for cell in cells if (key := (row.release, *cell)) in rows}))

    def _adds_up(self, total: Count, parts: tuple[int, ...]) -> bool:
        """Whether the contributors of the parts are those of the total, each once."""
        groups = [self.counts[part].contributors for part in parts]
        return sum(map(len, groups)) == len(total.contributors) and frozenset().union(*groups) == total.contributors

    def _breakdowns(self) -> Iterator[Relation]:
        """Partitions sum to their total, subsets to at most it; each category of a multi is at most it."""
        blocks: dict[tuple[str, str, Contributors], list[int]] = {}
        for (name, contributors), place in self.places.items():
            if name.breakdown:
                blocks.setdefault((name.indicator, name.breakdown, contributors), []).append(place)
        for (indicator, breakdown, contributors), categories in blocks.items():
            total = self.places.get((CellName(indicator), contributors))
            binding = self.indicators[indicator].binding(breakdown)
            if total is not None and binding is not None:
                is_whole = len(categories) == len(binding.breakdown.codes)
                yield from _breakdown(total, categories, binding.kind, is_whole, len(contributors) > 1)

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """Every indicator by its id, as the newest release that knows it does."""
        return {i.id: i for release in self.releases for i in release.dictionary.indicators}

    def _rules(self) -> Iterator[Relation]:
        """The comparisons that hold in every report, where all that they compare is counted."""
        for report, check in self._cases("compare"):
            if check.condition is None and check.comparison is not None:
                relation = self._relation(check.comparison, report)
                if relation is not None:
                    yield relation

    def _implications(self) -> Iterator[Implication]:
        for report, check in self._cases("compare"):
            if check.condition is not None and check.comparison is not None:
                pair = self._relation(check.condition, report), self._relation(check.comparison, report)
                if pair[0] is not None and pair[1] is not None:
                    yield Implication(pair[0], pair[1])
        for report, check in self._cases("zero_iff_zero"):
            names = (CellName(str(check.parameters[key])) for key in ("indicator", "other"))
            one, other = (self.places.get((name, report)) for name in names)
            if one is not None and other is not None:
                yield from _together(one, other)

    def _cases(self, kind: str) -> Iterator[tuple[Contributors, Check]]:
        """Each report with the hard checks of a kind that it had to pass."""
        reports = {count.contributors for count in self.counts if len(count.contributors) == 1}
        hard = self._hard_checks(kind)
        for report in sorted(reports, key=sorted):
            yield from ((report, check) for check in hard if self._applies(check, report))

    def _hard_checks(self, kind: str) -> list[Check]:
        """What refuses a report by itself, whichever of the dictionaries it names."""
        versions = list({release.dictionary.version: release.dictionary for release in self.releases}.values())
        every = [[check for rule in version.rules for check in rule.checks] for version in versions]
        common = (check for check in every[-1] if all(check in checks for checks in every))
        return [check for check in common if check.hard and not check.needs_history and check.kind == kind]

    def _applies(self, check: Check, report: Contributors) -> bool:
        """Whether the about block is as the check wants it, and what must be missing is."""
        [(site, month, version)] = report
        about = next((r.about.get((site, month)) for r in reversed(self.releases) if version in ("", r.id)), None)
        wanted = cast(Mapping[str, str], check.parameters.get("about", {}))
        missing = check.parameters.get("where_missing")
        is_counted = missing is not None and (CellName(str(missing)), report) in self.places
        return about is not None and not is_counted and all(about.get(name) == code for name, code in wanted.items())

    def _relation(self, comparison: Comparison, report: Contributors) -> Relation | None:
        """The comparison in whole numbers, or None where an operand is not counted or a fact of the site not known."""
        [(site, month, _)] = report
        facts = {"days_in_month": month.days, "stations": self._stations(site)}
        terms: dict[int, int] = {}
        constant = 0
        for weight in comparison.weights:
            if any(facts[name] is None for name, _ in weight.facts):
                return None
            factor = weight.constant + sum(times * cast(int, facts[name]) for name, times in weight.facts)
            if not weight.place[0]:
                constant += factor * _STEPS
                continue
            place = self.places.get((CellName(*weight.place), report))
            if place is None:
                return None
            terms[place] = terms.get(place, 0) + factor * _STEPS // self.counts[place].scale
        return _compared(terms, -constant, comparison.operator)

    def _stations(self, site: str) -> int | None:
        found: int | None = self.releases[-1].sites[site].stations if site in self.releases[-1].sites else None
        return found


def _place(row: Row) -> tuple:
    return row.level, row.unit, row.period, row.name


def _finer(row: Row, cities: Mapping[str, str]) -> Iterator[list[tuple]]:
    """The cells that add up to a row, in every way there is."""
    level, unit, period, name = _place(row)
    if isinstance(period, Year):
        yield [(level, unit, Quarter(period.year, quarter), name) for quarter in range(1, 5)]
    if not isinstance(period, Month):
        yield [(level, unit, month, name) for month in period.months]
    if level == Level.CITY:
        yield [(Level.SITE.value, site, period, name) for site, city in cities.items() if city == unit]
    if level == Level.ALL:
        yield [(Level.CITY.value, city, period, name) for city in set(cities.values())]


def _unknown(count: Count) -> Unknown:
    most = COUNT_MAX * count.scale * max(1, len(count.contributors))
    value = next(iter(count.values), None)
    if value is not None:
        return Unknown(low=value, high=value, ceiling=max(most, value), scale=count.scale, k=count.k)
    ceiling = most if count.ceiling is None else count.ceiling
    return Unknown(low=0, high=most, floor=count.floor, ceiling=ceiling, scale=count.scale, k=count.k)


def _breakdown(total: int, categories: Sequence[int], kind: Kind, is_whole: bool, implied: bool) -> Iterator[Relation]:
    if kind is Kind.MULTI:
        yield from (Relation(((total, 1), (category, -1)), 0, inf, implied) for category in categories)
    else:
        high = 0 if kind is Kind.PARTITION and is_whole else inf
        yield Relation(((total, 1), *((category, -1) for category in categories)), 0, high, implied)


def _together(one: int, other: int) -> Iterator[Implication]:
    """Both or none are zero."""
    some = [Relation(((place, 1),), 1, inf) for place in (one, other)]
    none = [Relation(((place, 1),), -inf, 0) for place in (one, other)]
    yield Implication(some[0], some[1])
    yield Implication(some[1], some[0])
    yield Implication(none[0], none[1], implied=True)
    yield Implication(none[1], none[0], implied=True)


def _compared(terms: Mapping[int, int], bound: int, operator: str) -> Relation:
    low, high = {
        "<=": (-inf, bound),
        "<": (-inf, bound - 1),
        ">=": (bound, inf),
        ">": (bound + 1, inf),
        "=": (bound, bound),
    }[operator]
    return Relation(tuple((place, weight) for place, weight in sorted(terms.items()) if weight), low, high)
