"""How many different persons: never a sum, always bounds, and what the operator itself counted.

Somebody who comes in two months, or to two sites, is one person. Of the persons of several months or sites together
there are at least as many as in the largest of them, and at most as many as in all of them added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comparison.answers.content import content_of
from comparison.reading.question import window_counts
from comparison.reading.release_view import ReleaseView
from comparison.reading.tiling import is_counted
from domain.dictionary import CellName, Dictionary, DisclosureClass, Indicator, Level
from domain.periods import Month, MonthRange, Period, PeriodKind, Year
from domain.refusals import Item, QueryInvalid
from domain.release import Observation

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
    rows = (_row(indicator, by, unit, period, release, dictionary) for unit in release.units(by))
    return PersonsAnswer(indicator, period, tuple(row for row in rows if row is not None))


def _row(
    indicator: Indicator, by: Level, unit: str, period: MonthRange, release: ReleaseView, dictionary: Dictionary
) -> PersonsRow | None:
    sites = [site.id for site in release.sites_of(by, unit)]
    parts = [_of_site(indicator, site, period, release, dictionary) for site in sites]
    counted = [part for part in parts if part is not None]
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
        months_expected=release.months_expected(by, unit, period),
    )


@dataclass(frozen=True)
class _Part:
    """One site: the bounds of its persons, its operator's own count, and the months that say so."""

    bounds: Bounds
    window: WindowCount | None
    months: int


def _of_site(
    indicator: Indicator, site: str, period: MonthRange, release: ReleaseView, dictionary: Dictionary
) -> _Part | None:
    series = release.series(Level.SITE, site, CellName(indicator.id))
    months = [series[month] for month in period if is_counted(series.get(month))]
    own = _own_count(indicator, site, period, release, dictionary)
    if not months and own is None:
        return None
    # Months that were not counted may have brought further persons, whom only the operator's own count knows.
    is_whole = len(months) == release.months_expected(Level.SITE, site, period)
    of_months = _together([_bounds(row) for row in months]) if months else (0.0, None)
    bounds = _both((of_months[0], of_months[1] if is_whole else None), _bounds(own)) if own else of_months
    window = WindowCount(own.indicator, own.period, own.value, own.value_status, own.lower, own.upper) if own else None
    return _Part(bounds, window, len(months))


def _own_count(
    indicator: Indicator, site: str, period: MonthRange, release: ReleaseView, dictionary: Dictionary
) -> Observation | None:
    """The operator's count of the persons of the period, where it is just a quarter or a year and there is one."""
    whole = _one_period(period)
    window = window_counts(indicator, dictionary).get(whole.kind) if whole else None
    if whole is None or window is None:
        return None
    row = release.series(Level.SITE, site, CellName(window.id)).get(whole)
    return row if row is not None and is_counted(row) else None


def _one_period(period: MonthRange) -> Period | None:
    first: Month = period.first
    for whole in (first, first.quarter, Year(first.year)):
        if whole.months[0] == first and whole.months[-1] == period.last:
            return whole
    return None


def _bounds(row: Observation) -> Bounds:
    return (row.value, row.value) if row.value is not None else (row.lower or 0, row.upper)


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
