from itertools import product
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.reading.tiling import tile
from domain.cube import Columns, Cube
from domain.dictionary import CellName, Level
from domain.periods import Month, MonthRange, Quarter
from tests.comparison.small_release import OVERDOSES, VISITS, row, rows


def tiled(tables, within):
    """The sums of some units, each given by its table; of the other indicator there is a row in every month."""
    cells = [row for unit, table in tables.items() for row in rows(table, unit)]
    around = rows({f"{year}-{number:02}": "1" for year in (2024, 2025, 2026) for number in range(1, 13)}, "z", VISITS)
    cube = Cube.of([Columns.of([*cells, *around])])
    units = np.array([cube.unit_numbers.get((Level.SITE, unit), -1) for unit in tables], dtype=np.intp)
    return tile(cube, CellName(OVERDOSES), units, MonthRange.parse(within))


def said(table, within):
    """The sum where it is published, its ends, and how many months are counted."""
    sums = tiled({"a": table}, within)
    (low, high, value), months = sums.spans[0], int(sums.counted.sum())
    return value, (low, high), months


MONTHS = {f"2026-{number:02}": str(number) for number in range(1, 13)}
QUARTERS = {"2026-Q1": "6", "2026-Q2": "15", "2026-Q3": "24", "2026-Q4": "33"}


@pytest.mark.parametrize("more", [{}, QUARTERS, {**QUARTERS, "2026": "78"}, {"2026": "78"}])
def test_a_published_sum_is_the_same_however_it_is_laid_out(more):
    assert said({**MONTHS, **more}, "2026") == (78, (78, 78), 12)
    assert said({**MONTHS, **more}, "2026-01..2026-06") == (21, (21, 21), 6)


def test_two_years_and_a_half_mix_years_and_quarters():
    table = {f"{year}-{number:02}": "0-2" for year in (2024, 2025, 2026) for number in range(1, 13)}
    table |= {"2024": "12", "2025": "12", "2026-Q1": "3", "2026-Q2": "3"}
    assert said(table, "2024-01..2026-06") == (30, (30, 30), 30)


def test_a_quarter_or_year_that_is_not_whole_in_the_range_is_not_used():
    table = {**dict.fromkeys(MONTHS, "0-9"), **QUARTERS, "2026": "78"}
    assert said(table, "2026-02..2026-07") == (None, (15, 42), 6)


def test_a_hidden_month_inside_a_published_quarter_does_not_hide_the_sum():
    table = {"2026-01": "12", "2026-02": "0-10", "2026-03": "14", "2026-Q1": "30"}
    assert said(table, "2026-Q1") == (30, (30, 30), 3)


def test_months_are_used_where_the_quarter_is_hidden():
    table = {"2026-01": "12", "2026-02": "13", "2026-03": "14", "2026-Q1": "30-45"}
    assert said(table, "2026-Q1") == (39, (39, 39), 3)


def test_without_a_published_layout_the_tightest_bounds_win():
    table = {"2026-01": "12", "2026-02": "0-10", "2026-03": "0-10", "2026-Q1": "15-28"}
    assert said(table, "2026-Q1") == (None, (15, 28), 3)
    table["2026-Q1"] = "5-40"
    assert said(table, "2026-Q1") == (None, (12, 32), 3)


def test_each_quarter_is_laid_out_for_itself():
    table = {"2026-01": "12", "2026-02": "0-10", "2026-03": "13", "2026-Q1": "30-35"}
    table |= {"2026-04": "0-10", "2026-05": "0-10", "2026-06": "11", "2026-Q2": "25"}
    assert said(table, "2026-01..2026-06") == (None, (55, 60), 6)


def test_a_bounded_layout_beats_an_unbounded_one():
    table = {"2026-01": "12", "2026-02": "3-", "2026-03": "1", "2026-Q1": "14-90"}
    assert said(table, "2026-Q1") == (None, (14, 90), 3)


def test_where_none_is_bounded_the_higher_lower_bound_wins():
    table = {"2026-01": "12", "2026-02": "3-", "2026-03": "1", "2026-Q1": "11-"}
    assert said(table, "2026-Q1") == (None, (16, None), 3)
    assert said({**table, "2026-Q1": "19-"}, "2026-Q1") == (None, (19, None), 3)


def test_a_month_without_a_count_is_a_gap():
    table = {"2026-01": "12", "2026-02": "-", "2026-03": "14"}
    assert said(table, "2026-01..2026-06") == (26, (26, 26), 2)


def test_a_quarter_stands_for_its_counted_months_only():
    table = {"2026-01": "0-10", "2026-02": "-", "2026-03": "14", "2026-Q1": "20"}
    assert said(table, "2026-Q1") == (20, (20, 20), 2)


@pytest.mark.parametrize("february", ["-", "0-"])
def test_a_quarter_that_is_not_counted_is_not_used(february):
    table = {"2026-01": "0-", "2026-02": february, "2026-Q1": "-"}
    assert said(table, "2026-Q1")[:2] == (None, (0, None))


@pytest.mark.parametrize("table", [{}, {"2026-01": "-"}, {"2025-01": "12", "2026-07": "12"}])
def test_without_a_counted_month_there_is_no_sum(table):
    sums = tiled({"a": table}, "2026-01..2026-06")
    assert sums.values == [None]
    assert not sums.counted.any() and not sums.bare.any()


def test_hours_keep_their_decimals():
    assert said({"2026-01": "248.5", "2026-02": "224.25"}, "2026-01..2026-02")[0] == 472.75
    assert said({"2026-01": "248.5", "2026-02": "0-300", "2026-03": "0.1", "2026-Q1": "400.35"}, "2026-Q1")[0] == 400.35


def test_a_year_needs_neither_quarters_nor_all_its_months():
    assert said({"2026-11": "0-10", "2026-12": "4", "2026": "11"}, "2026") == (11, (11, 11), 2)


def test_a_year_stands_for_months_without_rows_of_their_own():
    sums = tiled({"a": {"2025": "7"}}, "2025-06..2026-12")
    assert (sums.values, bool(sums.bare.any())) == ([None], False)
    sums = tiled({"a": {"2025": "7", "2026": "0-4"}}, "2025-01..2026-06")
    assert sums.values == [7]
    assert sums.bare[:, 0].tolist() == [True] * 12 + [False] * 6


def test_a_year_does_not_stand_for_months_that_say_they_were_not_counted():
    sums = tiled({"a": {"2026-01": "-", "2026": "7"}}, "2026")
    assert sums.bare[:, 0].tolist() == [False] + [True] * 11


def test_a_unit_without_rows_has_no_sum_beside_others_that_have():
    sums = tiled({"a": {"2026-01": "12"}, "nowhere": {}, "b": {"2026-01": "0-3"}}, "2026-01")
    assert (sums.values, sums.high.tolist(), sums.counted[0].tolist()) == (
        [12, None, None],
        [12, 0, 3],
        [True, False, True],
    )


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
    """Truths of six months, with cells over them that are shown, or hidden within bounds that contain the truth."""
    truths = {month: draw(st.integers(0, 20)) for month in MonthRange(Month(2026, 1), Month(2026, 6))}
    kept = draw(st.sets(st.sampled_from(sorted(truths)), min_size=1))
    cells = {}
    for period in [*truths, Quarter(2026, 1), Quarter(2026, 2)]:
        inside = [month for month in period.months if month in kept]
        if not inside or not draw(st.booleans() if len(period.months) > 1 else st.just(True)):
            continue
        truth = sum(truths[month] for month in inside)
        below, above = draw(st.integers(0, 15)), draw(st.integers(0, 15))
        high = "" if draw(st.booleans()) else truth + above
        hidden = f"{max(0, truth - below)}-{high}"
        cells[period] = hidden if draw(st.booleans()) else str(truth)
    return cells, sum(truths[month] for month in kept)


@given(st.lists(half_years(), min_size=1, max_size=4))
def test_each_layout_is_the_best_of_all_layouts_and_contains_the_truth(drawn):
    tables = {
        str(place): {str(period): cell for period, cell in cells.items()} for place, (cells, _) in enumerate(drawn)
    }
    sums = tiled(tables, "2026-01..2026-06")
    for (low, high, value), (cells, truth) in zip(sums.spans, drawn, strict=True):
        rows = {period: row(str(period), cell) for period, cell in cells.items()}
        layouts = list(every_layout(rows, MonthRange.parse("2026-01..2026-06")))
        if any(all(rows[piece].value is not None for piece in layout) for layout in layouts):
            assert value == low == high == truth
        else:
            assert value is None
            assert low <= truth and (high is None or truth <= high)
            assert _width(low, high) == min(_width(*_bounds(rows, layout)) for layout in layouts)


def _bounds(rows, layout):
    lows = [rows[p].lower if rows[p].value is None else rows[p].value for p in layout]
    highs = [rows[p].upper if rows[p].value is None else rows[p].value for p in layout]
    return sum(lows), None if None in highs else sum(highs)


def _width(low, high):
    return inf if high is None else high - low
