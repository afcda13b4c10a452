import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.answers.persons import persons
from domain.dictionary import Level
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month, MonthRange
from domain.refusals import QueryInvalid
from tests.comparison.small_release import release, rows, site

SHIPPED = shipped_dictionaries()["2026.1"]
UNIQUE = "participants_unique"
QUARTER = {"2026-01": "100", "2026-02": "140", "2026-03": "90"}


def answer(view, period="2026-Q1", by=Level.SITE, indicator=UNIQUE):
    asked = MonthRange.parse(period)
    return persons(indicator=SHIPPED.by_id[indicator], by=by, period=asked, release=view, dictionary=SHIPPED)


def of(table, unit="a", indicator=UNIQUE):
    return rows(table, unit, indicator)


def only_row(view, **asked):
    (row,) = answer(view, **asked).rows
    return row


def test_over_months_there_are_bounds_and_no_number():
    row = only_row(release(of(QUARTER)))
    assert (row.exact, row.bounds, row.window) == (None, (140, 330), None)
    assert (row.months_contributing, row.months_expected) == (3, 3)


def test_the_operators_own_count_of_the_period_is_the_number():
    row = only_row(release(of(QUARTER) + of({"2026-Q1": "210"}, indicator="participants_quarter")))
    assert (row.exact, row.bounds) == (210, (210, 210))
    assert (row.window.indicator, row.window.value, row.window.value_status) == (
        "participants_quarter",
        210,
        "published",
    )


def test_an_own_count_of_a_year_is_of_just_that_year():
    view = release(of({"2026-01": "100"}) + of({"2026": "400"}, indicator="participants_year"))
    assert only_row(view, period="2026").window.value == 400
    assert only_row(view, period="2026-01..2026-06").window is None


def test_a_hidden_own_count_narrows_the_bounds():
    row = only_row(release(of(QUARTER) + of({"2026-Q1": "150-200"}, indicator="participants_quarter")))
    assert (row.exact, row.bounds, row.window.value_status) == (None, (150, 200), "suppressed")


def test_a_missing_month_may_have_brought_more_whom_the_own_count_knows():
    some = {"2026-01": "100", "2026-02": "140"}
    row = only_row(release(of(some) + of({"2026-Q1": "50-400"}, indicator="participants_quarter")))
    assert row.bounds == (140, 400)
    assert (row.months_contributing, row.months_expected) == (2, 3)


def test_an_own_count_that_contradicts_the_months_is_believed():
    row = only_row(release(of(QUARTER) + of({"2026-Q1": "500"}, indicator="participants_quarter")))
    assert row.bounds == (500, 500)


def test_hidden_months_give_their_bounds():
    assert only_row(release(of({"2026-01": "0-10", "2026-02": "140"}))).bounds == (140, 150)
    assert only_row(release(of({"2026-01": "5-", "2026-02": "140"}))).bounds == (140, None)


def test_one_month_of_one_site_is_its_own_count():
    assert only_row(release(of(QUARTER)), period="2026-02").exact == 140


def test_over_sites_there_are_bounds_too():
    view = release(of(QUARTER) + of({"2026-01": "60"}, "b"), (site("a"), site("b")))
    row = only_row(view, by=Level.CITY)
    assert (row.unit, row.exact, row.bounds) == ("here", None, (140, 390))
    assert only_row(view, by=Level.ALL, period="2026-01").bounds == (100, 160)


def test_who_counts_no_persons_has_no_row():
    assert answer(release(of({"2026-01": "-"}))).rows == ()


def test_a_site_that_opened_later_is_not_expected_before():
    row = only_row(release(of({"2026-03": "90"}), (site("a", opened=Month(2026, 3)),)))
    assert (row.months_contributing, row.months_expected) == (1, 1)


@pytest.mark.parametrize("indicator", ["visits_consumption", "participants_quarter"])
def test_what_does_not_count_the_persons_of_a_month_is_refused(indicator):
    with pytest.raises(QueryInvalid) as caught:
        answer(release(of(QUARTER)), indicator=indicator)
    assert caught.value.items[0].code == "not_persons"


VISITORS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 6), st.integers(0, 30)), min_size=1, max_size=80)


@given(VISITORS, st.sampled_from(Level), st.sampled_from(["2026-Q1", "2026-01..2026-06", "2026-02..2026-04"]))
def test_the_bounds_contain_the_true_number_of_different_persons(visits, by, period):
    asked = set(MonthRange.parse(period))
    tables = {unit: {} for unit in "ab"}
    for unit, month in {(visit[0], visit[1]) for visit in visits}:
        tables[unit][f"2026-{month:02}"] = str(len({who for at, when, who in visits if (at, when) == (unit, month)}))
    view = release([row for unit, table in tables.items() for row in of(table, unit)], (site("a"), site("b")))
    for row in answer(view, period, by).rows:
        units = {"a", "b"} if by is not Level.SITE else {row.unit}
        there = {who for unit, month, who in visits if unit in units and Month(2026, month) in asked}
        assert row.bounds[0] <= len(there) <= row.bounds[1]
        assert row.exact in (None, len(there))
