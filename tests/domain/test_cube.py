"""The cube of a release holds its rows and nothing else, in their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cube import CODES, Columns, Cube, Selection
from domain.periods import Month
from domain.release import Observation

UNITS = [("site", "a", "x", "o"), ("site", "b", "x", "o"), ("city", "x", "x", ""), ("all", "all", "", "")]
PERIODS = ["2026-01", "2026-02", "2026-03", "2026-Q1", "2025", "2026"]
CELLS = [("visits", "", ""), ("visits", "route", "smoke"), ("visits", "route", "inject"), ("hours", "", "")]
PLACES = [(unit, period, cell) for unit in UNITS for period in PERIODS for cell in CELLS]


@st.composite
def told(draw):
    """Value, status, bounds of a row."""
    status = draw(st.sampled_from(list(CODES)))
    number = st.integers(0, 10**8) | st.integers(0, 10**6).map(lambda n: n / 100)
    if status == "published":
        return draw(number), status, None, None
    if status == "suppressed":
        return None, status, draw(number), draw(st.none() | number)
    return None, status, None, None


rows_of_releases = st.lists(st.tuples(st.sampled_from(PLACES), told()), unique_by=lambda row: str(row[0])).map(
    lambda rows: [
        Observation(*unit, period, *cell, *said)
        for (unit, period, cell), said in sorted(rows, key=lambda row: PLACES.index(row[0]))
    ]
)


def cube_of(rows, pieces=1) -> Cube:
    step = max(1, -(-len(rows) // pieces))
    return Cube.of(Columns.of(rows[n : n + step]) for n in range(0, len(rows), step))


def everything(cube, **narrower) -> Selection:
    sizes = {"units": len(cube.units), "periods": len(cube.periods), "cells": len(cube.cells)}
    axes = {name: np.arange(size) for name, size in sizes.items()}
    return Selection(**{**axes, "codes": frozenset(CODES.values()), **narrower})


def rows_in(cube, start=0, **narrower) -> list[Observation]:
    return [row for rows in cube.rows(everything(cube, **narrower), start) for row in rows.observations()]


@given(rows=rows_of_releases, pieces=st.integers(1, 4))
def test_every_row_is_there_as_it_was(rows, pieces):
    found = rows_in(cube_of(rows, pieces))
    assert sorted(found, key=repr) == sorted(rows, key=repr)
    assert [(row.level, row.unit, row.period) for row in found] == [(row.level, row.unit, row.period) for row in rows]


@given(rows=rows_of_releases.filter(len), data=st.data())
def test_from_a_position_on_come_the_rows_from_there(rows, data):
    cube = cube_of(rows)
    whole, selection = rows_in(cube), everything(cube)
    positions = [p for rows in cube.rows(selection) for p in rows.positions.tolist()]
    assert positions == sorted(set(positions))
    number = data.draw(st.integers(0, len(whole) - 1))
    assert rows_in(cube, positions[number]) == whole[number:]
    assert rows_in(cube, positions[-1] + 1) == []


@given(rows=rows_of_releases, data=st.data())
def test_a_selection_keeps_the_places_and_statuses_it_names(rows, data):
    cube = cube_of(rows)
    units = data.draw(st.sets(st.sampled_from(range(len(cube.units))))) if cube.units else set()
    codes = data.draw(st.sets(st.sampled_from(sorted(CODES.values()))))
    kept = {(cube.units[n].level, cube.units[n].id) for n in units}
    wanted = [row for row in rows_in(cube) if (row.level, row.unit) in kept and CODES[row.value_status] in codes]
    assert rows_in(cube, units=np.array(sorted(units), dtype=np.intp), codes=frozenset(codes)) == wanted


def test_cells_keep_their_order_though_the_first_unit_lacks_some():
    names = [("one", "", ""), ("two", "", ""), ("two", "by", "a"), ("three", "", "")]

    def row(unit, name):
        return Observation("site", unit, "x", "o", "2026-01", *name, 1, "published")

    rows = [row("a", names[0]), row("a", names[3]), *(row("b", name) for name in names)]
    assert rows_in(cube_of(rows)) == rows


def test_months_are_those_with_rows():
    rows = [Observation("site", "a", "x", "o", period, "n", "", "", 1, "published") for period in PERIODS]
    assert cube_of(rows).months == (Month(2026, 1), Month(2026, 2), Month(2026, 3))
    assert cube_of([]).months == ()


def test_a_number_that_would_be_rounded_is_refused():
    with pytest.raises(ValueError, match="two decimals"):
        cube_of([Observation("site", "a", "x", "o", "2026-01", "hours", "", "", 1.005, "published")])


def test_numbers_beyond_32_bits_are_kept():
    row = Observation("all", "all", "", "", "2026", "visits", "", "", 10**14, "published")
    assert rows_in(cube_of([row])) == [row]
