"""Migrations lead to the tables that the code speaks of, on either database, and only once."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from domain.refusals import NotReady
from store import migrate
from store.database import Database
from store.directory import add_operator
from store.roles import roles_sql
from store.tables import metadata
from store.tenancy import MIGRATION
from tests.builders import MAY, OPERATORS, report, submit, superuser

# All that PostgreSQL knows of the tables, in its own words.
POSTGRESQL = """
    select 'column', table_name || '.' || column_name,
           concat_ws(' ', data_type, collation_name, is_nullable, column_default)
      from information_schema.columns where table_schema = 'public'
    union select 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
      from pg_constraint where connamespace = 'public'::regnamespace and contype <> 't'
    union select 'index', tablename || '.' || indexname, indexdef from pg_indexes where schemaname = 'public'
    union select 'trigger', tgrelid::regclass::text || '.' || tgname, pg_get_triggerdef(oid)
      from pg_trigger where not tgisinternal
    union select 'function', proname, pg_get_functiondef(oid)
      from pg_proc where pronamespace = 'public'::regnamespace
    union select 'sequence', sequencename, concat_ws(' ', data_type, start_value, increment_by)
      from pg_sequences where schemaname = 'public'
    union select 'policy', tablename || '.' || policyname, concat_ws(' ', roles::text, cmd, qual, '/', with_check)
      from pg_policies where schemaname = 'public'
    union select 'guard', oid::regclass::text,
           concat_ws(' ', relowner::regrole, relrowsecurity::text, relforcerowsecurity::text)
      from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'S')
    union select 'grant', table_name || '.' || grantee || '.' || privilege_type, string_agg(column_name, ',')
      from information_schema.column_privileges where table_schema = 'public' group by 1, 2
    union select 'removal', table_name || '.' || grantee || '.' || privilege_type, ''
      from information_schema.table_privileges where table_schema = 'public'
    union select 'use', object_name || '.' || grantee, ''
      from information_schema.usage_privileges where object_schema = 'public'
"""
SQLITE = "select type, name, sql from sqlite_master where sql is not null"
CLIENT = """
    insert into clients (id, label, secret_sha256, operator, scopes, sites, expires_at, disabled, created_at)
    values ('posting', 'Posting', 'x', 'nyc', '[]', '[]', '2027-07-15 12:00:00', false, '2026-07-15 12:00:00')
"""
LINE = "insert into audit values (:number, '2026-07-15T12:00:00+00:00', 'x', 'x', 'x', :number)"
CONSTRAINT = re.compile(r"PRIMARY KEY|FOREIGN KEY|UNIQUE|CHECK")


@pytest.fixture
def database(new_database):
    made = Database(new_database())
    yield made
    made.close()


def schema(database: Database) -> dict[tuple[str, str], list[str]]:
    """(kind, name) -> definition, its parts sorted, of all there is but Alembic's own table."""
    with superuser(database) as connection:
        rows = connection.execute(text(SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL)).all()
    own = [row for row in rows if not row[1].startswith("alembic_version")]
    # SQLite quotes the name of a table that a migration made anew.
    plain = [(kind, name, sql.replace(f'TABLE "{name}"', f"TABLE {name}")) for kind, name, sql in own]
    return {(kind, name): sorted(parts(sql)) for kind, name, sql in plain}


def parts(sql: str) -> list[str]:
    """The lines of a definition, and what commas part outside brackets: SQLite writes added columns behind others."""
    found = [part.strip() for line in sql.splitlines() for part in re.split(r",\s*(?![^(]*\))", line)]
    # The bracket that closes a table stands in a line of its own, or behind a column that was added.
    return [part.removesuffix(")") if part.count(")") > part.count("(") else part for part in found if part]


def down(connection: Connection) -> None:
    command.downgrade(migrate.configuration(connection), "base")


def test_the_migrated_tables_are_those_of_the_code(database, new_database):
    of_the_code = Database(new_database())
    with of_the_code.write(MIGRATION) as connection:
        metadata.create_all(connection)
    assert schema(database) == {}
    database.create()
    assert schema(database) == schema(of_the_code)
    of_the_code.close()


def test_every_constraint_has_the_name_of_its_kind_and_table(database, kind):
    database.create()
    if kind == "sqlite":
        tables = {name: lines for (what, name), lines in schema(database).items() if what == "table"}
        named = [(table, line) for table, lines in tables.items() for line in lines if CONSTRAINT.search(line)]
        wrong = [line for table, line in named if not re.match(rf"CONSTRAINT (pk|fk|uq|ck)_{table}", line)]
    else:
        definitions = {name: lines for (what, name), lines in schema(database).items() if what == "constraint"}
        named = [name.split(".") for name, lines in definitions.items() if not lines[0].startswith("NOT NULL")]
        wrong = [name for table, name in named if not re.match(rf"(pk|fk|uq|ck)_{table}", name)]
    assert len(named) > 25
    assert wrong == []


def test_text_sorts_by_code_point_in_postgresql_too(database, kind):
    database.create()
    if kind == "postgresql":
        columns = {name: lines[0] for (what, name), lines in schema(database).items() if what == "column"}
        texts = {name: line for name, line in columns.items() if line.startswith("character varying")}
        assert {name for name, line in texts.items() if "character varying C " not in line} == set()
    with superuser(database) as connection:
        for name in ("nyc-z", "nyca", "NYC", "é", "z"):
            connection.execute(text("insert into operators values (:id, 'x', null, 'none', false)"), {"id": name})
        found = connection.scalars(text("select id from operators order by id")).all()
    assert found == sorted(found)


def test_a_database_without_data_goes_back_to_nothing_and_forth_again(database):
    database.create()
    made = schema(database)
    with database.write(MIGRATION) as connection:
        down(connection)
    assert schema(database) == {}
    assert database.version() is None
    database.create()
    assert schema(database) == made


def test_a_hub_that_was_written_to_is_not_taken_back(hub):
    submit(hub, "nyc-east", MAY, report())
    with pytest.raises(RuntimeError, match="written to"), superuser(hub.database) as connection:
        down(connection)
    with superuser(hub.database) as connection:
        assert migrate.is_current(connection)
        assert connection.execute(text("select count(*) from operators")).scalar() == len(OPERATORS)


def test_what_is_stored_stays_when_the_tables_are_current_already(database):
    database.create()
    with superuser(database) as connection:
        add_operator(connection, OPERATORS[0])
    database.create()
    with superuser(database) as connection:
        assert connection.execute(text("select id from operators")).scalars().all() == [OPERATORS[0].id]


def test_what_an_older_hub_stored_is_there_after_each_step(database, kind):
    with superuser(database) as connection:
        command.upgrade(migrate.configuration(connection), "0001")
        assert not migrate.is_current(connection)
        connection.execute(text("insert into operators values ('nyc', 'New York', null, 'none')"))
        for number in (1, 2):
            connection.execute(text(LINE), {"number": number})
        if kind == "postgresql":  # as its administrator does before the upgrade
            connection.exec_driver_sql(roles_sql())
    database.create()
    with superuser(database) as connection:
        assert migrate.is_current(connection)
        assert connection.execute(text("select id from operators")).scalars().all() == ["nyc"]
        assert connection.execute(text("select number, sha256 from audit_head")).all() == [(2, "2")]


def test_clients_of_an_older_hub_keep_their_secrets(database, kind):
    with superuser(database) as connection:
        command.upgrade(migrate.configuration(connection), "0003")
        connection.execute(text("insert into operators values ('nyc', 'New York', null, 'none')"))
        connection.execute(text(CLIENT))
        if kind == "postgresql":  # as its administrator does before the upgrade
            connection.exec_driver_sql(roles_sql())
    database.create()
    with superuser(database) as connection:
        kept = connection.execute(text("select client, secret_sha256 from client_credentials")).all()
        assert kept == [("posting", "x")]
    with pytest.raises(IntegrityError), superuser(database) as connection:
        connection.execute(text("delete from clients"))


def test_a_migration_that_fails_leaves_nothing(database):
    def fail_at_the_end() -> None:
        with database.write(MIGRATION) as connection:
            migrate.upgrade(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_at_the_end()
    assert schema(database) == {}
    assert database.version() is None


def test_of_many_that_start_at_once_each_finds_the_tables(new_database):
    url = new_database()
    databases = [Database(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Database.create, databases))
    assert len({database.version() for database in databases} - {None}) == 1
    for database in databases:
        database.close()


def test_tables_that_a_newer_hub_made_are_left_alone(database):
    database.create()
    made = schema(database)
    with superuser(database) as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(NotReady, match="9999"):
        database.create()
    assert schema(database) == made


def test_reports_of_an_older_hub_are_there_after_the_step_that_lets_them_be_withdrawn(database):
    at = "2026-07-15 12:00:00"
    with database.write(MIGRATION) as connection:
        command.upgrade(migrate.configuration(connection), "0007")
    with superuser(database) as connection:
        for statement in (
            "insert into operators values ('nyc', 'New York', null, 'none', false)",
            "insert into sites (id, operator, city, label, opened, timezone, synthetic, series_breaks) "
            "values ('east', 'nyc', 'new-york', 'East', '2021-11', 'UTC', true, '[]')",
            "insert into reports values ('east', '2026-05', 'accepted', 2, 1)",
            f"insert into revisions values ('east', '2026-05', 1, '{{}}', 'x', '[]', 'x', '{at}')",
            f"insert into revisions values ('east', '2026-05', 2, '{{}}', 'x', '[]', 'x', '{at}')",
            f"insert into reviews values ('east', '2026-05', 1, 'accept', '[]', 'x', '{at}')",
        ):
            connection.execute(text(statement))
    database.create()
    with superuser(database) as connection:
        assert connection.execute(text("select * from reports")).all() == [("east", "2026-05", "accepted", 2, 1)]
        connection.execute(text("update reports set state = 'withdrawn', accepted_revision = null"))
        assert connection.execute(text("select count(*) from revisions")).scalar() == 2
    for orphaning in ("delete from reports", "update reports set revision = 3"):
        with pytest.raises(IntegrityError), superuser(database) as connection:
            connection.execute(text(orphaning))
    with pytest.raises(RuntimeError, match="withdrawn"), superuser(database) as connection:
        command.downgrade(migrate.configuration(connection), "0007")
    with superuser(database) as connection:
        connection.execute(text("update reports set state = 'returned'"))
        command.downgrade(migrate.configuration(connection), "0007")
    with pytest.raises(IntegrityError), superuser(database) as connection:
        connection.execute(text("update reports set state = 'withdrawn'"))
