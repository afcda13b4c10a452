"""Whose counts may move with those that are looked at: the fewer operators a move involves, the more attackers it
proves something against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from disclosure.linear.frame import Frame
from disclosure.linear.system import Places, System, Vector
from disclosure.linear.witnesses import Operators

MOST_HELPERS = 3


def with_few_helpers(
    system: System, around: Frame, start: Places, own: Operators, favour: Callable[[Places], Vector]
) -> Frame:
    """The frame in which only these operators and a few others near the start can move anything.

    Helpers are those with the most counts in reach there, each counting as much as it is favoured.
    """
    near = np.unique(around.columns_of(around.index.rows_of(start)))
    near = near[around.movable[near] & ~system.sent_by(own)(near)]
    sender = system.senders[near]
    seen = np.bincount(sender[sender >= 0], favour(near[sender >= 0]), len(system.operators))
    helpers = np.argsort(-seen, kind="stable")[: min(MOST_HELPERS, np.count_nonzero(seen))]
    return around.without(~system.counts_of({*own, *(system.operators[number] for number in helpers)}))
