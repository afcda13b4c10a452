"""A moment comes back as the same moment, in UTC, from either database."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from domain.clients import Client
from store.clients import add_client, client_by_id, mark_client_used
from store.tenancy import REGISTRAR
from tests.builders import NOON, superuser

# Half an hour after the clocks went back, told by a clock in New York.
ELSEWHERE = datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=ZoneInfo("America/New_York"))
CLIENT = Client("c", "C", None, frozenset(), frozenset(), expires_at=ELSEWHERE)


@pytest.fixture
def with_client(hub):
    with hub.database.write(REGISTRAR) as connection:
        add_client(connection, CLIENT, created_at=NOON)
    return hub


def test_a_moment_is_read_in_utc_whatever_clock_told_it_and_wherever_the_server_is(with_client):
    with with_client.database.read(REGISTRAR) as connection:
        read = client_by_id(connection, "c").expires_at
    assert read.isoformat() == "2026-11-01T06:30:00+00:00"


def test_what_was_stored_as_no_moment_is_none(with_client):
    with superuser(with_client.database) as connection:
        assert connection.execute(text("select last_used_at from clients")).scalar_one() is None


def test_a_moment_keeps_its_microseconds(with_client):
    precise = datetime(2026, 7, 15, 12, 0, 0, 1, tzinfo=UTC)
    with with_client.database.write(REGISTRAR) as connection:
        add_client(connection, Client("d", "D", None, frozenset(), frozenset(), precise), created_at=NOON)
        assert client_by_id(connection, "d").expires_at == precise


def test_a_moment_without_a_time_zone_is_refused(with_client):
    with pytest.raises(StatementError, match="time zone"), with_client.database.write(REGISTRAR) as connection:
        mark_client_used(connection, "c", datetime(2026, 7, 15, 12))  # noqa: DTZ001
