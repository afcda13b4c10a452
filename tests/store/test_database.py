"""One transaction or nothing; durable and checked on either database."""

from contextlib import suppress

import pytest
from sqlalchemy import insert, select, text

from store.database import Database
from store.directory import all_operators
from store.tables import operators
from store.tenancy import NO_OPERATOR, REGISTRAR
from tests.builders import make_hub, superuser

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
ADD = insert(operators).values(id="x", label="X", sentinel="none")
OTHERS = "pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


def test_a_write_that_fails_leaves_nothing(hub):
    with suppress(ZeroDivisionError), hub.database.write(REGISTRAR) as connection:
        connection.execute(ADD)
        raise ZeroDivisionError
    with hub.database.read(NO_OPERATOR) as connection:
        assert connection.execute(select(operators).where(operators.c.id == "x")).first() is None


def test_a_write_that_fails_keeps_nobody_waiting(hub):
    with suppress(ZeroDivisionError), hub.database.write(NO_OPERATOR):
        raise ZeroDivisionError
    with hub.database.write(REGISTRAR) as connection:
        connection.execute(ADD)
    with hub.database.read(NO_OPERATOR) as connection:
        assert "x" in {operator.id for operator in all_operators(connection)}


def test_sqlite_is_durable_and_checks_references(tmp_path):
    hub = make_hub(tmp_path)
    with superuser(hub.database) as connection:
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS} == PRAGMAS
    hub.database.close()


def test_a_connection_that_postgresql_closed_meanwhile_is_replaced(postgresql):
    with postgresql.hub_database() as url:
        database, other = Database(url), Database(url)
        for _ in range(2):
            with database.read(NO_OPERATOR) as connection:
                assert all_operators(connection) == []
            with superuser(other) as connection:
                assert connection.scalar(text(f"select bool_and(pg_terminate_backend(pid)) from {OTHERS}"))
        database.close()
        other.close()


def test_another_kind_of_database_is_refused():
    with pytest.raises(ValueError, match="mysql"):
        Database("mysql://x/y")
