"""What else to hide so that nobody can work out what must stay hidden.

Greedy and coarse. A cheap pass mends relations that, each taken alone, give too much away. Then the attack
is asked, and for every breach the least useful of the published cells that it rests on is hidden, until
the attack finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from disclosure.attack import Attack, Breach
from disclosure.primary import Pattern
from disclosure.system import NO_BOUND, Relation, System, Unknown
from domain.dictionary import Level
from domain.periods import PeriodKind

_PERIODS = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR)
_LEVELS = (Level.ALL, Level.CITY, Level.SITE)
_PATIENCE = 10


class Unprotectable(Exception):
    """Nothing is left to hide, and these unknowns can still be worked out."""

    def __init__(self, unknowns: Iterable[Unknown]) -> None:
        super().__init__()
        self.unknowns = tuple(unknowns)


def complement(system: System, pattern: Pattern, progress: Callable[[float], None]) -> Pattern:
    """The pattern with so much more hidden that the attack finds nothing; raises Unprotectable."""
    choice = Choice(system)
    pattern = mend_single_relations(system, pattern, choice)
    attack = Attack(system)
    rounds = 0
    while breaches := attack.breaches(pattern.published):
        pattern = pattern.hiding(choice.against(breaches, pattern))
        rounds += 1
        progress(rounds / (rounds + _PATIENCE))
    return pattern


def usefulness(unknown: Unknown) -> tuple[bool, bool, int, int, int]:
    """What is kept first: totals, core indicators, long periods, sites before cities before all, large counts."""
    return (
        not unknown.name.breakdown,
        unknown.indicator.core,
        max((_PERIODS.index(key.period.kind) for key in unknown.keys), default=0),
        max((_LEVELS.index(key.level) for key in unknown.keys), default=0),
        unknown.low,
    )


class Choice:
    """Chooses what to hide; always the same for the same system."""

    def __init__(self, system: System) -> None:
        self._system = system
        order = sorted(range(len(system.unknowns)), key=lambda place: (usefulness(system.unknowns[place]), place))
        self._rank = {place: rank for rank, place in enumerate(order)}

    def least_useful(self, places: Iterable[int], pattern: Pattern, attacker: str) -> int | None:
        """Of these, the one to hide from the attacker, or None where none can be or none is news to it."""
        candidates = [place for place in places if self._helps(place, pattern, attacker)]
        return min(candidates, key=self._rank.__getitem__, default=None)

    def against(self, breaches: Sequence[Breach], pattern: Pattern) -> list[int]:
        """What to hide next: something for every breach, but nothing more for one that is touched already."""
        chosen: set[int] = set()
        for breach in breaches:
            for places in (breach.basis, *self._surroundings(breach.unknown, pattern)):
                if not chosen.isdisjoint(places):
                    break
                place = self.least_useful(places, pattern, breach.attacker)
                if place is not None:
                    chosen.add(place)
                    break
        if not chosen:
            raise Unprotectable(self._system.unknowns[breach.unknown] for breach in breaches)
        return sorted(chosen)

    def _helps(self, place: int, pattern: Pattern, attacker: str) -> bool:
        return bool(pattern.yielding[place]) and self._system.unknowns[place].operators != {attacker}

    def _surroundings(self, start: int, pattern: Pattern) -> Iterator[set[int]]:
        """What is published in the relations of an unknown, then in those of the hidden ones in them, and so on."""
        seen, border = {start}, {start}
        while border:
            reached = {place for unknown in border for place in self._neighbours[unknown]} - seen
            seen |= reached
            yield {place for place in reached if pattern.published[place]}
            border = {place for place in reached if not pattern.published[place]}

    @cached_property
    def _neighbours(self) -> list[set[int]]:
        neighbours: list[set[int]] = [set() for _ in self._system.unknowns]
        implied = [i for pair in self._system.implications for i in (pair.premise, pair.conclusion)]
        for relation in (*self._system.all_relations, *implied):
            places = [place for place, _ in relation.terms]
            for place in places:
                neighbours[place].update(places)
        return neighbours


def mend_single_relations(system: System, pattern: Pattern, choice: Choice) -> Pattern:
    """Hide more in every relation that by itself gives a sensitive unknown too narrowly to an attacker."""
    published = pattern.published.copy()
    hidden = []
    for relation in system.all_relations:
        for attacker in _attackers_of(relation, system):
            while (narrow := _too_narrow(relation, system, published, attacker)) is not None:
                places = [place for place, _ in relation.terms if published[place] and place != narrow]
                place = choice.least_useful(places, pattern, attacker)
                if place is None:
                    break
                published[place] = False
                hidden.append(place)
    return pattern.hiding(hidden)


def _attackers_of(relation: Relation, system: System) -> Iterator[str]:
    """Nobody in particular, and where several operators are in it each of them."""
    yield ""
    operators = {operator for place, _ in relation.terms for operator in system.unknowns[place].operators}
    if len(operators) > 1:
        yield from sorted(operators)


def _too_narrow(relation: Relation, system: System, published: np.ndarray, attacker: str) -> int | None:
    """A sensitive unknown that the relation bounds too narrowly from above, or None."""
    for sign, bound in ((1, relation.high), (-1, -relation.low)):
        if bound == NO_BOUND:
            continue
        slack, hidden = bound, []
        for place, coefficient in relation.terms:
            unknown = system.unknowns[place]
            if published[place] or unknown.operators == {attacker}:
                slack -= sign * coefficient * unknown.low
            else:
                slack -= sign * coefficient * unknown.floor
                hidden.append((place, sign * coefficient))
        if all(coefficient > 0 for _, coefficient in hidden):
            for place, coefficient in hidden:
                if slack < coefficient * system.width[place]:
                    return place
    return None
