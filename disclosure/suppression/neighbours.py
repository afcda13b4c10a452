"""What else stands in the relations of a count: where to hide more when an attack still finds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from disclosure.linear.pattern import Pattern
from disclosure.linear.system import Mask, System


def cheapest_neighbours(system: System, pattern: Pattern, published: Mask, unknowns: Sequence[int]) -> list[int]:
    """For each unknown the published one nearest to it that is lost most cheaply, unless one is chosen already."""
    neighbours = _neighbours(system)
    chosen: set[int] = set()
    for unknown in unknowns:
        for places in _rings(neighbours, unknown, published):
            if not chosen.isdisjoint(places):
                break
            helping = [place for place in places if pattern.yielding[place]]
            if helping:
                chosen.add(min(helping, key=lambda place: (system.unknowns[place].loss, place)))
                break
    return sorted(chosen)


def _rings(neighbours: list[set[int]], start: int, published: Mask) -> Iterator[set[int]]:
    """What is published in the relations of an unknown, then in those of the hidden ones in them, and so on."""
    seen, border = {start}, {start}
    while border:
        reached = {place for unknown in border for place in neighbours[unknown]} - seen
        seen |= reached
        yield {place for place in reached if published[place]}
        border = {place for place in reached if not published[place]}


def _neighbours(system: System) -> list[set[int]]:
    neighbours: list[set[int]] = [set() for _ in system.unknowns]
    implied = [relation for pair in system.implications for relation in (pair.premise, pair.conclusion)]
    for relation in (*system.all_relations, *implied):
        places = [place for place, _ in relation.terms]
        for place in places:
            neighbours[place].update(places)
    return neighbours
