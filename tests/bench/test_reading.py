"""The benchmark of reading: everybody has the same rows, and a difference ends the run."""

import json
import sqlite3
from contextlib import closing

import pytest

from actions.compare_rates import compare_rates
from domain.dictionary import Level
from domain.periods import MonthRange
from tests.bench.reading.__main__ import Turn, _is_same, table
from tests.bench.reading.made_up import MEASURE, RELEASE, cells, fill_table, months_until_last, publish, sites_of
from tests.bench.reading.peers import questions
from tests.bench.reading.servers import DATASETTE, FLASK, KEPT, OBVIOUS, WORKED_OUT, cases, rows_in
from tests.builders import rows_told

SITES, MONTHS = sites_of(4), months_until_last(14)


@pytest.fixture
def hub(tmp_path):
    made = publish(tmp_path, SITES, MONTHS)
    yield made
    made.database.close()


@pytest.fixture
def ask(tmp_path):
    """The rows that SQLite has to a question, as dictionaries."""
    fill_table(tmp_path / "rows.db", SITES, MONTHS)
    with closing(sqlite3.connect(tmp_path / "rows.db")) as connection:
        connection.row_factory = sqlite3.Row
        yield lambda sql, asked: [dict(row) for row in connection.execute(sql, asked)]


def test_the_release_and_the_table_have_the_same_rows(hub, ask):
    told = rows_told(hub, RELEASE)
    assert len(told) == len(SITES) * len(MONTHS) * len(cells())
    columns = questions.COLUMNS.split(", ")
    stored = ask(f"SELECT {questions.COLUMNS} FROM rows ORDER BY id", {})
    assert [tuple(row.values()) for row in stored] == [tuple(getattr(row, c) for c in columns) for row in told]


def test_the_rates_are_those_of_the_table(hub, ask):
    case = cases(SITES, [str(month) for month in MONTHS])[2]
    period = MonthRange.parse(f"{case.asked['first']}..{case.asked['last']}")
    _, answer = compare_rates(hub, measure=MEASURE, by=Level.SITE, period=period, release=RELEASE)
    ours = {row.unit: (row.numerator, row.denominator) for row in answer.rows}
    assert {r["unit"]: (r["numerator"], r["denominator"]) for r in ask(questions.RATES, case.asked)} == ours
    assert len(ours) == len(SITES)


def test_rows_are_compared_by_what_they_have_in_common():
    row = {"unit": "a", "numerator": 1, "value": 0.1 + 0.2, "interval": [0.1, 0.2]}
    assert _is_same(row, {"unit": "a", "numerator": 1, "value": 0.3})
    assert not _is_same(row, {"unit": "a", "numerator": 2})
    assert not _is_same(row, {"interval": [0.1, 0.21]})
    assert rows_in(json.dumps({"items": [row]}).encode()) == rows_in(json.dumps([row]).encode()) == [row]


def test_the_table_tells_how_one_is_to_the_other():
    turns = {KEPT: Turn(15000, 30), WORKED_OUT: Turn(500, 2000), FLASK: Turn(100, 8000)}
    turns |= {OBVIOUS: Turn(10, 80000), DATASETTE: Turn(20, 40000)}
    lines = list(table(cases(SITES, [str(month) for month in MONTHS])[0], turns))
    assert f"| {FLASK} | 100 | 8,000 | 266.7 | 4.0 |" in lines
    assert "Kept, of Datasette: 750 times the requests a second (target: 150)." in lines
    assert f"20.0 x {DATASETTE} (10), 40.0 x {OBVIOUS} (8), 4.0 x {FLASK} (3)" in lines[-1]
