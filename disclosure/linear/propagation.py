"""Bounds of whole numbers, tightened relation by relation until nothing changes.

Interval arithmetic over all relations at once (as in constraint propagation), rounded inwards to whole
numbers, which a linear program cannot do; conclusions join in as soon as their premise is certain.
"""

from __future__ import annotations

import numpy as np

from disclosure.linear.system import NO_BOUND, Mask, Rows, System, Vector

# Stopping early is sound: bounds are then wider than they could be, and the linear programs follow.
_ROUNDS = 60


def propagate(system: System, lower: Vector, upper: Vector) -> tuple[Vector, Vector]:
    """The bounds that follow from these. Where some lower exceeds its upper, nothing fits the relations."""
    rows = system.rows.followed_by(system.conclusions)
    for _ in range(_ROUNDS):
        tightened = _tightened(_in_force(rows, system, lower, upper), lower, upper)
        if all(np.array_equal(*pair) for pair in zip(tightened, (lower, upper), strict=True)):
            break
        lower, upper = tightened
        if np.any(lower > upper):
            break
    return lower, upper


def certain(rows: Rows, lower: Vector, upper: Vector) -> Mask:
    """Which rows hold whatever the values between the bounds are."""
    least, most = rows.reach(lower, upper)
    return (rows.low <= least) & (most <= rows.high)


def impossible(rows: Rows, lower: Vector, upper: Vector) -> Mask:
    """Which rows hold for no values between the bounds."""
    least, most = rows.reach(lower, upper)
    return (most < rows.low) | (rows.high < least)


def _in_force(rows: Rows, system: System, lower: Vector, upper: Vector) -> Rows:
    """The rows, of which the last are conclusions, with those unbounded whose premise is not certain."""
    return release_conclusions(rows, ~certain(system.premises, lower, upper))


def release_conclusions(rows: Rows, released: Mask) -> Rows:
    """The rows with some of the conclusions, which are the last of them, unbounded."""
    unbounded = np.concatenate([np.zeros(rows.count - len(released), bool), released])
    return rows.bounded(np.where(unbounded, -NO_BOUND, rows.low), np.where(unbounded, NO_BOUND, rows.high))


def _tightened(rows: Rows, lower: Vector, upper: Vector) -> tuple[Vector, Vector]:
    ends = rows.coefficient * lower[rows.column], rows.coefficient * upper[rows.column]
    least, most = np.minimum(*ends), np.maximum(*ends)
    row_least = np.bincount(rows.row, least, rows.count)
    row_most = np.bincount(rows.row, most, rows.count)
    # What a row leaves for one of its terms when all others are at their ends.
    term_most = (rows.high - row_least)[rows.row] + least
    term_least = (rows.low - row_most)[rows.row] + most
    is_positive = rows.coefficient > 0
    highest = np.where(is_positive, term_most, term_least) / rows.coefficient
    lowest = np.where(is_positive, term_least, term_most) / rows.coefficient
    tight_lower, tight_upper = lower.copy(), upper.copy()
    np.minimum.at(tight_upper, rows.column, np.floor(highest))
    np.maximum.at(tight_lower, rows.column, np.ceil(lowest))
    return tight_lower, tight_upper
