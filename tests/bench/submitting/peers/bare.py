"""The limit: a request is one durable INSERT, and nothing is looked at. Imports nothing of ours."""

import os
import sqlite3
import threading

_kept = threading.local()
_turn = threading.Lock()


def _connection() -> sqlite3.Connection:
    if not hasattr(_kept, "connection"):
        _kept.connection = sqlite3.connect(os.environ["BENCH_DATABASE"], isolation_level=None, timeout=30)
        _kept.connection.execute("PRAGMA journal_mode = WAL")
        _kept.connection.execute("PRAGMA synchronous = FULL")
        _kept.connection.execute("CREATE TABLE IF NOT EXISTS stored (place TEXT PRIMARY KEY, content BLOB)")
    return _kept.connection


_connection()


def app(environ, start_response):
    """Store the body under its path."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    connection = _connection()
    # SQLite makes writers wait by sleeping; a lock of the process wakes the next at once.
    with _turn:
        connection.execute("INSERT INTO stored VALUES (?, ?)", (environ["PATH_INFO"], body))
    start_response("201 Created", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]
