"""Whose counts may move with those that are looked at: the fewer operators a move involves, the more attackers it
proves something against."""

from __future__ import annotations

import numpy as np

from disclosure.linear.frame import Frame
from disclosure.linear.system import Places, System, Vector
from disclosure.linear.witnesses import Operators

MOST_HELPERS = 3


def with_few_helpers(system: System, around: Frame, start: Places, own: Operators, favour: Vector) -> Frame:
    """The frame in which only these operators and a few others near the start can move anything.

    Helpers are those with the most counts in reach there, each counting as much as it is favoured.
    """
    near = np.unique(around.columns_of(around.index.rows_of(start)))
    seen: dict[str, float] = {}
    for column in near[around.down[near] + around.up[near] > 0].tolist():
        for operator in system.unknowns[column].operators - own:
            seen[operator] = seen.get(operator, 0) + favour[column]
    helpers = sorted(seen, key=lambda operator: (-seen[operator], operator))[:MOST_HELPERS]
    return around.without(~system.counts_of({*own, *helpers}))
