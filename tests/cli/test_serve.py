"""The worker beside the web server."""

from dataclasses import replace
from datetime import timedelta
from threading import Event

from actions.request_release import request_release
from cli.serve import repeat, work
from store.jobs import job_by_id, take_next
from store.spent import is_spent, spend_assertion
from store.tenancy import NO_OPERATOR, REGISTRAR
from tests.builders import NOON, STEWARD


def test_what_a_killed_hub_left_is_cleared_when_it_starts(hub):
    (hub.artefacts.root / ".staged-0123").mkdir(parents=True)
    hub.artefacts.mark("2026-07-15.1")
    job = request_release(hub, by=STEWARD, publish=True)
    with hub.database.write(NO_OPERATOR) as connection:
        take_next(connection)
    stop = Event()
    stop.set()
    work(hub, stop)
    assert [path.name for path in hub.artefacts.root.iterdir()] == [".lock"]
    with hub.database.read(NO_OPERATOR) as connection:
        assert job_by_id(connection, job.id).state == "queued"


def test_what_has_expired_is_forgotten_beside_the_jobs(hub):
    with hub.database.write(REGISTRAR) as connection:
        spend_assertion(connection, "app", "1", NOON)
        spend_assertion(connection, "app", "2", NOON + timedelta(days=1))
    stop = Event()

    def clock():
        if not spent(hub, "1"):
            stop.set()
        return NOON

    work(replace(hub, clock=clock), stop)
    assert (spent(hub, "1"), spent(hub, "2")) == (False, True)


def spent(hub, jti: str) -> bool:
    with hub.database.read(REGISTRAR) as connection:
        return is_spent(connection, "app", jti)


def test_what_is_announced_is_told_and_a_bug_does_not_end_the_telling(hub, monkeypatch):
    monkeypatch.setattr("cli.serve.AFTER_A_BUG_SECONDS", 0)
    stop, done = Event(), []

    def do(_hub) -> bool:
        done.append(len(done))
        if len(done) == 2:
            raise ZeroDivisionError("with a count in its words: 7331")
        if len(done) == 4:
            stop.set()
        return False

    repeat(hub, stop, do, 0.01)
    assert done == [0, 1, 2, 3]


def test_the_words_of_a_bug_are_not_logged(hub, caplog, monkeypatch):
    monkeypatch.setattr("cli.serve.AFTER_A_BUG_SECONDS", 0)
    stop = Event()

    def do(_hub) -> bool:
        stop.set()
        raise ValueError("7331")

    repeat(hub, stop, do, 0)
    assert "ValueError" in caplog.text and "7331" not in caplog.text.replace('raise ValueError("7331")', "")
