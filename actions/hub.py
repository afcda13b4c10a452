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
from store.tenancy import EVERY_OPERATOR, REGISTRAR, Reach, of_operator


def managing(by: Principal) -> Reach:
    """Whose clients and people `by` manages: its operator's, and everybody's for the hub's own."""
    return of_operator(by.operator) if by.operator else REGISTRAR


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

    def place(self, release: str) -> str:
        """The permanent URL of a release."""
        return f"{self.settings.issuer}/v1/releases/{release}"

    def audit(
        self, connection: Connection, by: Principal, action: str, subject: str, operator: str | None = None
    ) -> None:
        """Add a line to the audit log in the transaction of the write; `operator` is whose thing it was done to."""
        about = operator or by.operator
        record(connection, at=self.clock(), actor=by.id, action=action, subject=subject, operator=about)

    def audit_reading(self, by: Principal, action: str, subject: str, operator: str | None = None) -> None:
        """Add a line about what `by` has read and is not published, before they get it."""
        is_own = operator in (None, by.operator)
        with self.database.write(of_operator(by.operator) if is_own else EVERY_OPERATOR) as connection:
            self.audit(connection, by, action, subject, operator)
