"""What is asked of a protection: how far apart which unknowns must be for which attacker.

Attackers are anyone, who knows what is published, and each operator, who also knows its own counts. The hub
does not know those of which a bound was sent; they are part of no published sum, so which of the possible
ones they are says nothing of others, and any stands for them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np

from disclosure.linear.system import Mask, Places, System, Vector
from domain.release import ANYONE


class Demands:
    """The attackers before a system, what each knows, and the width asked of each unknown against each."""

    def __init__(self, system: System) -> None:
        self.system = system

    @cached_property
    def attackers(self) -> Sequence[str]:
        """Anyone, then every operator that contributes, by id."""
        return [ANYONE, *sorted({operator for unknown in self.system.unknowns for operator in unknown.operators})]

    def own(self, attacker: str) -> Mask:
        """The unknowns to which nobody but the attacker contributes."""
        own = np.zeros(len(self.system.unknowns), dtype=bool)
        own[self._own.get(attacker, [])] = True
        return own

    def width(self, attacker: str) -> Vector:
        """How wide the interval of each unknown must stay for this attacker; 0 where nothing is asked.

        Of a sum shared with others, what they contribute is protected: it differs from the sum by a number
        that the attacker knows, so their intervals are equally wide. The sum is sensitive where it is
        small or what the others contribute is.
        """
        width = np.where(self.own(attacker), 0, self.system.width)
        for place in self._shared.get(attacker, {}):
            if self._is_sensitive_to(attacker, place):
                width[place] = self.system.unknowns[place].width
        return width

    def shared(self, attacker: str) -> Collection[int]:
        """The sums to which the attacker and others contribute."""
        return self._shared.get(attacker, {}).keys()

    def counts_as_own(self, attacker: str, upper: Vector) -> Mask:
        """The shared sums to which all that others contribute is known to be zero, by these upper bounds."""
        own = np.zeros(len(upper), dtype=bool)
        for place, mine in self._shared.get(attacker, {}).items():
            own[place] = np.count_nonzero(upper[self._parts[place]]) == np.count_nonzero(upper[mine])
        return own

    def _is_sensitive_to(self, attacker: str, place: int) -> bool:
        system, unknown, mine = self.system, self.system.unknowns[place], self._shared[attacker][place]
        least = system.truth[self._parts[place]].sum() - system.truth[mine].sum()
        most = system.most[self._parts[place]].sum() - system.most[mine].sum()
        return bool(unknown.is_protected and least < unknown.width and most > 0)

    @cached_property
    def _own(self) -> Mapping[str, list[int]]:
        own: dict[str, list[int]] = {}
        for place, unknown in enumerate(self.system.unknowns):
            if len(unknown.operators) == 1:
                [operator] = unknown.operators
                own.setdefault(operator, []).append(place)
        return own

    @cached_property
    def _parts(self) -> Mapping[int, Places]:
        """The counts of single reports in each sum."""
        return {sum.total: np.array(sum.parts) for sum in self.system.sums}

    @cached_property
    def _shared(self) -> Mapping[str, dict[int, Places]]:
        """For each operator the sums that it shares, each with the counts that it contributes."""
        shared: dict[str, dict[int, list[int]]] = {}
        unknowns = self.system.unknowns
        for sum in self.system.sums:
            if len(unknowns[sum.total].operators) > 1:
                for part in sum.parts:
                    [operator] = unknowns[part].operators
                    shared.setdefault(operator, {}).setdefault(sum.total, []).append(part)
        return {
            operator: {place: np.array(parts) for place, parts in sums.items()} for operator, sums in shared.items()
        }
