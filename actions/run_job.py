"""Do the next job in the queue."""

from __future__ import annotations

import logging
import traceback
from dataclasses import asdict

from actions.cut_release import cut_release
from actions.hub import Hub
from domain.access import Principal, Scope
from domain.refusals import Refusal
from store.jobs import Job, finish, report_progress, requeue_interrupted, take_next

log = logging.getLogger(__name__)


def recover_jobs(hub: Hub) -> None:
    """Queue again what a worker that died had begun; called once, before the only worker starts."""
    with hub.database.write() as connection:
        requeue_interrupted(connection)


def run_next_job(hub: Hub) -> bool:
    """Do one job to its end, whatever that is; False when none waits."""
    with hub.database.write() as connection:
        job = take_next(connection)
    if job is None:
        return False
    state, result = _run(hub, job)
    with hub.database.write() as connection:
        finish(connection, job.id, state, result, hub.clock())
    return True


def _run(hub: Hub, job: Job) -> tuple[str, dict]:
    try:
        return "succeeded", {"release": _cut(hub, job)}
    except Refusal as refusal:
        return "failed", {"detail": refusal.detail, "errors": [asdict(item) for item in refusal.items]}
    except Exception as bug:
        # Only where it happened: the message of an exception may hold a count.
        where = "".join(traceback.format_tb(bug.__traceback__))
        log.error("job %s failed: %s\n%s", job.id, type(bug).__name__, where)
        return "failed", {"detail": "The hub made an error; its log says more.", "errors": []}


def _cut(hub: Hub, job: Job) -> str:
    by = Principal(job.requested_by, frozenset({Scope.RELEASES_PUBLISH}))

    def progress(done: float) -> None:
        with hub.database.write() as connection:
            report_progress(connection, job.id, done)

    return cut_release(hub, by=by, publish=job.parameters["publish"], progress=progress)
