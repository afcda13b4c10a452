"""The audit log finds what was done to it."""

import pytest
from sqlalchemy import text

from store.audit import first_broken_line
from tests.builders import MAY, report, submit


@pytest.fixture
def written(hub):
    submit(hub, "nyc-east", MAY, report())
    return hub


def lift_guard(connection) -> None:
    """Do as one who owns the database can: tell the triggers to stand aside, or drop them."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("set local session_replication_role = replica"))
    else:
        for verb in ("update", "delete"):
            connection.execute(text(f"drop trigger audit_refuse_{verb}"))


def broken(hub, statement: str | None = None):
    if statement:
        with hub.database.write() as connection:
            lift_guard(connection)
            connection.execute(text(statement))
    with hub.database.read() as connection:
        return first_broken_line(connection)


def test_an_untouched_log_holds(written):
    assert broken(written) is None


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("update audit set actor = 'someone' where number = 3", 3),
        ("delete from audit where number = 2", 2),
        ("update audit set subject = 'nyc-east/2026-05/2' where number = 8", 8),
        ("delete from audit where number = 1", 1),
    ],
)
def test_an_altered_or_removed_line_is_named(written, statement, line):
    assert broken(written, statement) == line


def test_no_line_holds_a_count(hub):
    submit(hub, "nyc-east", MAY, report(overdose_events=31337, visits_consumption=900_001, participants_connected=0))
    with hub.database.read() as connection:
        lines = str(connection.execute(text("select * from audit")).all())
    assert "31337" not in lines
    assert "900001" not in lines
