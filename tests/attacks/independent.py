"""An attack that shares nothing with the hub: exact integer programs (scipy) written down from the rows alone.

The unknowns are the counts of each site and month. Every published row is an equation over them; the
categories of the partition sum to their total, naloxone is at most events, people at most visits and zero
exactly when visits are (a switch, 0 or 1, says which), hidden visits are not zero, and nothing is negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from domain.periods import parse_period
from domain.release import Observation
from domain.report import Site

Atom = tuple[str, str, str]  # site, month, name
Known = tuple[Mapping[Atom, int], float, float]  # low <= sum of coefficient x unknown <= high
CATEGORIES = ("events/kind/a", "events/kind/b")
CEILING = 10_000
SWITCH = "switch"


def name_of(row: Observation) -> str:
    """`events`, `events/kind/a` or `naloxone`."""
    return "/".join(part for part in (row.indicator, row.breakdown, row.category) if part)


@dataclass(frozen=True)
class Attack:
    """What one attacker knows: the rows of a release, and the true counts of its own sites."""

    rows: Sequence[Observation]
    sites: Sequence[Site]
    truth: Mapping[Atom, int]
    operator: str = ""

    def parts(self, row: Observation) -> list[Atom]:
        """The unknowns that a row sums."""
        places = [
            s.id for s in self.sites if row.level == "all" or row.unit == (s.id if row.level == "site" else s.city)
        ]
        months = [str(month) for month in parse_period(row.period).months]
        wanted = ((site, month, name_of(row)) for site in places for month in months)
        return [atom for atom in wanted if atom in self.truth]

    def others(self, row: Observation) -> list[Atom]:
        """The unknowns of a row that are not the attacker's own."""
        own = {site.id for site in self.sites if site.operator == self.operator}
        return [atom for atom in self.parts(row) if atom[0] not in own]

    def interval(self, atoms: Iterable[Atom]) -> tuple[int, int]:
        """The least and the most that the sum of these unknowns can be."""
        switches = [(site, month, SWITCH) for site, month, name in self.truth if self._is_switched(site, month, name)]
        places = {atom: place for place, atom in enumerate([*self.truth, *switches])}
        most = [1 if name == SWITCH else CEILING for _, _, name in places]
        costs = np.zeros(len(places))
        for atom in atoms:
            costs[places[atom]] = 1
        ends = []
        for sign in (1, -1):
            found = milp(sign * costs, constraints=self._constraints(places), integrality=1, bounds=Bounds(0, most))
            assert found.status == 0, "what is published can be true"
            ends.append(round(sign * found.fun))
        return ends[0], ends[1]

    def _constraints(self, places: Mapping[Atom, int]) -> LinearConstraint:
        known = [*self._published(), *self._relations(), *self._own()]
        lines = np.zeros((len(known), len(places)))
        for line, (terms, _, _) in zip(lines, known, strict=True):
            for atom, coefficient in terms.items():
                line[places[atom]] = coefficient
        return LinearConstraint(lines, [low for _, low, _ in known], [high for _, _, high in known])

    def _published(self) -> Iterator[Known]:
        for row in self.rows:
            if row.value_status == "published":
                yield dict.fromkeys(self.parts(row), 1), row.value, row.value
            elif name_of(row) == "visits":
                # Zeros of uses are always shown: what is hidden is not one.
                yield dict.fromkeys(self.parts(row), 1), 1, np.inf

    def _relations(self) -> Iterator[Known]:
        for site, month, name in self.truth:
            total, naloxone = (site, month, "events"), (site, month, "naloxone")
            if name == "events":
                yield {total: 1, **{(site, month, category): -1 for category in CATEGORIES}}, 0, 0
            if name == "naloxone":
                yield {total: 1, naloxone: -1}, 0, np.inf
            if self._is_switched(site, month, name):
                people, visits, switch = (site, month, name), (site, month, "visits"), (site, month, SWITCH)
                yield {visits: 1, people: -1}, 0, np.inf
                for count in (people, visits):
                    yield {count: 1, switch: -1}, 0, np.inf
                    yield {count: 1, switch: -CEILING}, -np.inf, 0

    def _is_switched(self, site: str, month: str, name: str) -> bool:
        return name == "people" and (site, month, "visits") in self.truth

    def _own(self) -> Iterator[Known]:
        own = {site.id for site in self.sites if site.operator == self.operator}
        for atom, count in self.truth.items():
            if atom[0] in own:
                yield {atom: 1}, count, count
