"""Brute force: every table of whole numbers that fits a tiny system, written down, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from disclosure.linear.system import Implication, Relation, System

ANYONE = "anyone"
MOST_TABLES = 200_000


class TooMany(Exception):
    """The system has more tables than can be written down."""


def _holds(relation: Relation, tables: np.ndarray) -> np.ndarray:
    activity = sum(coefficient * tables[:, place].astype(int) for place, coefficient in relation.terms)
    return (relation.low <= activity) & (activity <= relation.high)


def _fits(law: Relation | Implication, tables: np.ndarray) -> np.ndarray:
    if isinstance(law, Relation):
        return _holds(law, tables)
    return ~_holds(law.premise, tables) | _holds(law.conclusion, tables)


def _places(law: Relation | Implication) -> set[int]:
    relations = (law,) if isinstance(law, Relation) else (law.premise, law.conclusion)
    return {place for relation in relations for place, _ in relation.terms}


def tables_of(system: System) -> np.ndarray:
    """All tables that fit the laws, whatever is hidden: a row for each, a column for each unknown."""
    sums = {sum.total: sum.parts for sum in system.sums}
    laws: list[Relation | Implication] = [*system.relations, *system.implications]
    tables, done = np.zeros((1, len(system.unknowns)), dtype=np.int16), set[int]()
    for place, unknown in enumerate(system.unknowns):
        if place not in sums:
            values = np.arange(min(unknown.floor, unknown.low), unknown.ceiling + 1)
            if len(tables) * len(values) > MOST_TABLES:
                raise TooMany
            tables = np.repeat(tables, len(values), axis=0)
            tables[:, place] = np.tile(values, len(tables) // len(values))
            done.add(place)
            for law in laws:
                if place in _places(law) and _places(law) <= done:
                    tables = tables[_fits(law, tables)]
    for total, parts in sums.items():
        tables[:, total] = tables[:, list(parts)].sum(axis=1)
    for law in laws:
        tables = tables[_fits(law, tables)]
    return tables


@dataclass(frozen=True, eq=False)
class BruteForce:
    """All attackers before what is published of a system; `center` has counts that operators know, if not the hub."""

    system: System
    published: np.ndarray
    center: np.ndarray

    @cached_property
    def tables(self) -> np.ndarray:
        return tables_of(self.system)

    @cached_property
    def attackers(self) -> list[str]:
        return [ANYONE, *sorted(set(chain.from_iterable(u.operators for u in self.system.unknowns)))]

    def seen_by(self, attacker: str, *, assuming_small: bool = False) -> np.ndarray:
        """The tables that agree with all that an attacker knows."""
        tables = self.tables
        for place, unknown in enumerate(self.system.unknowns):
            values = tables[:, place]
            if unknown.operators == {attacker} or (unknown.is_exact and self.published[place]):
                tables = tables[values == self.center[place]]
            else:
                is_guessed = assuming_small and unknown.is_report_total
                most = min(unknown.ceiling, unknown.width - unknown.scale) if is_guessed else unknown.ceiling
                tables = tables[(unknown.floor <= values) & (values <= max(most, unknown.floor))]
        return tables

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """The least and the most that anyone can tell of every unknown."""
        tables = self.seen_by(ANYONE)
        return tables.min(axis=0), tables.max(axis=0)

    def breaches(self) -> set[tuple[int, str]]:
        """What is narrower to an attacker than asked."""
        found = set()
        for attacker in self.attackers:
            tables = self.seen_by(attacker)
            for place, width in self._asked(attacker, tables):
                if int(tables[:, place].max()) - int(tables[:, place].min()) < width:
                    found.add((place, attacker))
        return found

    def exact_if_small(self) -> set[tuple[int, str]] | None:
        """What anyone gets exactly who takes it that hidden totals of reports are small; None where they cannot be."""
        tables = self.seen_by(ANYONE, assuming_small=True)
        if not len(tables):
            return None
        exact = tables.min(axis=0) == tables.max(axis=0)
        unknowns = enumerate(self.system.unknowns)
        return {(place, ANYONE) for place, u in unknowns if u.sensitive and not self.published[place] and exact[place]}

    def _asked(self, attacker: str, tables: np.ndarray) -> Iterator[tuple[int, int]]:
        """Every unknown that is protected against the attacker, and how wide it must stay."""
        shared = {sum.total: sum.parts for sum in self.system.sums}
        for place, unknown in enumerate(self.system.unknowns):
            if self.published[place] or unknown.operators == {attacker}:
                continue
            is_sensitive = unknown.sensitive
            if attacker in unknown.operators and place in shared:
                others = [part for part in shared[place] if attacker not in self.system.unknowns[part].operators]
                if not tables[:, others].any():
                    continue
                least, most = (sum(getattr(self.system.unknowns[o], end) for o in others) for end in ("low", "high"))
                is_sensitive |= unknown.is_protected and least < unknown.width and most > 0
            if is_sensitive:
                yield place, unknown.width
