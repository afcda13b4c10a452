"""FastAPI: the report checked by pydantic, stored as a row for each cell. Imports nothing of ours."""

import os
import sqlite3
import threading
from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[int, Field(ge=0, le=10_000_000)] | Annotated[float, Field(ge=0, le=10_000_000)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Bound(Closed):
    lt: Annotated[int, Field(ge=2)]


class Status(Closed):
    status: Literal["not_collected", "not_applicable", "not_reported"]


Cell = Number | Bound | Status


class Tally(Closed):
    total: Cell
    by: dict[str, dict[str, Cell]] = {}


class About(Closed):
    partial_month: None
    unique_method: str
    unique_scope: str
    visit_basis: str
    ems_policy: str
    overdose_definition: str
    provisional: bool


class Report(Closed):
    dictionary: str
    about: About
    indicators: dict[str, Tally]


app = FastAPI()
_kept = threading.local()
_turn = threading.Lock()


def _connection() -> sqlite3.Connection:
    if not hasattr(_kept, "connection"):
        _kept.connection = sqlite3.connect(os.environ["BENCH_DATABASE"], isolation_level=None, timeout=30)
        _kept.connection.execute("PRAGMA journal_mode = WAL")
        _kept.connection.execute("PRAGMA synchronous = FULL")
        columns = "site TEXT, month TEXT, indicator TEXT, breakdown TEXT, category TEXT"
        key = "PRIMARY KEY (site, month, indicator, breakdown, category)"
        _kept.connection.execute(f"CREATE TABLE IF NOT EXISTS stored ({columns}, value TEXT, {key})")
    return _kept.connection


_connection()


def _rows(site: str, month: str, report: Report):
    for indicator, tally in report.indicators.items():
        yield site, month, indicator, "", "", str(tally.total)
        for breakdown, cells in tally.by.items():
            for category, cell in cells.items():
                yield site, month, indicator, breakdown, category, str(cell)


@app.put("/sites/{site}/reports/{month}", status_code=201)
def put_report(site: str, month: str, report: Report) -> dict:
    connection = _connection()
    with _turn:
        connection.execute("BEGIN IMMEDIATE")
        statement = "INSERT OR REPLACE INTO stored VALUES (?, ?, ?, ?, ?, ?)"
        connection.executemany(statement, _rows(site, month, report))
        connection.execute("COMMIT")
    return {"site": site, "month": month}
