"""Made-up tables of the shapes that are measured: always the same, skewed the way real counts are.

A table has units (sites and all of them together), perhaps periods (months and their quarter), and breakdowns
that may be crossed. Every count is a cell, totals too, and every total is the sum of its parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from disclosure.linear.system import Mask, Relation, Rows, Vector

K = 11
ALL = -1
"""The code of a total, along any dimension."""

# Shares of the categories of each variable, largest first.
SHARES = {
    "age": (0.27, 0.22, 0.17, 0.12, 0.09, 0.06, 0.04, 0.02, 0.01),
    "gender": (0.68, 0.27, 0.035, 0.015),
    "race": (0.31, 0.24, 0.17, 0.09, 0.06, 0.04, 0.03, 0.02, 0.015, 0.01, 0.01, 0.005),
    "route": (0.55, 0.30, 0.10, 0.05),
    "race of eight": (0.33, 0.25, 0.18, 0.10, 0.06, 0.04, 0.03, 0.01),
    "drug": (0.36, 0.25, 0.15, 0.1, 0.06, 0.04, 0.03, 0.01),
    "age of five": (0.35, 0.3, 0.2, 0.1, 0.05),
    "race of five": (0.4, 0.3, 0.15, 0.1, 0.05),
}


@dataclass(frozen=True)
class Case:
    """A shape: `tables` are the variables that are crossed in one table, `mean` the persons a site and month.

    The slow ones are only measured where they are named.
    """

    name: str
    sites: int
    tables: tuple[tuple[str, ...], ...]
    mean: float
    months: int = 1
    spread: float = 0.8
    seed: int = 20240611
    slow: bool = False


CROSSED = (("age", "gender"), ("race", "gender"), ("route",))
LARGE = (("age", "gender"), ("race of eight", "gender"), ("drug",))
ONE_WAY = (("age of five",), ("gender",), ("race of five",))
CASES = (
    Case("S2", 6, (("age", "gender"),), 110),
    Case("S", 6, CROSSED, 110),
    Case("M1", 60, LARGE, 130),
    Case("M", 60, LARGE, 130, months=3, slow=True),
    Case("margins of 60", 60, ONE_WAY, 180),
    Case("margins of 600", 600, ONE_WAY, 190, slow=True),
)


@dataclass(frozen=True, eq=False)
class Table:
    """Cells with their true counts, and the relations that hold between them."""

    case: Case
    codes: tuple[tuple[int, ...], ...]
    truth: Vector
    rows: Rows

    @property
    def sensitive(self) -> Mask:
        return (self.truth > 0) & (self.truth < K)

    @property
    def published(self) -> Mask:
        """What is published whatever happens: zeros."""
        return self.truth == 0

    @cached_property
    def loss(self) -> Vector:
        """What is lost with a cell: the bits of its count, once more for every dimension along which it is a total."""
        totals = np.array([1 + sum(code == ALL for code in codes) for codes in self.codes])
        return totals * np.floor(np.log2(np.maximum(self.truth, 1)) + 1)


def make(case: Case) -> Table:
    """The table of a case."""
    rng = np.random.default_rng(case.seed)
    variables = tuple(dict.fromkeys(name for table in case.tables for name in table))
    counts: dict[tuple[int, ...], int] = {}
    for codes in _persons(case, variables, rng):
        for cell in _cells_of(codes, case, variables):
            counts[cell] = counts.get(cell, 0) + 1
    places = {cell: place for place, cell in enumerate(_all_cells(case, variables))}
    truth = np.array([counts.get(cell, 0) for cell in places], dtype=float)
    return Table(case, tuple(places), truth, Rows.of(_relations(places, case, variables)))


def _persons(case: Case, variables: Sequence[str], rng: np.random.Generator) -> list[tuple[int, ...]]:
    """One (site, month, code of each variable) for each person, every site with shares of its own."""
    persons: list[tuple[int, ...]] = []
    for site in range(case.sites):
        mean = case.mean * rng.lognormal(-(case.spread**2) / 2, case.spread)
        shares = [rng.dirichlet(np.array(SHARES[name]) * 30) for name in variables]
        for month in range(case.months):
            count = rng.poisson(mean)
            drawn = [rng.choice(len(share), count, p=share).tolist() for share in shares]
            persons += [(site, month, *codes) for codes in zip(*drawn, strict=True)]
    return persons


def _patterns(case: Case, variables: Sequence[str]) -> list[tuple[bool, ...]]:
    """Which variables a published cell may tell at once: those of one table, or some of them, or none."""
    chosen = {
        tuple(name in some for name in variables)
        for table in case.tables
        for some in (set(np.array(table)[list(mask)]) for mask in product((False, True), repeat=len(table)))
    }
    return sorted(chosen)


def _cells_of(person: tuple[int, ...], case: Case, variables: Sequence[str]) -> list[tuple[int, ...]]:
    site, month, *codes = person
    return [
        (unit, period, *(code if told else ALL for code, told in zip(codes, pattern, strict=True)))
        for unit in (site, ALL)
        for period in ((month, ALL) if case.months > 1 else (month,))
        for pattern in _patterns(case, variables)
    ]


def _all_cells(case: Case, variables: Sequence[str]) -> list[tuple[int, ...]]:
    periods = [*range(case.months), ALL] if case.months > 1 else [0]
    return [
        cell
        for pattern in _patterns(case, variables)
        for cell in product(
            [*range(case.sites), ALL],
            periods,
            *(range(len(SHARES[name])) if told else [ALL] for name, told in zip(variables, pattern, strict=True)),
        )
    ]


def _relations(places: dict[tuple[int, ...], int], case: Case, variables: Sequence[str]) -> list[Relation]:
    """Every cell that is a total along a dimension is the sum of the cells that tell that dimension."""
    sizes = (case.sites, case.months, *(len(SHARES[name]) for name in variables))
    relations = []
    for cell, place in places.items():
        for dimension, size in enumerate(sizes):
            parts = [cell[:dimension] + (code,) + cell[dimension + 1 :] for code in range(size)]
            if cell[dimension] == ALL and parts[0] in places:
                relations.append(Relation(((place, 1), *((places[part], -1) for part in parts)), 0, 0))
    return relations
