"""Who attacks: anyone, who knows what is published, and each operator, who also knows its own counts.

A count that an operator sent as a bound is left open even for that operator: it is part of no published
sum, and what relations remain tell the operator no more than its other counts, which are taken as known,
already do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from disclosure.search import Evidence
from disclosure.system import Mask, System, Vector

ANYONE = "anyone"


@dataclass(frozen=True, eq=False)
class Attacker:
    """An attacker before a system: anyone, or an operator by its id, and the tables found against it."""

    id: str
    system: System
    evidence: Evidence

    @property
    def own(self) -> Mask:
        """The unknowns to which nobody else contributes."""
        return self.evidence.own

    @cached_property
    def width(self) -> Vector:
        """How wide the interval of each unknown must stay for this attacker; 0 where nothing is asked.

        Of a sum shared with others, what they contribute is protected: it differs from the sum by a number
        that the attacker knows, so their intervals are equally wide. The sum is sensitive where it is
        small or what the others contribute is.
        """
        width = np.where(self.own, 0, self.system.width)
        for place, parts in self._shared.items():
            unknown = self.system.unknowns[place]
            least, most = self.system.truth[parts].sum(), self.system.most[parts].sum()
            if unknown.indicator.disclosure_class.is_protected and least < unknown.width and most > 0:
                width[place] = unknown.width
        return width

    def counts_as_own(self, upper: Vector) -> Mask:
        """The shared sums to which all that others contribute is known to be zero, by these upper bounds."""
        own = np.zeros(len(upper), dtype=bool)
        for place, parts in self._shared.items():
            own[place] = not upper[parts].any()
        return own

    @cached_property
    def _shared(self) -> dict[int, list[int]]:
        """The unknowns that the operator shares, each with the counts that others contribute."""
        shared = {}
        for place, unknown in enumerate(self.system.unknowns):
            if self.id in unknown.operators and len(unknown.operators) > 1:
                parts = [self.system.places[frozenset([one]), unknown.name] for one in sorted(unknown.contributors)]
                shared[place] = [part for part in parts if self.id not in self.system.unknowns[part].operators]
        return shared


def attackers(system: System) -> Sequence[Attacker]:
    """Anyone, then every operator that contributes, by id."""
    operators = sorted({operator for unknown in system.unknowns for operator in unknown.operators})
    own = {id: system.mask(unknown.operators == {id} for unknown in system.unknowns) for id in operators}
    evidence = {id: Evidence(system, own[id]) for id in operators}
    anyone = Evidence(system, system.mask(False for _ in system.unknowns), tuple(evidence.values()))
    return [Attacker(ANYONE, system, anyone), *(Attacker(id, system, evidence[id]) for id in operators)]
