"""How many different persons: never a sum, always bounds, and what the operator itself counted.

Somebody who comes in two months, or to two sites, is one person. Of the persons of several months or sites together
there are at least as many as in the largest of them, and at most as many as in all of them added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from comparison.answers.content import content_of
from comparison.reading.question import window_counts
from comparison.reading.release_view import Places, ReleaseView
from comparison.reading.tiling import cells_at, months_at, told
from domain.cube import Rows
from domain.dictionary import CellName, Dictionary, DisclosureClass, Indicator, Level
from domain.periods import Month, MonthRange, Period, PeriodKind, Year
from domain.refusals import Item, QueryInvalid

Bounds = tuple[float, float | None]
METHOD = "at least the largest part, at most all parts together; persons are never added up"


@dataclass(frozen=True)
class WindowCount:
    """What the operator itself counted over the whole period: a value, or bounds where it is hidden."""

    indicator: str
    period: str
    value: int | float | None
    value_status: str
    lower: int | float | None
    upper: int | float | None


@dataclass(frozen=True)
class PersonsRow:
    """A unit: between how many different persons there were in the months that contribute; None: no upper bound.

    `exact` is there for a single month of one site that is published, and for an operator's own count of the period.
    """

    unit: str
    level: Level
    exact: int | float | None
    bounds: Bounds
    window: WindowCount | None
    months_contributing: int
    months_expected: int


@dataclass(frozen=True)
class PersonsAnswer:
    """The bounds of all units that have a count."""

    indicator: Indicator
    period: MonthRange
    rows: tuple[PersonsRow, ...]

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values."""
        return {
            "indicator": {"id": self.indicator.id, "label": self.indicator.label},
            "period": str(self.period),
            "method": METHOD,
            "rows": [content_of(row) for row in self.rows],
        }


def persons(
    *, indicator: Indicator, by: Level, period: MonthRange, release: ReleaseView, dictionary: Dictionary
) -> PersonsAnswer:
    """The bounds of every unit of the level; raises QueryInvalid for an indicator that does not count persons."""
    if indicator.disclosure_class is not DisclosureClass.PERSONS or indicator.window is not PeriodKind.MONTH:
        detail = f"{indicator.id} does not count the persons of a month."
        raise QueryInvalid("Bounds are those of persons.", [Item("/query/indicator", "not_persons", detail)])
    places = release.places(by)
    parts = _parts(indicator, places, period, release, dictionary)
    ends, expected = [*places.starts[1:], len(parts)], release.months_expected(places, period)
    rows = (
        _row(by, unit, parts[begin:end], int(months))
        for unit, begin, end, months in zip(places.units, places.starts, ends, expected, strict=True)
    )
    return PersonsAnswer(indicator, period, tuple(row for row in rows if row is not None))


@dataclass(frozen=True)
class _Part:
    """One site: the bounds of its persons, its operator's own count, and the months that say so."""

    bounds: Bounds
    window: WindowCount | None
    months: int


def _row(by: Level, unit: str, parts: Sequence[_Part], months_expected: int) -> PersonsRow | None:
    counted = [part for part in parts if part.months or part.window]
    if not counted:
        return None
    bounds = _together([part.bounds for part in counted])
    return PersonsRow(
        unit=unit,
        level=by,
        exact=bounds[0] if len(counted) == 1 and bounds[0] == bounds[1] else None,
        bounds=bounds,
        window=counted[0].window if by is Level.SITE else None,
        months_contributing=sum(part.months for part in counted),
        months_expected=months_expected,
    )


def _parts(
    indicator: Indicator, places: Places, period: MonthRange, release: ReleaseView, dictionary: Dictionary
) -> list[_Part]:
    """Site by site."""
    found = months_at(release.cube, CellName(indicator.id), period, places.site_numbers)
    months = found.there.sum(axis=0)
    is_whole = months == release.months_open(period)[places.sites]
    ends = told(found.low.max(axis=0, initial=0)), told(found.high.sum(axis=0))
    own = _own_counts(indicator, places, period, release, dictionary)
    bounds = [(low or 0, high) for low, high in zip(*ends, strict=True)]
    columns = bounds, months.tolist(), is_whole.tolist(), map(own.get, range(len(bounds)))
    return [_part(*column) for column in zip(*columns, strict=True)]


def _part(of_months: Bounds, months: int, is_whole: bool, own: WindowCount | None) -> _Part:
    if own is None:
        return _Part(of_months, None, months)
    # Months that were not counted may have brought further persons, whom only the operator's own count knows.
    bounds = _both((of_months[0], of_months[1] if months and is_whole else None), _bounds(own))
    return _Part(bounds, own, months)


def _own_counts(
    indicator: Indicator, places: Places, period: MonthRange, release: ReleaseView, dictionary: Dictionary
) -> dict[int, WindowCount]:
    """The operators' counts of the persons of the period, by site, where it is just a quarter or a year."""
    cube, whole = release.cube, _one_period(period)
    window = window_counts(indicator, dictionary).get(whole.kind) if whole else None
    number = cube.period_numbers.get(whole) if whole else None
    cell = cube.cell_numbers.get(CellName(window.id)) if window else None
    if number is None or cell is None:
        return {}
    at = np.array([number], dtype=np.intp)
    there = np.flatnonzero(cells_at(cube, cell, at, places.site_numbers).there[0])
    rows = Rows(cube, places.site_numbers[there], at.repeat(len(there)), np.full(len(there), cell)).observations()
    return {
        place: WindowCount(row.indicator, row.period, row.value, row.value_status, row.lower, row.upper)
        for place, row in zip(there.tolist(), rows, strict=True)
    }


def _one_period(period: MonthRange) -> Period | None:
    first: Month = period.first
    for whole in (first, first.quarter, Year(first.year)):
        if whole.months[0] == first and whole.months[-1] == period.last:
            return whole
    return None


def _bounds(own: WindowCount) -> Bounds:
    return (own.value, own.value) if own.value is not None else (own.lower or 0, own.upper)


def _together(parts: Sequence[Bounds]) -> Bounds:
    """Of several groups of persons who may be the same."""
    ends = [high for _, high in parts]
    known = [high for high in ends if high is not None]
    return max(low for low, _ in parts), sum(known) if len(known) == len(ends) else None


def _both(months: Bounds, own: Bounds) -> Bounds:
    """What holds where both hold; where they contradict each other the operator's own count is believed."""
    ends = [high for high in (months[1], own[1]) if high is not None]
    low, high = max(months[0], own[0]), min(ends, default=None)
    return (low, high) if high is None or low <= high else own
