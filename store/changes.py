"""Whether anything was written since: what memory of the database is checked against, for less than a query costs.

SQLite counts what other connections commit (`PRAGMA data_version`), PostgreSQL tells which transactions there are to be
seen (`pg_current_snapshot`). Both are asked over a connection of their own, which never writes: where the mark is the
same as before, so is everything that was read meanwhile.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

from sqlalchemy import Engine

_QUESTIONS = {"sqlite": "PRAGMA data_version", "postgresql": "SELECT pg_current_snapshot()::text"}

Mark = tuple[int, Any]


class Changes:
    """The mark of the database behind an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._question = _QUESTIONS[engine.dialect.name]
        self._connection: Any = None
        self._opened = 0
        self._lock = Lock()

    def mark(self) -> Mark | None:
        """What changes with every write; None where nobody can be asked. Read it before what it is to vouch for."""
        with self._lock:
            try:
                if self._connection is None:
                    self._open()
                return self._opened, self._connection.execute(self._question).fetchone()[0]
            except self._engine.dialect.loaded_dbapi.Error:
                self._close()
                return None

    def close(self) -> None:
        """Give up the connection; it is opened again when it is needed."""
        with self._lock:
            self._close()

    def _open(self) -> None:
        pooled = self._engine.raw_connection()
        pooled.detach()
        self._connection = pooled.dbapi_connection
        # Marks of two connections are not to be compared.
        self._opened += 1
        if self._engine.dialect.name == "postgresql":
            self._connection.autocommit = True

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
