"""The cheap pass: relations that, each taken alone, give away a sensitive count.

In every relation that bounds its hidden counts too closely, the least useful of the published ones are hidden
until what is hidden adds up to enough. It mends most of what policy alone leaves open.
"""

from __future__ import annotations

from collections.abc import Iterator

from disclosure.linear.pattern import Pattern
from disclosure.linear.system import NO_BOUND, Mask, Relation, System
from domain.release import ANYONE

_SHORT = 40


def mend_single_relations(system: System, pattern: Pattern) -> Pattern:
    """Hide more in every relation that by itself gives a sensitive unknown too narrowly to an attacker."""
    published = pattern.published.tolist()
    yielding = pattern.yielding.tolist()
    width = system.width.tolist()
    hidden = []
    for relation in system.all_relations:
        if not any(width[place] and not published[place] for place, _ in relation.terms):
            continue
        for attacker in _attackers_of(relation, system):
            while (narrow := _too_narrow(relation, system, published, width, attacker)) is not None:
                others = [place for place, _ in relation.terms if published[place] and place != narrow]
                helping = [p for p in others if yielding[p] and system.unknowns[p].operators != {attacker}]
                if not helping:
                    break
                hidden.append(min(helping, key=lambda place: _order(system, place)))
                published[hidden[-1]] = False
    return pattern.hiding(hidden)


class SingleRelations:
    """The short relations of each unknown, to see at a glance whether one of them forbids that it is published."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._width = system.width.tolist()
        self._of: dict[int, list[Relation]] = {}
        for relation in system.all_relations:
            for place, _ in relation.terms if len(relation.terms) <= _SHORT else ():
                self._of.setdefault(place, []).append(relation)

    def allow(self, place: int, published: Mask) -> bool:
        """Whether none of these relations gives away too much to anyone once the unknown is published."""
        published[place] = True
        fine = all(
            _too_narrow(relation, self._system, published, self._width, ANYONE) is None
            for relation in self._of.get(place, ())
        )
        published[place] = False
        return fine


def _order(system: System, place: int) -> tuple[float, int, int]:
    return system.unknowns[place].loss, system.unknowns[place].low, place


def _attackers_of(relation: Relation, system: System) -> Iterator[str]:
    """Nobody in particular, and of a few operators each: one of many knows too little to be looked at here."""
    yield ANYONE
    if len(relation.terms) <= _SHORT:
        operators = {operator for place, _ in relation.terms for operator in system.unknowns[place].operators}
        yield from sorted(operators) if len(operators) > 1 else ()


def _too_narrow(
    relation: Relation, system: System, published: Mask | list[bool], width: list[float], attacker: str
) -> int | None:
    """A sensitive unknown that the relation bounds too narrowly from above, or None."""
    own = frozenset([attacker])
    for sign, bound in ((1, relation.high), (-1, -relation.low)):
        if bound == NO_BOUND:
            continue
        slack, hidden = bound, []
        for place, coefficient in relation.terms:
            unknown = system.unknowns[place]
            if published[place] or unknown.operators == own:
                slack -= sign * coefficient * unknown.low
            else:
                slack -= sign * coefficient * unknown.floor
                hidden.append((place, sign * coefficient))
        if all(coefficient > 0 for _, coefficient in hidden):
            for place, coefficient in hidden:
                if slack < coefficient * width[place]:
                    return place
    return None
