"""Tables that are written once: the database itself refuses to change, replace or remove their rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import DDL, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint, event

# A restrict violation is of the class of integrity errors, as is what SQLite raises.
_REFUSE_CHANGE = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
)


def make_append_only(metadata: MetaData, *tables: Table) -> None:
    """Give the tables their triggers wherever the metadata creates them."""
    _then(metadata, "before_create", "postgresql", _REFUSE_CHANGE)
    for table in tables:
        for trigger in _postgresql_triggers(table.name):
            _then(table, "after_create", "postgresql", trigger)
        for trigger in _sqlite_triggers(table):
            _then(table, "after_create", "sqlite", trigger)


def make_forward_only(table: Table) -> None:
    """Let the `number` of the table's one row only be counted up, one by one, and the row not be removed."""
    for trigger in _FORWARD_ON_POSTGRESQL:
        _then(table, "after_create", "postgresql", trigger.format(table=table))
    for trigger in _FORWARD_ON_SQLITE:
        _then(table, "after_create", "sqlite", trigger.format(table=table))


_FORWARD_ON_POSTGRESQL = (
    "CREATE TRIGGER {table}_refuse_back BEFORE UPDATE ON {table} FOR EACH ROW "
    "WHEN (NEW.number <> OLD.number + 1) EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER {table}_refuse_delete BEFORE DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)
_REFUSE_ON_SQLITE = "BEGIN SELECT RAISE(ABORT, 'table {table} is append-only'); END"
_FORWARD_ON_SQLITE = (
    "CREATE TRIGGER {table}_refuse_back BEFORE UPDATE ON {table} "
    f"WHEN NEW.number <> OLD.number + 1 {_REFUSE_ON_SQLITE}",
    f"CREATE TRIGGER {{table}}_refuse_delete BEFORE DELETE ON {{table}} {_REFUSE_ON_SQLITE}",
    "CREATE TRIGGER {table}_refuse_replace BEFORE INSERT ON {table} "
    f"WHEN EXISTS (SELECT 1 FROM {{table}}) {_REFUSE_ON_SQLITE}",
)


def _then(target: MetaData | Table, moment: str, dialect: str, statement: str) -> None:
    event.listen(target, moment, DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))


def _postgresql_triggers(table: str) -> Iterator[str]:
    for verb in ("UPDATE", "DELETE", "TRUNCATE"):
        name = f"{table}_refuse_{verb.lower()}"
        yield f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"


def _sqlite_triggers(table: Table) -> Iterator[str]:
    # INSERT OR REPLACE removes the rows in its way without asking the trigger on DELETE.
    occasions = {"update": "UPDATE ON {}", "delete": "DELETE ON {}", "replace": f"INSERT ON {{}} {_when_there(table)}"}
    for what, occasion in occasions.items():
        refusal = f"SELECT RAISE(ABORT, 'table {table} is append-only')"
        yield f"CREATE TRIGGER {table}_refuse_{what} BEFORE {occasion.format(table)} BEGIN {refusal}; END"


def _when_there(table: Table) -> str:
    keys = [list(c.columns) for c in table.constraints if isinstance(c, PrimaryKeyConstraint | UniqueConstraint)]
    same = sorted(" AND ".join(f"{column.name} = NEW.{column.name}" for column in key) for key in keys)
    return f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {' OR '.join(same)})"
