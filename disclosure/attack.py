"""The attack: whether anybody who reads what is published can work out what must stay hidden.

A hidden count is safe from an attacker when two tables of whole numbers exist, both in agreement with
everything the attacker knows, in which the count differs by at least its width (k). Such tables are
exhibited: each is tried against every relation in exact arithmetic before it counts, whoever suggests it.
So a solver that errs, or a false claim, can only make a safe count look unsafe. Nothing here is shared with
what chose the hidden cells but the system itself, and nothing of that choice is believed.

Once more for anyone, all hidden totals of a site's month are assumed to be small, as a reader might guess:
where that can be, it must not give a sensitive count exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from disclosure.linear.components import View, look
from disclosure.linear.demands import Demands
from disclosure.linear.frame import Frame, frame
from disclosure.linear.search import Evidence, Search
from disclosure.linear.system import Mask, System, Vector
from disclosure.linear.witnesses import Move, Operators, Witnesses
from disclosure.nearby import Nearby
from domain.release import ANYONE

METHOD = (
    "sums, breakdowns and hard rules over all releases as linear relations between whole numbers; bounds propagation "
    "and HiGHS linear programs; a hidden count is safe when two tables that fit all relations put it k apart"
)
_NOBODY: Operators = frozenset()
_SHARPENED_UP_TO, _AT_ONCE = 150, 500


@dataclass(frozen=True)
class Breach:
    """A count that an attacker can work out too well."""

    unknown: int
    attacker: str


@dataclass(frozen=True, eq=False)
class Attack:
    """All attackers before what is published of a system.

    `center` is a table that fits: the truth, with something that fits where a bound was sent.
    """

    system: System
    published: Mask
    center: Vector

    @cached_property
    def demands(self) -> Demands:
        return Demands(self.system)

    @cached_property
    def view(self) -> View:
        """What anyone sees."""
        return self._look(np.zeros_like(self.published))

    @cached_property
    def frame(self) -> Frame:
        return frame(self.system, self.view, self.published & self.system.exact, self.center)

    @cached_property
    def witnesses(self) -> Witnesses:
        return Witnesses.of(self.system)

    @cached_property
    def _evidence(self) -> dict[str, Evidence]:
        """The tables found for each attacker against whom anything was decided exactly."""
        return {}

    def breaches(
        self, claims: Iterable[Move] = (), progress: Callable[[float], None] = lambda share: None
    ) -> list[Breach]:
        """What each attacker can work out too well. `claims` are moves that are said to prove something."""
        self._try(claims)
        nearby = Nearby(self.system, self.frame, self.witnesses)
        anyone, *operators = self.demands.attackers
        found = [Breach(place, anyone) for place in self._narrow(anyone, self.asked(anyone), nearby)]
        nearby.find_other_ways(self.asked(anyone))
        concerning = self._concerning([breach.unknown for breach in found])
        for number, attacker in enumerate(operators):
            asked = np.where(concerning(attacker), self.asked(attacker), 0)
            found += [Breach(place, attacker) for place in self._narrow(attacker, asked, nearby)]
            progress((number + 1) / (len(operators) + 1))
        return found + [Breach(place, ANYONE) for place in self._narrow_assuming_small()]

    def narrow_among(self, places: Sequence[int], claims: Iterable[Move]) -> list[int]:
        """Those of some unknowns that some attacker can work out too well."""
        self._try(claims)
        nearby, among = Nearby(self.system, self.frame, self.witnesses), np.zeros_like(self.published)
        among[list(places)] = True
        asked = {attacker: np.where(among, self.asked(attacker), 0) for attacker in self.demands.attackers}
        return sorted({place for attacker in asked for place in self._narrow(attacker, asked[attacker], nearby)})

    def asked(self, attacker: str) -> Vector:
        """The width asked of each unknown against an attacker; 0 where nothing is."""
        own = self.demands.counts_as_own(attacker, self.view.upper)
        return np.where(self.published | own, 0, self.demands.width(attacker))

    def bounds(self) -> tuple[Vector, Vector]:
        """What anyone can work out about every unknown: the least and the most it can be.

        Sharp in components of up to 150 counts; in larger ones what single relations tell, again and again.
        """
        lower, upper = self.view.lower.copy(), self.view.upper.copy()
        evidence = Evidence(self.system)
        for component in self.view.components:
            targets = component.targets
            if len(component.columns) <= _SHARPENED_UP_TO:
                search = Search(component, evidence)
                lower[targets], upper[targets] = search.sharpen(~self.published[targets])
        return lower, upper

    def minimum_width(self) -> int | None:
        """How wide every interval is at least that an attacker gets for a sensitive count; None: there is none."""
        concerning = self._concerning([])
        widths = [
            self._width(place, attacker) // self.system.unknowns[place].scale
            for attacker in self.demands.attackers
            for place in np.flatnonzero(np.where(concerning(attacker), self.asked(attacker), 0)).tolist()
        ]
        return int(min(widths)) if widths else None

    def coalitions(self) -> int:
        """How many sensitive counts are not shown to be safe from some two operators together."""
        asked = self.asked(ANYONE)
        return sum(self.witnesses.is_open_to_two(place, asked[place]) for place in np.flatnonzero(asked).tolist())

    def sole_contributors(self) -> int:
        """How many sensitive counts the one person in another hidden cell could work out from a single relation."""
        hidden = ~self.published
        rows = self.system.rows
        is_hidden = hidden[rows.column]
        slack = rows.high - rows.activity(np.where(hidden, self.system.floor, self.system.truth))
        ones = np.bincount(rows.row, is_hidden & (self.system.truth == 1)[rows.column], rows.count)
        one_sided = np.bincount(rows.row, is_hidden & (rows.coefficient < 0), rows.count) == 0
        asked = self.asked(ANYONE)[rows.column]
        others = ones[rows.row] - (self.system.truth == 1)[rows.column]
        open_ones = (asked > 0) & (others > 0) & one_sided[rows.row] & (slack[rows.row] - 1 < asked)
        return len(np.unique(rows.column[open_ones]))

    def _try(self, claims: Iterable[Move]) -> None:
        """Take those claims into account that hold."""
        moves = (claim for claim in claims if claim.counts)
        while some := [(claim.columns, claim.steps) for claim in islice(moves, _AT_ONCE)]:
            for number, sums, changes in self.frame.admitted(some):
                self.witnesses.take(*some[number], sums, changes)

    def _narrow(self, attacker: str, asked: Vector, nearby: Nearby) -> Sequence[int]:
        """The unknowns that an attacker knows more narrowly than is asked."""
        knowing = _knowing(attacker)
        too_narrow = (asked > 0) & (self.view.upper - self.view.lower < asked)
        if attacker != ANYONE:
            too_narrow[:] = False
        open_ones = nearby.open_ones(np.where(too_narrow, 0, asked), knowing)
        found: list[int] = np.flatnonzero(too_narrow).tolist()
        if open_ones:
            view = self._look(self.demands.own(attacker)) if knowing else self.view
            found += self._exactly(view, attacker, asked, open_ones)
        return found

    def _exactly(self, view: View, attacker: str, asked: Vector, open_ones: Sequence[int]) -> list[int]:
        """Of some unknowns those that are narrow, by programs over everything they hang together with."""
        wanted = np.zeros(len(asked))
        wanted[open_ones] = asked[open_ones]
        wanted[self.demands.counts_as_own(attacker, view.upper)] = 0
        self._evidence[attacker] = Evidence(self.system)
        return narrow(view, self._evidence[attacker], wanted)

    def _concerning(self, open_to_all: Sequence[int]) -> Callable[[str], Mask]:
        """For an attacker the unknowns to which it may come closer than anyone, and those that are open to all.

        What else the moves found so far prove for anyone they prove for the attacker.
        """
        needed_by = self.witnesses.needed_by(np.flatnonzero(~self.published).tolist())

        def concerning(attacker: str) -> Mask:
            if attacker == ANYONE:
                return ~self.published
            concerned = np.zeros_like(self.published)
            concerned[list(open_to_all)] = True
            concerned[needed_by.get(attacker, [])] = True
            concerned[list(self.demands.shared(attacker))] = True
            for name in {ANYONE, attacker} & self._evidence.keys():
                concerned[self._evidence[name].decided] = True
            return concerned

        return concerning

    def _width(self, place: int, attacker: str) -> float:
        """How far apart moves or tables put an unknown for an attacker."""
        evidence = self._evidence.get(attacker)
        by_tables = float(evidence.highest[place] - evidence.lowest[place]) if evidence else -np.inf
        return max(self.witnesses.width(place, _knowing(attacker)), by_tables)

    def _look(self, own: Mask) -> View:
        """What is seen by those who also know their own counts; bounds they sent stand for some count of theirs."""
        return look(self.system, (self.published & self.system.exact) | own, values=self.center)

    def _narrow_assuming_small(self) -> list[int]:
        """The sensitive unknowns that one assumption gives exactly: that hidden site-month totals are small."""
        system, known = self.system, self.published & self.system.exact
        hidden_totals = system.mask(unknown.is_report_total for unknown in system.unknowns) & ~self.published
        guess = np.where(hidden_totals, np.minimum(system.ceiling, system.most_if_small), system.ceiling)
        guess = np.maximum(guess, system.floor)
        view = look(system, known, ceiling=guess)
        asked = np.where((system.width > 0) & ~self.published, 1.0, 0.0)
        for component in self.view.components:
            targets = component.targets
            # Where nobody needs to guess, or the guess contradicts what is known, it tells nothing new.
            contradicts = np.any(view.lower[targets] > view.upper[targets])
            if contradicts or not np.any(view.upper[targets] < self.view.upper[targets]):
                asked[targets] = 0
        fits = np.where(view.lower <= self.center, np.where(self.center <= view.upper, True, False), False)
        around = frame(system, view, known, np.where(fits, self.center, view.lower)).without(~self._sound(fits))
        witnesses = Witnesses.of(system)
        too_narrow = (asked > 0) & (view.upper - view.lower < 1)
        open_ones = Nearby(system, around, witnesses).open_ones(np.where(too_narrow, 0, asked), _NOBODY)
        left = np.zeros(len(asked))
        left[open_ones] = 1.0
        evidence = Evidence(system)
        return np.flatnonzero(too_narrow).tolist() + narrow(view, evidence, left, may_be_infeasible=True)

    def _sound(self, fits: Mask) -> Mask:
        """The counts in components in which the whole table fits."""
        sound = fits.copy()
        for component in self.view.components:
            sound[component.columns] = fits[component.targets].all()
        return sound


def narrow(view: View, evidence: Evidence, asked: Vector, *, may_be_infeasible: bool = False) -> list[int]:
    """The unknowns that are known more narrowly than asked."""
    found = np.flatnonzero((asked > 0) & (view.upper - view.lower < asked)).tolist()
    asked = np.where(view.upper - view.lower < asked, 0, asked)
    for component in view.components:
        targets = component.targets
        if np.any(asked[targets] > 0):
            search = Search(component, evidence)
            if not (may_be_infeasible and search.is_infeasible):
                found += targets[search.narrow(asked[targets])].tolist()
    return found


def _knowing(attacker: str) -> Operators:
    return _NOBODY if attacker == ANYONE else frozenset([attacker])
