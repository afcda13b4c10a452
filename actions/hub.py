"""What every action needs, handed down as one value by the composition roots (`wsgi.py`, `cli`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from domain.access import Principal
from domain.dictionary import Dictionary
from domain.settings import Settings
from store.artefacts import ArtefactStore
from store.audit import record
from store.database import Database


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Hub:
    """The hub's parts: settings, database, release files, dictionaries by version, release signature, clock.

    `sign` takes the bytes of a manifest and answers `{"algorithm", "kid", "value"}`.
    """

    settings: Settings
    database: Database
    artefacts: ArtefactStore
    dictionaries: Mapping[str, Dictionary]
    sign: Callable[[bytes], dict[str, str]]
    clock: Callable[[], datetime] = now

    def audit(self, connection: Connection, by: Principal, action: str, subject: str) -> None:
        """Add a line to the audit log in the transaction of the write."""
        record(connection, at=self.clock(), actor=by.id, action=action, subject=subject)
