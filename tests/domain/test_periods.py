"""Months, quarters, years and ranges of months."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.periods import (
    FIRST_YEAR,
    LAST_YEAR,
    MOST_RECENT,
    Month,
    MonthRange,
    PeriodKind,
    Quarter,
    RelativePeriod,
    Year,
    parse_asked_period,
    parse_period,
)

years = st.integers(FIRST_YEAR, LAST_YEAR)
months = st.builds(Month, years, st.integers(1, 12))
periods = months | st.builds(Quarter, years, st.integers(1, 4)) | st.builds(Year, years)


@given(periods)
def test_a_period_is_read_back_as_it_is_written(period):
    assert parse_period(str(period)) == period


@given(months)
def test_the_quarter_and_the_year_of_a_month_contain_it(month):
    assert month in month.quarter.months
    assert month in Year(month.year).months
    assert month.months == (month,)


@given(months.filter(lambda month: month < Month(LAST_YEAR, 12)))
def test_the_next_month_is_the_least_after_it(month):
    assert month < month.next
    assert (month.next.year - month.year) * 12 + month.next.number - month.number == 1


@pytest.mark.parametrize(
    "text",
    ["", "2026-5", "2026-13", "2026-00", "26-05", "2026-05-01", "2026-05 ", " 2026-05", "2026-05\n", "2026/05",
     "1989-12", "2200-01", "0000-01", "٢٠٢٦-05", "-026-05", "2026-Q2", "2026"],
)  # fmt: skip
def test_only_a_month_is_read_as_a_month(text):
    with pytest.raises(ValueError):
        Month.parse(text)


@pytest.mark.parametrize(
    "text", ["", "2026-Q0", "2026-Q5", "2026-q2", "2026-Q", "1989", "2200", "20261", "٢٠٢٦", "all"]
)
def test_only_a_period_is_read_as_a_period(text):
    with pytest.raises(ValueError):
        parse_period(text)


@pytest.mark.parametrize(("month", "days"), [("2026-05", 31), ("2026-02", 28), ("2024-02", 29), ("2100-02", 28)])
def test_a_month_knows_its_days(month, days):
    assert Month.parse(month).days == days


def test_periods_cover_their_months():
    assert Quarter(2026, 2).months == (Month(2026, 4), Month(2026, 5), Month(2026, 6))
    assert Quarter(2026, 4).months[-1] == Month(2026, 12)
    assert Year(2026).months == tuple(Month(2026, number) for number in range(1, 13))
    assert [p.kind for p in (Month(2026, 1), Quarter(2026, 1), Year(2026))] == list(PeriodKind)


def test_the_month_of_a_day():
    assert Month.of(date(2026, 2, 28)) == Month(2026, 2)


@pytest.mark.parametrize("make", [lambda: Month(2026, 0), lambda: Quarter(2026, 5), lambda: Year(1989)])
def test_a_period_that_does_not_exist_cannot_be_made(make):
    with pytest.raises(ValueError):
        make()


def test_a_range_is_every_month_from_its_first_to_its_last():
    assert [str(m) for m in MonthRange.parse("2025-11..2026-02")] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert list(MonthRange.parse("2026-05")) == [Month(2026, 5)]
    assert list(MonthRange.parse("2026-Q2")) == list(Quarter(2026, 2).months)


def test_a_range_may_reach_the_last_month_there_is():
    assert list(MonthRange.parse(str(LAST_YEAR)))[-1] == Month(LAST_YEAR, 12)


@pytest.mark.parametrize(
    "text", ["2026-02..2026-01", "2026-01..", "..2026-01", "2026-01...2026-02", "2026-Q1..2026-Q2"]
)
def test_only_a_range_is_read_as_a_range(text):
    with pytest.raises(ValueError):
        MonthRange.parse(text)


def test_a_range_covers_a_period_only_when_it_has_all_its_months():
    half_year = MonthRange.parse("2026-01..2026-06")
    assert half_year.covers(Quarter(2026, 2))
    assert half_year.covers(Month(2026, 6))
    assert not half_year.covers(Quarter(2026, 3))
    assert not half_year.covers(Year(2026))


@given(months, months)
def test_a_range_is_read_back_as_it_is_written(one, other):
    span = MonthRange(min(one, other), max(one, other))
    assert MonthRange.parse(str(span)) == span


@pytest.mark.parametrize(
    ("text", "last", "meant"),
    [
        ("last-12-months", "2026-06", "2025-07..2026-06"),
        ("last-month", "2026-06", "2026-06..2026-06"),
        ("last-4-quarters", "2026-06", "2025-07..2026-06"),
        ("last-quarter", "2026-05", "2026-01..2026-03"),
        ("last-2-quarters", "2026-01", "2025-07..2025-12"),
        ("last-year", "2026-06", "2025-01..2025-12"),
        ("last-2-years", "2025-12", "2024-01..2025-12"),
    ],
)
def test_a_relative_period_ends_with_the_last_whole_one(text, last, meant):
    asked = parse_asked_period(text)
    assert isinstance(asked, RelativePeriod)
    assert asked.before(Month.parse(last)) == MonthRange.parse(meant)
    assert RelativePeriod.parse(str(asked)) == asked


@pytest.mark.parametrize(
    "text",
    [
        "last-0-months",
        "last-241-months",
        "last-12-month",
        "last-months",
        "last-weeks",
        "last-2-weeks",
        "LAST-MONTH",
        "last-",
    ],
)
def test_what_is_no_relative_period_is_refused(text):
    with pytest.raises(ValueError):
        parse_asked_period(text)


@given(st.integers(1, MOST_RECENT), st.sampled_from(PeriodKind), st.integers(12 * 2000, 12 * 2199))
def test_a_relative_period_has_as_many_months_as_it_says(count, kind, index):
    last = Month(index // 12, index % 12 + 1)
    months = {"month": 1, "quarter": 3, "year": 12}[kind]
    try:
        meant = RelativePeriod(count, kind).before(last)
    except ValueError:
        assert index - months * (count + 1) < 12 * FIRST_YEAR
        return
    assert len(list(meant)) == count * months
    assert 0 <= last.index - meant.last.index < months
    assert meant.first.index % months == 0
