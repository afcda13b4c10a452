"""What the benchmark rests on: tables that add up, a checker that knows a leak, and a harness that reports failures."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from tests.bench import tables
from tests.bench.cases import CASES, Case, K, make
from tests.bench.checker import check

SMALL = Case("small", 3, (("gender",), ("drug",)), 40, months=2)


def equations(rows, cells: int) -> csr_array:
    return csr_array((rows.coefficient, (rows.row, rows.column)), shape=(rows.count, cells))


def test_a_made_up_table_adds_up_and_is_always_the_same():
    table = make(SMALL)
    assert table.rows.hold(table.truth).all()
    assert (make(SMALL).truth == table.truth).all()
    assert table.sensitive.any() and table.published.any() and (table.truth >= K).any()


@pytest.mark.parametrize(("name", "cells", "sensitive"), [("S2", 350, 149), ("S", 800, 304)])
def test_the_cases_have_the_shapes_they_are_named_for(name: str, cells: int, sensitive: int):
    table = make(next(case for case in CASES if case.name == name))
    assert len(table.truth) == pytest.approx(cells, rel=0.1)
    assert table.sensitive.sum() == pytest.approx(sensitive, rel=0.1)


# A row of five counts and their total; the third and fourth, of 3 and 5, are sensitive.
ROW = csr_array(np.array([[1.0, 1.0, 1.0, 1.0, 1.0, -1.0]]))
COUNTS = np.array([12.0, 4.0, 3.0, 5.0, 0.0, 24.0])
SENSITIVE = np.array([False, True, True, True, False, False])


@pytest.mark.parametrize(
    ("hidden", "exact", "narrow"),
    [
        ([1, 2, 3], 0, 0),
        ([1, 2, 3, 5], 0, 0),
        ([2, 3], 1, 3),
        ([1], 3, 3),
        ([], 3, 3),
    ],
)
def test_the_checker_tells_what_is_exact_and_what_is_narrow(hidden: list[int], exact: int, narrow: int):
    found = check(ROW, COUNTS, np.isin(np.arange(6), hidden), SENSITIVE, K)
    assert (found.exact, found.narrow, found.checked) == (exact, narrow, 3)


def test_two_counts_of_one_that_protect_each_other_are_narrow_not_exact():
    row = csr_array(np.array([[1.0, 1.0, 1.0, -1.0]]))
    found = check(row, np.array([28.0, 1, 1, 30]), np.array([False, True, True, False]), np.array([0, 1, 1, 0]) > 0, K)
    assert (found.exact, found.narrow) == (0, 2)


def outcome(monkeypatch, tmp_path: Path, *command: str) -> tables.Run:
    monkeypatch.setitem(tables.TOOLS, "tool", [sys.executable, *command])
    monkeypatch.setattr(tables, "SECONDS", 0.5)
    monkeypatch.setattr(tables, "GRACE", 0)
    table = make(SMALL)
    tables.write(table, tmp_path / "table.npz")
    return tables.run("tool", table, tmp_path)


def test_a_tool_that_is_missing_fails_or_never_ends_is_reported_as_such(monkeypatch, tmp_path: Path):
    assert outcome(monkeypatch, tmp_path, "-c", "raise SystemExit(3)").remark == "not installed"
    assert outcome(monkeypatch, tmp_path, "-c", "raise ValueError('wrong')").remark == "failed: ValueError: wrong"
    assert outcome(monkeypatch, tmp_path, "-c", "pass").remark == "failed: 0"
    endless = outcome(monkeypatch, tmp_path, "-c", "import time; time.sleep(60)")
    assert endless.remark.startswith("stopped after") and endless.hidden is None


def test_a_case_is_printed_with_what_the_checker_finds(monkeypatch):
    monkeypatch.setattr(tables, "CASES", (Case("small", 3, (("gender",), ("route",)), 40),))
    monkeypatch.setattr(tables, "SECONDS", 60.0)
    monkeypatch.setattr(tables, "TOOLS", {"ours": tables.TOOLS["ours"]})
    (printed,) = tables.compare("small")
    cells = [cell.strip() for cell in printed.strip("|").split("|")]
    assert dict(zip(tables.HEAD, cells, strict=True))["remark"] == "proved the cheapest"
    assert dict(zip(tables.HEAD, cells, strict=True))["narrow"] == "0"
