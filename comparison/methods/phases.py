"""A series cut where it is broken: each phase with its center, its limits and what stands out.

W. A. Shewhart (1931): limits three standard deviations from the center, here the exact quantiles that leave as much
outside; the u-chart for rates, the p-chart for shares
D. B. Laney, "Improved control charts for attributes", Quality Engineering 14 (2002) 531-537: where successive points
differ by more than chance, the limits are moved away by that much
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np

from comparison.methods.dispersion import standard_errors
from comparison.methods.intervals import Interval
from comparison.methods.limits import THREE_SIGMA, scaled_limits
from comparison.methods.run_rules import BEYOND_LIMITS, runs_found
from domain.dictionary import Measure
from domain.periods import Period

LIMITS_FROM = 6
"""Points of a phase, below which it has no limits."""
_MEAN_RANGE = 1.128
"""Of the distance of two standard normal values (d2 of control charts)."""


@dataclass(frozen=True)
class Point:
    """A period of the series: what is counted, what the bounds allow, and how it stands to its phase.

    `counts` are both counts where published; `bounds` those of the value, its own value twice where it is known, None
    where there is none. `phase` is None where a break falls into the period.
    """

    period: Period
    counts: tuple[float, float] | None
    denominator: float | None
    bounds: tuple[float, float | None] | None
    phase: int | None
    limits: Interval | None = None
    beyond: bool | None = None


@dataclass(frozen=True)
class Phase:
    """From one break of the series to the next.

    `center` is None where the sum of the phase is not known, and `signals` None where hidden counts leave them open.
    `dispersion` is how much further successive points are apart than by chance, 1 where they are not.
    """

    number: int
    first: Period
    last: Period
    points: int
    center: float | None
    dispersion: float | None
    signals: tuple[str, ...] | None


CenterOf = Callable[[Period, Period], tuple[float, float] | None]
"""Both counts from one period to another, as one sum, where it is published."""


def charted(
    measure: Measure, points: Sequence[Point], center_of: CenterOf
) -> tuple[tuple[Point, ...], tuple[Phase, ...]]:
    """The points with their limits, and the phases in order."""
    charted_points: list[Point] = []
    phases = []
    for number, group in groupby(points, key=lambda point: point.phase):
        members = list(group)
        if number is not None:
            phase, members = _chart(measure, number, members, center_of)
            phases.append(phase)
        charted_points.extend(members)
    return tuple(charted_points), tuple(phases)


def _chart(measure: Measure, number: int, points: list[Point], center_of: CenterOf) -> tuple[Phase, list[Point]]:
    first, last = points[0].period, points[-1].period
    total = center_of(first, last)
    if total is None or len(points) < LIMITS_FROM:
        center = measure.factor * total[0] / total[1] if total else None
        return Phase(number, first, last, len(points), center, None, None), points
    share = total[0] / total[1]
    spread = _dispersion(measure, points, share)
    limited = [_limited(measure, point, share, spread) for point in points]
    phase = Phase(number, first, last, len(points), measure.factor * share, spread, None)
    return replace(phase, signals=_signals(limited, measure.factor * share)), limited


def _dispersion(measure: Measure, points: Sequence[Point], share: float) -> float:
    """The mean distance of successive points in standard deviations, over that of chance; at least 1."""
    scores = [_score(measure, point, share) for point in points]
    ranges = [abs(a - b) for a, b in pairwise(scores) if a is not None and b is not None]
    return max(1.0, float(np.mean(ranges)) / _MEAN_RANGE) if ranges else 1.0


def _score(measure: Measure, point: Point, share: float) -> float | None:
    if point.counts is None or not 0 < share < (1 if measure.factor == 1 else float("inf")):
        return None
    events, exposure = point.counts
    return (events / exposure - share) / float(standard_errors(share, np.array(exposure), measure.interval))


def _limited(measure: Measure, point: Point, share: float, spread: float) -> Point:
    if not point.denominator or point.bounds is None:
        return point
    limits = scaled_limits(measure, share, point.denominator, THREE_SIGMA, spread)
    outside = {end is None or not limits[0] <= end <= limits[1] for end in point.bounds}
    is_split = point.bounds[0] < limits[0] and (point.bounds[1] is None or point.bounds[1] > limits[1])
    return replace(point, limits=limits, beyond=None if len(outside) > 1 or is_split else outside.pop())


def _signals(points: Sequence[Point], center: float) -> tuple[str, ...] | None:
    """The rules that hold; None where a hidden count leaves one of them open."""
    counted = [point for point in points if point.bounds is not None]
    sides = [_side(point, center) for point in counted]
    if None in sides or any(point.beyond is None for point in counted):
        return None
    beyond = (BEYOND_LIMITS,) if any(point.beyond for point in counted) else ()
    return (*beyond, *runs_found([side for side in sides if side is not None]))


def _side(point: Point, center: float) -> int | None:
    low, high = point.bounds or (0.0, None)
    sides = {int(np.sign(low - center)), 1 if high is None else int(np.sign(high - center))}
    return sides.pop() if len(sides) == 1 else None
