"""The mark of the database: the same until something is written, by whomever."""

from contextlib import closing

from store.audit import record
from store.database import Database
from store.tenancy import EVERY_OPERATOR, NO_OPERATOR
from tests.builders import NOON


def write(database: Database) -> None:
    with database.write(EVERY_OPERATOR) as connection:
        record(connection, at=NOON, actor="x", action="x", subject="x", operator=None)


def test_the_mark_changes_with_every_write_of_this_process_or_another(hub):
    with closing(Database(hub.settings.database_url)) as other:
        for writer in (hub.database, other):
            before = hub.database.changes.mark()
            assert before is not None
            with hub.database.read(NO_OPERATOR):
                assert hub.database.changes.mark() == before
            write(writer)
            assert hub.database.changes.mark() != before


def test_what_is_rolled_back_is_not_waited_for(hub):
    try:
        with hub.database.write(EVERY_OPERATOR) as connection:
            record(connection, at=NOON, actor="x", action="x", subject="x", operator=None)
            raise LookupError
    except LookupError:
        pass
    settled = hub.database.changes.mark()
    assert hub.database.changes.mark() == settled


def test_marks_of_two_connections_are_never_the_same(hub):
    before = hub.database.changes.mark()
    hub.database.changes.close()
    assert hub.database.changes.mark() not in (None, before)


def test_there_is_no_mark_of_a_database_that_is_gone(hub, kind):
    changes = hub.database.changes
    assert changes.mark()
    changes._question = "SELECT nothing FROM nowhere"
    assert changes.mark() is None
