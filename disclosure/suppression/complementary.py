"""What else to hide so that nobody can work out what must stay hidden.

A cheap pass mends relations that, each taken alone, give too much away. Then the cheapest ways are looked
for in which what is still open could be otherwise, for anyone and for each operator, and what is published
on them is hidden. At last what turns out not to be needed is given back, and where a table is small enough
the best pattern there is takes the place of the one found.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from disclosure.attack import Attack
from disclosure.linear.components import look
from disclosure.linear.demands import Demands
from disclosure.linear.pattern import Pattern
from disclosure.linear.system import Mask, System, Vector
from disclosure.linear.witnesses import Move, Operators, Witnesses, clusters
from disclosure.suppression.detours import Detours
from disclosure.suppression.economy import economize
from disclosure.suppression.single_rows import mend_single_relations
from disclosure.suppression.surplus import Reliance, publish_again
from domain.release import ANYONE

_TOGETHER = 15
# So many of the dearest are tried, where no more than so many others rest on each, so often; and fewer where there
# are many attackers, against each of whom every try proves.
_DEAR, _RESTING, _ROUNDS = 600, 40, 2
_AGAINST_ALL = 24_000
_NOBODY: Operators = frozenset()


class Unprotectable(Exception):
    """Nothing is left to hide, and these unknowns can still be worked out."""

    def __init__(self, unknowns: Iterable[int]) -> None:
        super().__init__()
        self.unknowns = tuple(sorted(set(unknowns)))


@dataclass(frozen=True, eq=False)
class Proposal:
    """What to publish, and the moves that are claimed to prove that the rest is safe."""

    published: Mask
    claims: Sequence[Move]


def complement(
    system: System, pattern: Pattern, center: Vector, progress: Callable[[float], None] = lambda share: None
) -> Proposal:
    """So much more hidden that nobody can work out what is sensitive; raises Unprotectable.

    `center` is a table that fits all relations: the truth, where it is known.
    """
    demands = Demands(system)
    witnesses = Witnesses.of(system)
    detours = Detours(system, mend_single_relations(system, pattern), center, witnesses)
    work = _Work(system, demands, detours, pattern)
    work.against_anyone(lambda share: progress(0.6 * share))
    work.against_operators(lambda share: progress(0.6 + 0.3 * share))
    if work.is_broken():
        work.force()
        if broken := work.is_broken():
            raise Unprotectable(broken)
    claims = work.give_back(lambda share: progress(0.9 + 0.1 * share))
    better = economize(system, pattern, detours.published, center)
    if better is not None:
        return Proposal(better, ())
    return Proposal(detours.published, claims)


class _Work:
    """The steps of the protection, on one pattern that changes."""

    def __init__(self, system: System, demands: Demands, detours: Detours, pattern: Pattern) -> None:
        self._system = system
        self._demands = demands
        self._detours = detours
        self._witnesses = detours.witnesses
        self._pattern = pattern
        self._width = system.vector(unknown.width for unknown in system.unknowns)
        self.failed: list[int] = []
        self._keys = self._cluster_keys()

    def against_anyone(self, progress: Callable[[float], None]) -> None:
        """Protect what is sensitive from anyone, and by other ways from those on the first."""
        asked = np.where(self._detours.published, 0, self._system.width)
        groups = list(clusters(np.flatnonzero(asked > 0).tolist(), self._keys, _TOGETHER))
        for number, places in enumerate(groups):
            self.failed += self._detours.protect(places, asked)
            if not self._detours.forced:
                self._detours.find_another_way(places, asked)
            progress((number + 1) / len(groups))

    def against_operators(self, progress: Callable[[float], None]) -> None:
        """Protect what is still open before single operators."""
        names = self._demands.attackers[1:]
        needed_by = self._witnesses.needed_by(np.flatnonzero(~self._detours.published).tolist())
        for number, attacker in enumerate(names):
            asked = self._asked(attacker)
            # Elsewhere the attacker knows no more than anyone.
            concerned = {*needed_by.get(attacker, ()), *self._demands.shared(attacker)}
            left = [place for place in sorted(concerned) if asked[place] and self._is_open(place, asked, attacker)]
            for places in clusters(left, self._keys, _TOGETHER):
                self.failed += self._detours.protect(places, asked, frozenset([attacker]))
            progress((number + 1) / len(names))

    def is_broken(self) -> list[int]:
        """Where detours failed, what the attack finds, which is not bound to the ways that detours keep to."""
        places = sorted(set(self.failed))
        if not places:
            return []
        claims = (move for move in self._detours.moves if np.isin(places, move.places).any())
        return Attack(self._system, self._detours.published, self._detours.frame.center).narrow_among(places, claims)

    def force(self) -> None:
        """Once more, and at any price."""
        self._detours.forced, self.failed = True, []
        self.against_anyone(lambda share: None)
        self.against_operators(lambda share: None)

    def give_back(self, progress: Callable[[float], None]) -> Sequence[Move]:
        """Publish again what no protection needs; the moves that are still good."""
        asked = {attacker: self._asked(attacker) > 0 for attacker in self._demands.attackers}
        reliance = Reliance(self._witnesses, self._detours.moves, asked, self._width)
        taken = np.flatnonzero(self._pattern.published & ~self._detours.published)
        publish_again(self._system, self._detours.published, taken, reliance, lambda share: progress(share / 2))
        tries = min(_DEAR, _AGAINST_ALL // len(self._demands.attackers))
        dearest = sorted(taken[~self._detours.published[taken]].tolist(), key=self._dearest_first)[:tries]
        for number, place in enumerate(dearest):
            self._publish_by_other_proofs(place, reliance)
            progress(0.5 + (number + 1) / len(dearest) / 2)
        return reliance.moves

    def _dearest_first(self, place: int) -> tuple[float, int]:
        return -self._system.unknowns[place].loss, place

    def _publish_by_other_proofs(self, place: int, reliance: Reliance) -> None:
        """Publish an unknown again if what its moves prove can be proved by what stays hidden."""
        replaceable = reliance.replaceable(place, _RESTING)
        if replaceable is None:
            return
        moves, resting = replaceable
        found = reliance.left_for(resting, moves)
        with self._detours.relying_on(found) as instead:
            self._detours.published[place] = True
            if self._prove(resting, reliance, found):
                reliance.replace(moves, instead)
            else:
                self._detours.published[place] = False

    def _prove(self, places: Sequence[int], reliance: Reliance, found: Witnesses) -> bool:
        """Whether some unknowns are proved against everybody, by moves that are looked for where they are lacking."""
        for _ in range(_ROUNDS):
            open_to = {attacker for place in places for attacker in reliance.open_to(place, found)}
            for attacker in sorted(open_to, key=lambda name: (name != ANYONE, name)):
                left = [place for place in places if attacker in reliance.open_to(place, found)]
                asked = np.where(reliance.asked(attacker), self._width, 0)
                for some in clusters(left, self._keys, _TOGETHER):
                    self._detours.prove(some, asked, _knowing(attacker))
            if not open_to:
                return True
        return not any(reliance.open_to(place, found) for place in places)

    def _asked(self, attacker: str) -> Vector:
        own = self._demands.counts_as_own(attacker, self._detours.upper)
        return np.where(self._detours.published | own, 0, self._demands.width(attacker))

    def _is_open(self, place: int, asked: Vector, attacker: str) -> bool:
        return self._witnesses.width(place, _knowing(attacker)) < asked[place]

    def _cluster_keys(self) -> list[Hashable]:
        """What is looked at together: counts of the same operators and quarter in the same component."""
        view = look(self._system, self._detours.published & self._system.exact)
        labels = np.full(len(self._system.unknowns), -1)
        for number, component in enumerate(view.components):
            labels[component.targets] = number
        return [
            (label, u.operators, u.quarter) for label, u in zip(labels.tolist(), self._system.unknowns, strict=True)
        ]


def _knowing(attacker: str) -> Operators:
    return _NOBODY if attacker == ANYONE else frozenset([attacker])
