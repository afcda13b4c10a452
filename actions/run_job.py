"""Do the next job in the queue."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import asdict

from actions.cut_release import cut_release
from actions.hub import Hub
from domain.access import Principal, Scope
from domain.refusals import Refusal
from store.jobs import Job, finish, put_back, report_progress, requeue_interrupted, take_next
from store.tenancy import NO_OPERATOR

log = logging.getLogger(__name__)


def recover_jobs(hub: Hub) -> None:
    """Queue again what a worker that died had begun; called once, before the only worker starts."""
    with hub.database.write(NO_OPERATOR) as connection:
        requeue_interrupted(connection)


class Interrupted(BaseException):
    """The worker is told to stop in the middle of a job. No error: nothing on the way may take it for one."""


def run_next_job(hub: Hub, is_stopping: Callable[[], bool] = lambda: False) -> bool:
    """Do one job to its end, whatever that is; False when none waits, or when it was put back to stop.

    `is_stopping` is asked again and again while the job goes on.
    """
    with hub.database.write(NO_OPERATOR) as connection:
        job = take_next(connection)
    if job is None:
        return False
    try:
        state, result = _run(hub, job, is_stopping)
    except Interrupted:
        with hub.database.write(NO_OPERATOR) as connection:
            put_back(connection, job.id)
        return False
    with hub.database.write(NO_OPERATOR) as connection:
        finish(connection, job.id, state, result, hub.clock())
    return True


def _run(hub: Hub, job: Job, is_stopping: Callable[[], bool]) -> tuple[str, dict]:
    try:
        return "succeeded", {"release": _cut(hub, job, is_stopping)}
    except Refusal as refusal:
        return "failed", {"detail": refusal.detail, "errors": [asdict(item) for item in refusal.items]}
    except Exception as bug:
        # Only where it happened: the message of an exception may hold a count.
        where = "".join(traceback.format_tb(bug.__traceback__))
        log.error("job %s failed: %s\n%s", job.id, type(bug).__name__, where)
        return "failed", {"detail": "The hub made an error; its log says more.", "errors": []}


def _cut(hub: Hub, job: Job, is_stopping: Callable[[], bool]) -> str:
    by = Principal(job.requested_by, frozenset({Scope.RELEASES_PUBLISH}))

    def progress(done: float) -> None:
        if is_stopping():
            raise Interrupted
        with hub.database.write(NO_OPERATOR) as connection:
            report_progress(connection, job.id, done)

    return cut_release(hub, by=by, publish=job.parameters["publish"], progress=progress)
