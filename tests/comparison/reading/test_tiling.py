from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.reading.tiling import tile
from domain.periods import Month, MonthRange, Quarter, Year, parse_period
from tests.comparison.small_release import row


def tiled(table, within):
    return tile({parse_period(period): row(period, cell) for period, cell in table.items()}, MonthRange.parse(within))


def said(table, within):
    tiling = tiled(table, within)
    return [str(period) for period in tiling.periods], tiling.value, (tiling.low, tiling.high)


MONTHS = {f"2026-{number:02}": str(number) for number in range(1, 13)}
QUARTERS = {"2026-Q1": "6", "2026-Q2": "15", "2026-Q3": "24", "2026-Q4": "33"}


def test_a_half_year_is_two_quarters():
    assert said({**MONTHS, **QUARTERS}, "2026-01..2026-06") == (["2026-Q1", "2026-Q2"], 21, (21, 21))


def test_a_whole_year_is_one_cell():
    assert said({**MONTHS, **QUARTERS, "2026": "78"}, "2026") == (["2026"], 78, (78, 78))


def test_two_years_and_a_half_mix_years_and_quarters():
    table = {f"{year}-{number:02}": "1" for year in (2024, 2025, 2026) for number in range(1, 13)}
    table |= {"2024": "12", "2025": "12", "2026-Q1": "3", "2026-Q2": "3"}
    assert said(table, "2024-01..2026-06")[:2] == (["2024", "2025", "2026-Q1", "2026-Q2"], 30)


def test_a_quarter_or_year_that_is_not_whole_in_the_range_is_not_used():
    table = {**MONTHS, **QUARTERS, "2026": "78"}
    assert said(table, "2026-02..2026-07")[:2] == (["2026-02", "2026-03", "2026-Q2", "2026-07"], 27)


def test_a_hidden_month_inside_a_published_quarter_does_not_hide_the_sum():
    table = {"2026-01": "12", "2026-02": "0-10", "2026-03": "14", "2026-Q1": "30"}
    assert said(table, "2026-Q1") == (["2026-Q1"], 30, (30, 30))


def test_months_are_used_where_the_quarter_is_hidden():
    table = {"2026-01": "12", "2026-02": "13", "2026-03": "14", "2026-Q1": "30-45"}
    assert said(table, "2026-Q1")[:2] == (["2026-01", "2026-02", "2026-03"], 39)


def test_without_a_published_layout_the_tightest_bounds_win():
    table = {"2026-01": "12", "2026-02": "0-10", "2026-03": "0-10", "2026-Q1": "15-28"}
    assert said(table, "2026-Q1") == (["2026-Q1"], None, (15, 28))
    table["2026-Q1"] = "5-40"
    assert said(table, "2026-Q1") == (["2026-01", "2026-02", "2026-03"], None, (12, 32))


def test_each_quarter_is_laid_out_for_itself():
    table = {"2026-01": "12", "2026-02": "0-10", "2026-03": "13", "2026-Q1": "30-35"}
    table |= {"2026-04": "0-10", "2026-05": "0-10", "2026-06": "11", "2026-Q2": "25"}
    assert said(table, "2026-01..2026-06") == (["2026-Q1", "2026-Q2"], None, (55, 60))


def test_a_bounded_layout_beats_an_unbounded_one():
    table = {"2026-01": "12", "2026-02": "3-", "2026-03": "1", "2026-Q1": "14-90"}
    assert said(table, "2026-Q1") == (["2026-Q1"], None, (14, 90))


def test_where_none_is_bounded_the_higher_lower_bound_wins():
    table = {"2026-01": "12", "2026-02": "3-", "2026-03": "1", "2026-Q1": "11-"}
    assert said(table, "2026-Q1") == (["2026-01", "2026-02", "2026-03"], None, (16, None))


def test_a_month_without_a_count_is_a_gap():
    table = {"2026-01": "12", "2026-02": "-", "2026-03": "14"}
    tiling = tiled(table, "2026-01..2026-06")
    assert (tiling.value, tiling.months) == (26, (Month(2026, 1), Month(2026, 3)))


def test_a_quarter_stands_for_its_counted_months_only():
    table = {"2026-01": "0-10", "2026-02": "-", "2026-03": "14", "2026-Q1": "20"}
    tiling = tiled(table, "2026-Q1")
    assert (tiling.value, tiling.months) == (20, (Month(2026, 1), Month(2026, 3)))


def test_a_quarter_that_is_not_counted_is_not_used():
    table = {"2026-01": "12", "2026-02": "0-", "2026-Q1": "-"}
    assert said(table, "2026-Q1") == (["2026-01", "2026-02"], None, (12, None))
    table = {"2026-01": "0-", "2026-02": "0-", "2026-Q1": "-"}
    assert said(table, "2026-Q1")[0] == ["2026-01", "2026-02"]


@pytest.mark.parametrize("table", [{}, {"2026-01": "-"}, {"2025-01": "12", "2026-07": "12"}])
def test_without_a_counted_month_there_is_no_sum(table):
    assert tiled(table, "2026-01..2026-06") is None


def test_hours_keep_their_decimals():
    assert said({"2026-01": "248.5", "2026-02": "224.25"}, "2026-01..2026-02")[1] == 472.75


def every_layout(rows, within):
    """All ways to cut the range's counted months into the rows there are, by plain enumeration."""
    counted = {month for month in within if month in rows}
    pieces = [period for period in rows if within.covers(period) and counted & set(period.months)]
    for chosen in product((False, True), repeat=len(pieces)):
        layout = [piece for piece, used in zip(pieces, chosen, strict=True) if used]
        covered = [month for piece in layout for month in piece.months if month in counted]
        if len(covered) == len(set(covered)) and set(covered) == counted:
            yield layout


@st.composite
def half_years(draw):
    """Truths of six months, with rows over them that are shown, or hidden within bounds that contain the truth."""
    truths = {month: draw(st.integers(0, 20)) for month in MonthRange(Month(2026, 1), Month(2026, 6))}
    kept = draw(st.sets(st.sampled_from(sorted(truths)), min_size=1))
    rows = {}
    for period in [*truths, Quarter(2026, 1), Quarter(2026, 2)]:
        inside = [month for month in period.months if month in kept]
        if not inside or not draw(st.booleans() if len(period.months) > 1 else st.just(True)):
            continue
        truth = sum(truths[month] for month in inside)
        below, above = draw(st.integers(0, 15)), draw(st.integers(0, 15))
        high = "" if draw(st.booleans()) else truth + above
        hidden = f"{max(0, truth - below)}-{high}"
        rows[period] = row(str(period), hidden if draw(st.booleans()) else str(truth))
    return rows, sum(truths[month] for month in kept)


@given(half_years())
def test_the_layout_is_the_best_of_all_layouts_and_contains_the_truth(drawn):
    rows, truth = drawn
    within = MonthRange(Month(2026, 1), Month(2026, 6))
    tiling = tile(rows, within)
    layouts = list(every_layout(rows, within))
    shown = [layout for layout in layouts if all(rows[piece].value is not None for piece in layout)]
    if shown:
        assert tiling.value == truth
        assert len(tiling.periods) == min(len(layout) for layout in shown)
    else:
        assert tiling.value is None
        assert tiling.low <= truth and (tiling.high is None or truth <= tiling.high)
        assert _width(tiling.low, tiling.high) == min(_width(*_bounds(rows, layout)) for layout in layouts)


def _bounds(rows, layout):
    lows = [rows[p].lower if rows[p].value is None else rows[p].value for p in layout]
    highs = [rows[p].upper if rows[p].value is None else rows[p].value for p in layout]
    return sum(lows), None if None in highs else sum(highs)


def _width(low, high):
    return float("inf") if high is None else high - low


def test_a_year_needs_neither_quarters_nor_all_its_months():
    tiling = tiled({"2026-11": "0-10", "2026-12": "4", "2026": "11"}, "2026")
    assert (tiling.periods, tiling.value) == ((Year(2026),), 11)
