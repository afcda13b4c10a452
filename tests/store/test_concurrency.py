"""Many at once: writers take turns, readers see one moment, and nothing is lost, forked or done twice."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from actions.read_report import list_revisions
from actions.register_operator import register_operator
from actions.verify_audit import verify_audit
from domain.access import SYSTEM
from domain.periods import Month
from domain.refusals import PreconditionFailed, PreconditionMissing
from domain.report import Operator
from store import database
from store.directory import all_operators
from store.jobs import enqueue, take_next
from store.releases import add_draft, next_release_id
from store.tables import operators
from store.tenancy import EVERY_OPERATOR, NO_OPERATOR, REGISTRAR
from tests.builders import MAY, NOON, OPERATORS, SITES, operator_principal, report, submit, superuser

EAST = ("nyc-east", MAY)


def at_once(work, arguments) -> list:
    """What `work` returned for each argument, all begun at the same moment."""
    arguments = list(arguments)
    start = Barrier(len(arguments))

    def one(argument):
        start.wait()
        return work(argument)

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(one, arguments))


def revisions(hub) -> list:
    page = list_revisions(hub, by=operator_principal("nyc"), site=EAST[0], month=EAST[1])
    return [view.revision for view in page.items]


def chain_holds(hub) -> bool:
    return verify_audit(hub, by=SYSTEM).faults == ()


def test_sixteen_writers_of_one_site_month_make_one_chain(hub):
    submit(hub, *EAST, report(referrals_made=99))

    def insist(referrals: int) -> int:
        """Try against the newest revision until it is accepted, as a client would."""
        while True:
            etag = revisions(hub)[-1].etag
            try:
                return submit(hub, *EAST, report(referrals_made=referrals), if_match=frozenset({etag})).revision
            except PreconditionFailed:
                continue

    numbers = at_once(insist, range(100, 116))
    made = revisions(hub)
    assert sorted(numbers) == list(range(2, 18))
    assert [revision.number for revision in made] == list(range(1, 18))
    told = {revision.number: revision.content["indicators"]["referrals_made"]["total"] for revision in made}
    assert [told[number] for number in numbers] == list(range(100, 116))
    assert chain_holds(hub)


def test_of_sixteen_different_first_reports_one_is_the_first(hub):
    def send(referrals: int) -> bool:
        try:
            return submit(hub, *EAST, report(referrals_made=referrals)).created
        except PreconditionMissing:
            return False

    assert at_once(send, range(100, 116)).count(True) == 1
    assert [revision.number for revision in revisions(hub)] == [1]
    assert chain_holds(hub)


def test_sixteen_times_the_same_first_report_is_one_report(hub):
    receipts = at_once(lambda _: submit(hub, *EAST, report()), range(16))
    assert len({receipt.etag for receipt in receipts}) == 1
    assert [receipt.created for receipt in receipts].count(True) == 1
    assert chain_holds(hub)


def test_writers_of_different_sites_write_one_audit_log(hub):
    places = [(site.id, month) for site in SITES for month in (MAY, Month(2026, 3))]
    assert all(receipt.created for receipt in at_once(lambda place: submit(hub, *place, report()), places))
    assert chain_holds(hub)
    with superuser(hub.database) as connection:
        lines = connection.execute(text("select count(*) from audit")).scalar()
    assert lines == len(OPERATORS) + len(SITES) + len(places)


def test_no_two_cuts_get_the_same_id(hub):
    def cut(_) -> str:
        with hub.database.write(EVERY_OPERATOR) as connection:
            release = next_release_id(connection, NOON.date())
            add_draft(connection, release, {}, NOON)
            return release

    assert sorted(at_once(cut, range(8))) == [f"2026-07-15.{number}" for number in range(1, 9)]


def test_every_job_is_taken_once_and_in_order(hub):
    with hub.database.write(NO_OPERATOR) as connection:
        queued = [enqueue(connection, "cut", {}, requested_by="x", at=NOON).id for _ in range(5)]

    def take(_) -> str | None:
        with hub.database.write(NO_OPERATOR) as connection:
            job = take_next(connection)
            return job.id if job else None

    taken = at_once(take, range(8))
    assert sorted(job for job in taken if job) == sorted(queued)
    assert taken.count(None) == 3


def test_a_reader_sees_one_moment_and_waits_for_nobody(hub):
    with hub.database.read(NO_OPERATOR) as reading:
        before = all_operators(reading)
        register_operator(hub, by=SYSTEM, operator=Operator("vch", "Vancouver"))
        assert all_operators(reading) == before
    with hub.database.read(NO_OPERATOR) as reading:
        assert len(all_operators(reading)) == len(before) + 1


def test_a_reader_does_not_see_what_is_not_committed(hub):
    with hub.database.write(REGISTRAR) as writing:
        writing.execute(update(operators).values(label="changed"))
        with hub.database.read(NO_OPERATOR) as reading:
            assert "changed" not in {operator.label for operator in all_operators(reading)}


def test_nothing_is_kept_of_what_a_reader_writes(hub):
    with suppress(DBAPIError), hub.database.read(REGISTRAR) as reading:
        reading.execute(update(operators).values(label="changed"))
    with hub.database.read(NO_OPERATOR) as reading:
        assert "changed" not in {operator.label for operator in all_operators(reading)}


def test_a_writer_that_waits_too_long_gives_up(hub, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 50)
    hub.database.close()
    with hub.database.write(NO_OPERATOR), pytest.raises(OperationalError), hub.database.write(NO_OPERATOR):
        pytest.fail("two writers at once")
