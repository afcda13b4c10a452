"""Flask and plain SQLite: a query, a list of dictionaries, JSON. Imports nothing of ours."""

import os
import sqlite3
import threading

from flask import Flask, jsonify, request
from questions import RATES, SITE, SITES
from scipy.special import gammainccinv, gammaincinv

app = Flask(__name__)
app.json.sort_keys = False
_kept = threading.local()


def _rows(sql: str) -> list[dict]:
    if not hasattr(_kept, "connection"):
        _kept.connection = sqlite3.connect(os.environ["BENCH_DATABASE"])
        _kept.connection.row_factory = sqlite3.Row
    return [dict(row) for row in _kept.connection.execute(sql, request.args.to_dict())]


@app.get("/site")
def site():
    return jsonify(items=_rows(SITE))


@app.get("/sites")
def sites():
    return jsonify(items=_rows(SITES))


@app.get("/rates")
def rates():
    return jsonify(items=[{**row, **_rate(row["numerator"], row["denominator"])} for row in _rows(RATES)])


def _rate(events: int, exposure: int) -> dict:
    low = float(gammaincinv(events, 0.025)) if events else 0.0
    high = float(gammainccinv(events + 1, 0.025))
    scale = 1000 / exposure
    return {"value": events * scale, "interval": [low * scale, high * scale]}
