"""An attack that shares nothing with the hub: exact integer programs (scipy) written down from the rows alone.

The unknowns are the counts of each site and month, one for each revision that a release used: which they are
the manifest tells. Every published row of every release is an equation over them, and every report in a
release fits the public rules, which are written down here once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from domain.periods import parse_period
from domain.release import Contribution, Observation, ProtectedTable
from domain.report import Bounded, Missing, Site

Atom = tuple[str, str, int, str]  # site, month, revision, name
Known = tuple[Mapping[Atom, int], float, float]  # low <= sum of coefficient x unknown <= high
CEILING = 10_000
SWITCH = "switch"

PARTITIONS = {"events": ("events/kind/a", "events/kind/b"), "visits": ("visits/part/p", "visits/part/q")}
SUBSETS = {"events": ("events/place/x", "events/place/y")}
MULTIS = {"participants_unique": ("participants_unique/drug/m", "participants_unique/drug/n")}
AT_MOST = (("naloxone", "events"), ("participants_unique", "visits"), ("deaths", "events"))
BOTH_ZERO = ("participants_unique", "visits")
PERSONAL = ("events", "naloxone", "participants_unique", "quarter_unique")
UNIQUE, OF_QUARTER = "participants_unique", "quarter_unique"
USES = ("visits",)


def name_of(row: Observation) -> str:
    """`events`, `events/kind/a` or `naloxone`."""
    return "/".join(part for part in (row.indicator, row.breakdown, row.category) if part)


def counts_of(report: Contribution) -> Iterator[tuple[Atom, object]]:
    """Every count that a report gives, with what it says."""
    for name, cell in report.report.cells():
        if not isinstance(cell, Missing):
            path = "/".join(part for part in (name.indicator, name.breakdown, name.category) if part)
            yield (report.site.id, str(report.month), report.revision_of(name.indicator), path), cell


@dataclass(frozen=True, eq=False)
class Attack:
    """What one attacker knows: the rows of all releases, and the true counts of its own sites.

    `thresholds` has the k of each operator: bounds of at least k that an operator sent are told.
    """

    releases: Sequence[ProtectedTable]
    truth: Mapping[Atom, int]
    thresholds: Mapping[str, int]
    operator: str = ""
    _seen: list[np.ndarray] = field(default_factory=list)

    def parts(self, table: ProtectedTable, row: Observation) -> list[Atom]:
        """The unknowns that a row of a release sums."""
        months = set(map(str, parse_period(row.period).months))
        name = name_of(row)
        found = []
        for report in table.contributions:
            unit = {"site": report.site.id, "city": report.site.city, "all": "all"}[row.level]
            if unit == row.unit and str(report.month) in months:
                atom = (report.site.id, str(report.month), report.revision_of(row.indicator), name)
                found += [atom] if atom in self.bounds_sent else []
        return found

    def others(self, atoms: Iterable[Atom]) -> list[Atom]:
        """Those of the unknowns that are not the attacker's own."""
        return [atom for atom in atoms if self.operator_of[atom[0]] != self.operator]

    def end(self, terms: Mapping[Atom, int], sign: int) -> int:
        """The least (1) or the most (-1) that a sum of unknowns can be."""
        costs = self._costs(terms)
        return round(costs @ self._table(sign * costs))

    def is_apart(self, terms: Mapping[Atom, int], width: int) -> bool:
        """Whether two tables that fit put a sum of unknowns so far apart."""
        costs = self._costs(terms)
        values = [round(costs @ table) for table in self._seen]
        if values and max(values) - min(values) >= width:
            return True
        return self.end(terms, -1) - self.end(terms, 1) >= width

    @cached_property
    def operator_of(self) -> dict[str, str]:
        return {id: place.operator for id, place in self._sites.items()}

    @cached_property
    def _sites(self) -> dict[str, Site]:
        return {c.site.id: c.site for table in self.releases for c in table.contributions}

    @cached_property
    def bounds_sent(self) -> dict[Atom, int | None]:
        """Every unknown, with the bound that its operator sent."""
        return {
            atom: cell.lt - 1 if isinstance(cell, Bounded) else None
            for table in self.releases
            for report in table.contributions
            for atom, cell in counts_of(report)
        }

    @cached_property
    def _places(self) -> dict[Atom, int]:
        switches = [(*atom[:3], SWITCH) for atom in self.bounds_sent if atom[3] == BOTH_ZERO[0]]
        return {atom: place for place, atom in enumerate([*self.bounds_sent, *switches])}

    def _costs(self, terms: Mapping[Atom, int]) -> np.ndarray:
        costs = np.zeros(len(self._places))
        for atom, coefficient in terms.items():
            costs[self._places[atom]] += coefficient
        return costs

    def _table(self, costs: np.ndarray) -> np.ndarray:
        found = milp(costs, constraints=self._constraints, integrality=1, bounds=Bounds(0, self._most))
        assert found.status == 0, "what is published can be true"
        self._seen.append(np.rint(found.x))
        return self._seen[-1]

    @cached_property
    def _most(self) -> list[int]:
        return [1 if atom[3] == SWITCH else CEILING for atom in self._places]

    @cached_property
    def _constraints(self) -> LinearConstraint:
        known = [*self._published(), *self._relations(), *self._unions(), *self._own()]
        entries = [(c, line, self._places[atom]) for line, (terms, *_) in enumerate(known) for atom, c in terms.items()]
        values, lines, columns = zip(*entries, strict=True)
        matrix = coo_array((values, (lines, columns)), shape=(len(known), len(self._places)))
        return LinearConstraint(matrix.tocsc(), [low for _, low, _ in known], [high for _, _, high in known])

    def _published(self) -> Iterator[Known]:
        for table in self.releases:
            for row in table.observations:
                terms = dict.fromkeys(self.parts(table, row), 1)
                if row.value_status == "published":
                    yield terms, row.value, row.value
                elif row.value_status == "suppressed" and self._is_not_zero(row, terms):
                    yield terms, 1, np.inf

    def _is_not_zero(self, row: Observation, terms: Iterable[Atom]) -> bool:
        """Zeros of uses and of years are always shown: what is hidden is not one, unless a bound was sent."""
        shown = row.indicator in USES or (row.indicator in PERSONAL and parse_period(row.period).kind == "year")
        return not row.breakdown and shown and all(self.bounds_sent[atom] is None for atom in terms)

    def _relations(self) -> Iterator[Known]:
        for table in self.releases:
            for report in table.contributions:
                given = {atom[3]: atom for atom, _ in counts_of(report)}
                yield from _breakdowns(given)
                for small, large in AT_MOST:
                    if small in given and large in given:
                        yield {given[large]: 1, given[small]: -1}, 0, np.inf
                if set(BOTH_ZERO) <= given.keys():
                    switch = (*given[BOTH_ZERO[0]][:3], SWITCH)
                    for name in BOTH_ZERO:
                        yield {given[name]: 1, switch: -1}, 0, np.inf
                        yield {given[name]: 1, switch: -CEILING}, -np.inf, 0

    def _unions(self) -> Iterator[Known]:
        """The persons of a quarter are at least those of any month and at most their sum, where that is so."""
        for whole in [atom for atom in self.bounds_sent if atom[3] == OF_QUARTER]:
            site, period = whole[0], parse_period(whole[1]).quarter
            by_month = [
                [atom for atom in self.bounds_sent if atom[0] == site and atom[1] == str(month) and atom[3] == UNIQUE]
                for month in period.months
                if self._sites[site].is_open(month)
            ]
            for part in chain.from_iterable(by_month):
                if self.truth[part] <= self.truth[whole]:
                    yield {whole: 1, part: -1}, 0, np.inf
            for parts in product(*by_month):
                if sum(self.truth[part] for part in parts) >= self.truth[whole]:
                    yield {whole: -1, **dict.fromkeys(parts, 1)}, 0, np.inf

    def _own(self) -> Iterator[Known]:
        for atom, bound in self.bounds_sent.items():
            operator = self.operator_of[atom[0]]
            if operator == self.operator:
                yield {atom: 1}, self.truth[atom], self.truth[atom]
            elif bound is not None and bound >= self.thresholds[operator]:
                yield {atom: 1}, 0, bound


def _breakdowns(given: Mapping[str, Atom]) -> Iterator[Known]:
    """What the breakdowns of one report say of its totals."""
    for kinds, high in ((PARTITIONS, 0), (SUBSETS, np.inf)):
        for total, codes in kinds.items():
            if codes[0] in given:
                yield {given[total]: 1, **{given[code]: -1 for code in codes}}, 0, high
    for total, codes in MULTIS.items():
        for code in codes:
            if code in given:
                yield {given[total]: 1, given[code]: -1}, 0, np.inf
