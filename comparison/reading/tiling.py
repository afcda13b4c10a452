"""Sums over a range of months, made of published cells alone.

A unit's months, quarters and years are nested, so a range can be laid out with them in several ways: a
half-year as two quarters or as six months. Of all layouts the one wins that says most: a sum that is
published in every piece, in the fewest pieces; where there is none, the sum with the tightest bounds.
Since the periods are nested, the best layout of a year is the better of its own cell and the best
layouts of its quarters, and so on down to the months.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from math import inf

from comparison.reading.series import Series
from domain.periods import Month, MonthRange, Period, Quarter, Year
from domain.release import Observation, Status


@dataclass(frozen=True)
class Tiling:
    """A sum over `months`, made of the cells of `periods`.

    `low` and `high` are equal where every cell is published; `high` is None where a cell has no upper bound.
    """

    periods: tuple[Period, ...]
    months: tuple[Month, ...]
    low: int | float
    high: int | float | None
    published: bool

    @property
    def value(self) -> int | float | None:
        """The sum, or None where a cell is hidden."""
        return self.low if self.published else None


def is_counted(row: Observation | None) -> bool:
    """Whether there is a row, with a count behind it, shown or not."""
    return row is not None and Status(row.value_status).is_counted


def tile(rows: Mapping[Period, Observation], within: MonthRange) -> Tiling | None:
    """Lay out the counted months of the range with the rows of one unit and one cell name.

    A month is counted where its row is published or suppressed; other months are gaps. A quarter or a year
    is used only where it lies in the range whole. None where no month is counted.
    """
    published = rows.published_sum(within) if isinstance(rows, Series) else None
    if published:
        counted, total = published
        # Every layout of published cells says the same, so the months themselves do.
        return Tiling(counted, counted, total, total, published=True)
    months = [_cell(rows[month], month, (month,)) for month in within if is_counted(rows.get(month))]
    if not months:
        return None
    rolled_up = partial(_rolled_up, rows=rows, within=within)
    quarters = rolled_up(months, period_of=lambda month: month.quarter)
    years = rolled_up(quarters, period_of=lambda month: Year(month.year))
    return joined(years)


def _rolled_up(
    parts: Iterable[Tiling],
    *,
    period_of: Callable[[Month], Quarter | Year],
    rows: Mapping[Period, Observation],
    within: MonthRange,
) -> list[Tiling]:
    """For each period above the parts the better of its own cell and the parts together."""
    groups = groupby(parts, key=lambda part: period_of(part.months[0]))
    return [_better(joined(group), period, rows, within) for period, group in groups]


def _better(parts: Tiling, period: Period, rows: Mapping[Period, Observation], within: MonthRange) -> Tiling:
    row = rows.get(period)
    if row is None or not is_counted(row) or not within.covers(period):
        return parts
    return min(parts, _cell(row, period, parts.months), key=_looseness)


def _looseness(tiling: Tiling) -> tuple[bool, float, float, int]:
    """What to have least of: hidden cells, width, (where neither is bounded) room below, pieces."""
    if tiling.published:
        return False, 0, 0, len(tiling.periods)
    width = inf if tiling.high is None else tiling.high - tiling.low
    return True, width, -tiling.low, len(tiling.periods)


def _cell(row: Observation, period: Period, months: tuple[Month, ...]) -> Tiling:
    if row.value is not None:
        return Tiling((period,), months, row.value, row.value, published=True)
    return Tiling((period,), months, row.lower or 0, row.upper, published=False)


def joined(parts: Iterable[Tiling]) -> Tiling:
    """The parts as one sum."""
    parts = tuple(parts)
    return Tiling(
        periods=tuple(period for part in parts for period in part.periods),
        months=tuple(month for part in parts for month in part.months),
        low=sum(part.low for part in parts),
        high=_sum_or_none(part.high for part in parts),
        published=all(part.published for part in parts),
    )


def _sum_or_none(values: Iterable[int | float | None]) -> int | float | None:
    total: int | float = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total
