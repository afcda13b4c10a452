"""FastAPI and plain SQLite; rates without their intervals, as there is no scipy here. Imports nothing of ours."""

import os
import sqlite3
import threading

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from questions import RATES, SITE, SITES

app = FastAPI()
_kept = threading.local()


def _rows(sql: str, asked: Request) -> list[dict]:
    if not hasattr(_kept, "connection"):
        _kept.connection = sqlite3.connect(os.environ["BENCH_DATABASE"])
        _kept.connection.row_factory = sqlite3.Row
    return [dict(row) for row in _kept.connection.execute(sql, dict(asked.query_params))]


@app.get("/site")
def site(request: Request) -> JSONResponse:
    return JSONResponse({"items": _rows(SITE, request)})


@app.get("/sites")
def sites(request: Request) -> JSONResponse:
    return JSONResponse({"items": _rows(SITES, request)})


@app.get("/rates")
def rates(request: Request) -> JSONResponse:
    rows = _rows(RATES, request)
    return JSONResponse({"items": [{**row, "value": 1000 * row["numerator"] / row["denominator"]} for row in rows]})
