"""The attack: whether anybody who reads what is published can work out what must stay hidden.

A hidden count is safe from an attacker when two tables of whole numbers exist, both in agreement with
everything the attacker knows, in which the count differs by at least its width (k). Such tables are
exhibited: linear programs suggest them, and each is tried against every relation in exact arithmetic before
it counts. So a solver that errs can only make a safe count look unsafe. Nothing here is shared with the
suppressor but the system itself.

Once more for anyone, all hidden totals of a site's month are assumed to be small, as a reader might guess:
where that can be, it must not give a sensitive count exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from disclosure.attackers import Attacker, attackers
from disclosure.components import View, look
from disclosure.program import Extremes
from disclosure.search import Evidence, Search
from disclosure.system import Mask, Places, System, Vector

METHOD = (
    "sums, breakdowns and hard rules as linear relations between whole numbers; bounds propagation and HiGHS linear "
    "programs; a hidden count is safe when two tables that fit all relations put it k apart"
)


class Contradiction(Exception):
    """Nothing fits what is known: the counts contradict the relations."""


@dataclass(frozen=True)
class Breach:
    """A count that an attacker can work out too well, and the published ones that this rests on."""

    unknown: int
    attacker: str
    basis: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Attack:
    """All attackers before one system.

    Tables found against one set of published unknowns stay valid when more are hidden, so an Attack may be
    asked again about a smaller set; a new one starts from nothing.
    """

    system: System

    @cached_property
    def attackers(self) -> tuple[Attacker, ...]:
        """Anyone, then every operator."""
        return tuple(attackers(self.system))

    def breaches(self, published: Mask, progress: Callable[[float], None] = lambda share: None) -> list[Breach]:
        """The breaches by the first attacker that finds any, with every unknown hidden that is not published.

        Raises Contradiction.
        """
        public = self._look(published)
        for number, attacker in enumerate(self.attackers):
            view, asked = self._situation(attacker, published, public)
            narrow = list(_narrow(view, attacker.evidence, asked))
            progress((number + 1) / (len(self.attackers) + 1))
            if narrow:
                return _explained(self.system, narrow, attacker, published)
        narrow = list(self._narrow_assuming_small(published, public))
        return _explained(self.system, narrow, self.attackers[0], published)

    def bounds(self, published: Mask) -> tuple[Vector, Vector]:
        """What anyone can work out about every unknown that has rows: the least and the most it can be."""
        hidden = self.system.mask(bool(unknown.keys) for unknown in self.system.unknowns) & ~published
        return _sharpened(self._look(published), self.attackers[0].evidence, hidden)

    def minimum_width(self, published: Mask) -> int | None:
        """The smallest interval that any attacker gets for a sensitive count, in whole counts; None: no bound.

        An interval is worked out only where the tables found so far leave it open whether it is smaller.
        """
        public = self._look(published)
        smallest = np.inf
        for attacker in self.attackers:
            view, asked = self._situation(attacker, published, public)
            found = attacker.evidence.width(np.arange(len(asked)))
            close = (asked > 0) & (found < smallest * self.system.scale)
            ends = _sharpened(view, attacker.evidence, close)
            smallest = min(smallest, _smallest(self.system, *ends, close))
        return None if np.isinf(smallest) else int(smallest)

    def _look(self, known: Mask) -> View:
        view = look(self.system, known & self.system.exact)
        if view.is_contradictory:
            raise Contradiction
        return view

    def _situation(self, attacker: Attacker, published: Mask, public: View) -> tuple[View, Vector]:
        """What the attacker sees, and the width asked of each unknown against it (0: nothing is asked).

        An operator is asked only about components of the public view in which it knows something: of
        the others it sees what anyone sees.
        """
        asked = np.where(published, 0, attacker.width)
        if not attacker.own.any():
            return public, asked
        view = self._look(published | attacker.own)
        touched = np.zeros(len(asked), dtype=bool)
        for component in public.components:
            touched[component.targets] = attacker.own[component.columns].any()
        return view, np.where(touched & ~attacker.counts_as_own(view.upper), asked, 0)

    def _narrow_assuming_small(self, published: Mask, public: View) -> Iterator[int]:
        """The sensitive unknowns that one assumption gives exactly: that hidden site-month totals are small."""
        hidden_totals = self.system.mask(u.is_site_month_total for u in self.system.unknowns) & ~published
        ceiling = self.system.ceiling
        guess = np.where(hidden_totals, np.minimum(ceiling, self.system.most_if_small), ceiling)
        view = look(self.system, published & self.system.exact, guess)
        asked = np.where((self.system.width > 0) & ~published, 1.0, 0.0)
        for component in public.components:
            # The assumption is wrong where it contradicts what is known, and then tells nothing.
            if np.any(view.lower[component.targets] > view.upper[component.targets]):
                asked[component.targets] = 0
        nobody = np.zeros(len(asked), dtype=bool)
        yield from _narrow(view, Evidence(self.system, nobody), asked, may_be_infeasible=True)


def _narrow(view: View, evidence: Evidence, asked: Vector, *, may_be_infeasible: bool = False) -> Iterator[int]:
    """The unknowns that are known more narrowly than asked."""
    # Where an assumption contradicts what is known, bounds cross; nothing is asked there.
    too_narrow = (asked > 0) & (view.upper - view.lower < asked)
    yield from np.flatnonzero(too_narrow).tolist()
    asked = np.where(too_narrow, 0, asked)
    for component in view.components:
        targets = component.targets
        if np.any((asked[targets] > 0) & (evidence.width(targets) < asked[targets])):
            search = Search(component, evidence)
            if not (may_be_infeasible and search.is_infeasible):
                yield from targets[search.narrow(asked[targets])].tolist()


def _sharpened(view: View, evidence: Evidence, wanted: Mask) -> tuple[Vector, Vector]:
    lower, upper = view.lower.copy(), view.upper.copy()
    for component in view.components:
        targets = component.targets
        if wanted[targets].any():
            lower[targets], upper[targets] = Search(component, evidence).sharpen(wanted[targets])
    return lower, upper


def _explained(system: System, narrow: list[int], attacker: Attacker, published: Mask) -> list[Breach]:
    """Each breach with the published unknowns in the relations that hold the count in its bounds."""
    if not narrow:
        return []
    # Bounds are left untightened, so that everything the attacker uses is a row of the linear program.
    view = look(system, (published | attacker.own) & system.exact, tighten=False)
    found = []
    for component in view.components:
        targets = np.flatnonzero(np.isin(component.targets, narrow)).tolist()
        if not targets:
            continue
        extremes = Extremes(component)
        for target in targets:
            rows = component.origin[_binding_rows(extremes, component.direction(target))]
            involved = np.union1d(system.knowledge.column[np.isin(system.knowledge.row, rows)], system.totals[rows])
            basis = involved[(involved >= 0) & published[involved]]
            found.append(Breach(int(component.targets[target]), attacker.id, tuple(int(place) for place in basis)))
    return sorted(found, key=lambda breach: breach.unknown)


def _binding_rows(extremes: Extremes, costs: Vector) -> Places:
    """The rows that bound an unknown from above or below."""
    binding = [extremes.binding_rows() for sign in (1, -1) if extremes.best(sign * costs) is not None]
    return np.flatnonzero(np.any(binding, axis=0)) if binding else np.zeros(0, dtype=np.int64)


def _smallest(system: System, lower: Vector, upper: Vector, asked: Mask) -> float:
    bounded = asked & (upper < system.unbounded)
    if not bounded.any():
        return np.inf
    return float(np.min((upper - lower)[bounded] // system.scale[bounded]))
