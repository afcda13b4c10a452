"""The worker beside the web server."""

from dataclasses import replace
from datetime import timedelta
from threading import Event

from actions.request_release import request_release
from cli.serve import work
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
