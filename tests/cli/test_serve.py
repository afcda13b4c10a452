"""The worker beside the web server."""

from threading import Event

from actions.request_release import request_release
from cli.serve import work
from store.jobs import job_by_id, take_next
from store.tenancy import NO_OPERATOR
from tests.builders import STEWARD


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
