"""A hub with real keys, and releases a day apart, each with a month more than the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from actions.cut_release import cut_release
from actions.hub import Hub
from actions.verify_ledger import Verdict, verify_ledger
from auth.keys import is_signed, release_keys
from domain.periods import Month
from tests.builders import NOON, STEWARD, report, submit_and_accept, superuser

MONTHS = [Month(2026, number) for number in range(5, 0, -1)]


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_days(self, days: float) -> None:
        self.at += timedelta(days=days)


def with_keys(hub: Hub) -> Hub:
    """The hub, signing with its own keys, on a clock that can be moved."""
    return replace(hub, sign=release_keys(hub.settings).sign, clock=Clock())


def signed_by(hub: Hub) -> Callable[[bytes, Mapping[str, str]], bool]:
    """Whether a signature is of the hub."""
    keys = release_keys(hub.settings).jwks()
    return lambda content, signature: is_signed(content, signature, keys)


def accept(hub: Hub, month: Month) -> None:
    """Have a report of this month accepted."""
    submit_and_accept(hub, "nyc-east", month, report(days=month.days))


def publish_releases(hub: Hub, count: int) -> list[str]:
    """Publish releases, the clock moving a day after each."""
    made = []
    for month in MONTHS[:count]:
        accept(hub, month)
        made.append(cut_release(hub, by=STEWARD, publish=True))
        hub.clock.pass_days(1)
    return made


def verify(hub: Hub, release: str | None = None) -> Verdict:
    """The verdict of the hub's own keys."""
    return verify_ledger(hub, is_signed=signed_by(hub), release=release)


def tamper(hub: Hub, *statements: str, **values: object) -> None:
    """Do as one who owns the database can: tell the triggers to stand aside, or drop them."""
    with superuser(hub.database) as connection:
        _lift_guards(connection)
        for statement in statements:
            connection.execute(text(statement), values)


def _lift_guards(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("set local session_replication_role = replica"))
        return
    triggers = connection.scalars(text("select name from sqlite_master where type = 'trigger'")).all()
    for trigger in triggers:
        connection.execute(text(f"drop trigger {trigger}"))
    connection.execute(text("pragma defer_foreign_keys = on"))
