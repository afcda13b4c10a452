"""What is written once is neither changed, replaced nor removed, whatever SQL is tried."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from domain.retraction import Retraction
from store.retractions import add_retraction
from store.tables import APPEND_ONLY
from store.tenancy import EVERY_OPERATOR
from tests.builders import MAY, furnish, make_hub, report, submit_and_accept, submit_and_confirm, superuser
from tests.store.published import publish

ANYWHERE = [
    "update {table} set {column} = {column}",
    "update {table} set {column} = {column} where {column} is not null",
    "delete from {table}",
    "delete from {table} where {column} is not null",
    "insert into {table} select * from {table} where true "
    "on conflict ({key}) do update set {column} = excluded.{column}",
]
SQLITE = [
    "replace into {table} select * from {table}",
    "insert or replace into {table} select * from {table}",
    "update or replace {table} set {column} = {column}",
]
POSTGRESQL = [
    "truncate {table} cascade",
    "with gone as (delete from {table} returning *) select * from gone",
    "merge into {table} using {table} as other on {table}.{column} = other.{column} when matched then delete",
]


def fill(hub):
    submit_and_accept(hub, "nyc-east", MAY, report())
    submit_and_confirm(hub, "nyc-north", MAY, report(deaths_overdose_onsite=1))
    with hub.database.write(EVERY_OPERATOR) as connection:
        first, second = publish(connection, 1), publish(connection, 2)
        add_retraction(connection, Retraction(second.id, first.id, "data_error"))
    return hub


@pytest.fixture
def filled(hub):
    return fill(hub)


def content(hub) -> list:
    with superuser(hub.database) as connection:
        return [connection.execute(select(table)).all() for table in APPEND_ONLY]


def statements(patterns: list[str]) -> Iterator[str]:
    for table in APPEND_ONLY:
        key = ", ".join(table.primary_key.columns.keys())
        yield from (pattern.format(table=table, column=list(table.columns)[-1].name, key=key) for pattern in patterns)


def test_no_statement_of_either_database_gets_through(filled, kind):
    before = content(filled)
    assert all(before)
    for statement in statements(ANYWHERE + (SQLITE if kind == "sqlite" else POSTGRESQL)):
        with pytest.raises(IntegrityError, match="append-only"), superuser(filled.database) as connection:
            connection.execute(text(statement))
    assert content(filled) == before


def test_a_release_is_not_replaced_by_another_with_its_id(filled):
    before = content(filled)
    with pytest.raises(IntegrityError), filled.database.write(EVERY_OPERATOR) as connection:
        publish(connection, 3, "2026-07-15.1")
    assert content(filled) == before


def test_postgresql_does_not_empty_them_along_with_the_tables_they_refer_to(filled, kind):
    before = content(filled)
    if kind == "postgresql":
        with pytest.raises(IntegrityError, match="append-only"), superuser(filled.database) as connection:
            connection.execute(text("truncate operators cascade"))
    assert content(filled) == before


def test_sqlite_refuses_whoever_opens_the_file(tmp_path):
    hub = fill(furnish(make_hub(tmp_path)))
    before = content(hub)
    with closing(sqlite3.connect(hub.database.engine.url.database)) as stranger:
        for statement in statements(ANYWHERE + SQLITE):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                stranger.execute(statement)
            stranger.rollback()
    assert content(hub) == before
    hub.database.close()
