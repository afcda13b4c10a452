"""Months, quarters and years, and ranges of months.

A report covers one month. A release adds the quarters and years that have ended. The three kinds of
period share `months`, the tuple of months they cover, which is all that the sums need to know.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from domain.refusals import Item, QueryInvalid

FIRST_YEAR, LAST_YEAR = 1990, 2199
MOST_RECENT = 240


class PeriodKind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month, written `2026-05`."""

    year: int
    number: int

    def __post_init__(self) -> None:
        _check_year(self.year)
        if not 1 <= self.number <= 12:
            raise ValueError(f"a month is 1 to 12, not {self.number}")

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `2026-05`; raises ValueError for anything else."""
        return _parse_month(text)

    @classmethod
    def of(cls, day: date) -> Month:
        """The month a day falls in."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"

    @property
    def kind(self) -> PeriodKind:
        return PeriodKind.MONTH

    @property
    def months(self) -> tuple[Month, ...]:
        return (self,)

    @property
    def days(self) -> int:
        return monthrange(self.year, self.number)[1]

    @property
    def quarter(self) -> Quarter:
        return Quarter(self.year, (self.number + 2) // 3)

    @property
    def index(self) -> int:
        """The number of the month, counted through the years: the difference of two is their distance."""
        return 12 * self.year + self.number - 1

    @property
    def next(self) -> Month:
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def before(self) -> Month:
        return Month(self.year - (self.number == 1), (self.number + 10) % 12 + 1)


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter, written `2026-Q2`."""

    year: int
    number: int

    def __post_init__(self) -> None:
        _check_year(self.year)
        if not 1 <= self.number <= 4:
            raise ValueError(f"a quarter is 1 to 4, not {self.number}")

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def kind(self) -> PeriodKind:
        return PeriodKind.QUARTER

    @property
    def months(self) -> tuple[Month, ...]:
        return tuple(Month(self.year, 3 * self.number - 2 + i) for i in range(3))


@dataclass(frozen=True, order=True)
class Year:
    """A calendar year, written `2026`."""

    year: int

    def __post_init__(self) -> None:
        _check_year(self.year)

    def __str__(self) -> str:
        return f"{self.year}"

    @property
    def kind(self) -> PeriodKind:
        return PeriodKind.YEAR

    @property
    def months(self) -> tuple[Month, ...]:
        return tuple(Month(self.year, number) for number in range(1, 13))


Period = Month | Quarter | Year


@dataclass(frozen=True)
class MonthRange:
    """An unbroken run of months, both ends included, written `2026-01..2026-06`."""

    first: Month
    last: Month

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the range ends ({self.last}) before it begins ({self.first})")

    @classmethod
    def parse(cls, text: str) -> MonthRange:
        """Read `2026-01..2026-06`, or any single period; raises ValueError."""
        first, dots, last = text.partition("..")
        if not dots:
            months = parse_period(first).months
            return cls(months[0], months[-1])
        return cls(Month.parse(first), Month.parse(last))

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"

    def __iter__(self) -> Iterator[Month]:
        month = self.first
        while month < self.last:
            yield month
            month = month.next
        yield self.last

    def covers(self, period: Period) -> bool:
        """Whether every month of the period lies in the range."""
        return self.first <= period.months[0] and period.months[-1] <= self.last


@dataclass(frozen=True)
class RelativePeriod:
    """The last whole months, quarters or years that there are, written `last-12-months`."""

    count: int
    kind: PeriodKind

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_RECENT:
            raise ValueError(f"the last 1 to {MOST_RECENT} can be asked for, not {self.count}")

    @classmethod
    def parse(cls, text: str) -> RelativePeriod:
        """Read `last-12-months`, `last-4-quarters` or `last-year`; raises ValueError."""
        match = re.fullmatch(r"last(?:-([0-9]{1,3}))?-(month|quarter|year)(s?)", text, re.ASCII)
        if not match or bool(match[1]) != bool(match[3]):
            raise ValueError(f"a relative period is written like last-12-months, not {text!r}")
        return cls(int(match[1] or 1), PeriodKind(match[2]))

    def __str__(self) -> str:
        return f"last-{self.count}-{self.kind}s"

    def before(self, last: Month) -> MonthRange:
        """The months that are meant where `last` is the last one that there is: quarters and years that it ends, or
        that ended before it; raises ValueError where they begin before the first year of all.
        """
        months = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}[self.kind]
        end = last.index + 1 - (last.index + 1) % months
        return MonthRange(_month_of(end - months * self.count), _month_of(end - 1))


def parse_asked_period(text: str) -> MonthRange | RelativePeriod:
    """Read what a query may name as its period; raises ValueError."""
    return RelativePeriod.parse(text) if text.startswith("last-") else MonthRange.parse(text)


class HasMonths(Protocol):
    """A release, or what else there are months of."""

    @property
    def months(self) -> Sequence[Month]:
        """The months, in order."""


def resolve_period(period: MonthRange | RelativePeriod, release: HasMonths) -> MonthRange:
    """The months that are meant in a release, whose last month is the end of all relative periods.

    Raises QueryInvalid where there are none.
    """
    if isinstance(period, MonthRange):
        return period
    try:
        return period.before(release.months[-1])
    except (IndexError, ValueError):
        detail = f"The release has no {period}; name a range of months."
        raise QueryInvalid(detail, [Item("/query/period", "no_such_period", detail)]) from None


def _month_of(index: int) -> Month:
    return Month(index // 12, index % 12 + 1)


@lru_cache(maxsize=4096)
def _parse_month(text: str) -> Month:
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text, re.ASCII)
    if not match:
        raise ValueError(f"a month is written like 2026-05, not {text!r}")
    return Month(int(match[1]), int(match[2]))


@lru_cache(maxsize=4096)
def parse_period(text: str) -> Period:
    """Read `2026-05`, `2026-Q2` or `2026`; raises ValueError for anything else."""
    if re.fullmatch(r"[0-9]{4}", text, re.ASCII):
        return Year(int(text))
    match = re.fullmatch(r"([0-9]{4})-Q([1-4])", text, re.ASCII)
    if match:
        return Quarter(int(match[1]), int(match[2]))
    return Month.parse(text)


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"a year is {FIRST_YEAR} to {LAST_YEAR}, not {year}")
