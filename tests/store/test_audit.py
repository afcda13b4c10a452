"""The audit log finds what was done to it, and says to which line."""

import pytest
from sqlalchemy import text

from actions.verify_audit import verify_audit
from domain.access import SYSTEM
from tests.builders import MAY, report, submit, superuser

LINES = 8


@pytest.fixture
def written(hub):
    submit(hub, "nyc-east", MAY, report())
    return hub


def lift_guard(connection) -> None:
    """Do as one who owns the database can: tell the triggers to stand aside, or drop them."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("set local session_replication_role = replica"))
    else:
        for trigger in ("audit_refuse_update", "audit_refuse_delete", "audit_head_refuse_back"):
            connection.execute(text(f"drop trigger {trigger}"))


def found(hub, *statements: str) -> list[str]:
    if statements:
        with superuser(hub.database) as connection:
            lift_guard(connection)
            for statement in statements:
                connection.execute(text(statement))
    return [str(fault) for fault in verify_audit(hub, by=SYSTEM).faults]


ALTERED = "altered, or the line before it was, with a hash made to fit"


def test_an_untouched_log_holds(written):
    verdict = verify_audit(written, by=SYSTEM)
    assert (verdict.lines, verdict.faults, verdict.head.number) == (LINES, (), LINES)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update audit set actor = 'someone' where number = 3", f"line 3: {ALTERED}"),
        ("update audit set operator = 'ri' where number = 8", f"line 8: {ALTERED}"),
        ("update audit set operator = null where number = 8", f"line 8: {ALTERED}"),
        ("update audit set at = '2026-07-15T12:00:01+00:00' where number = 1", f"line 1: {ALTERED}"),
        ("update audit set subject = 'nyc-east/2026-05/2' where number = 8", f"line 8: {ALTERED}"),
        ("delete from audit where number = 2", "line 2: removed"),
        ("delete from audit where number = 1", "line 1: removed"),
        ("delete from audit where number in (3, 4, 5)", "lines 3 to 5: removed"),
        ("delete from audit where number > 6", "lines 7 to 8: removed from the end"),
        ("update audit_head set number = 7", "line 8: added behind the end"),
        ("update audit_head set sha256 = 'x'", "line 8: not the line that was written last"),
    ],
)
def test_an_altered_or_removed_line_is_named(written, statement, words):
    assert found(written, statement) == [words]


def test_lines_that_changed_places_are_named_with_the_places_they_had(written):
    swapped = [f"update audit set number = {to} where number = {of}" for of, to in ((3, 99), (6, 3), (99, 6))]
    assert found(written, *swapped) == [
        "line 3: moved from behind: it was line 6",
        f"line 4: {ALTERED}",
        "line 6: moved from before: it was line 3",
        f"line 7: {ALTERED}",
    ]


def test_a_gap_that_was_closed_is_found_where_it_was(written):
    closed = [f"update audit set number = {number - 1} where number = {number}" for number in range(4, LINES + 1)]
    told = found(written, "delete from audit where number = 3", *closed)
    assert told[0].startswith("line 3: altered")
    assert "line 4: moved from behind: it was line 5" in told
    assert f"line {LINES}: removed from the end" in told


def test_a_log_that_was_cut_off_and_counted_anew_is_found_by_whoever_kept_its_head(written):
    head = verify_audit(written, by=SYSTEM).head
    cut = [
        "delete from audit where number = 8",
        "update audit_head set number = 7, sha256 = (select sha256 from audit where number = 7)",
    ]
    assert found(written, *cut) == []
    (fault,) = verify_audit(written, by=SYSTEM, heads=[head.sha256]).faults
    assert (
        str(fault)
        == f"line 7: the head {head.sha256} tells of a line that is not in the log: it was rewritten or cut off"
    )


def test_no_line_holds_a_count(hub):
    submit(hub, "nyc-east", MAY, report(overdose_events=31337, visits_consumption=900_001, participants_connected=0))
    with superuser(hub.database) as connection:
        lines = str(connection.execute(text("select * from audit")).all())
    assert "31337" not in lines
    assert "900001" not in lines
