"""Long work, asked for by one process and done by another."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from store.tables import jobs


@dataclass(frozen=True)
class Job:
    """A piece of work: `progress` 0 to 1; `result` once it ended, of its own or the words of the refusal."""

    id: str
    kind: str
    parameters: dict
    requested_by: str
    state: str
    progress: float
    result: dict | None


def enqueue(connection: Connection, kind: str, parameters: dict, *, requested_by: str, at: datetime) -> Job:
    """Add a job to the queue."""
    job = Job(secrets.token_hex(8), kind, parameters, requested_by, "queued", 0.0, None)
    connection.execute(insert(jobs).values(**vars(job), created_at=at))
    return job


def waiting_job(connection: Connection, kind: str, parameters: dict) -> Job | None:
    """A queued job that would do just this, or None."""
    rows = connection.execute(select(jobs).where(jobs.c.state == "queued", jobs.c.kind == kind).order_by(jobs.c.number))
    return next((job for job in map(_job, rows) if job.parameters == parameters), None)


def job_by_id(connection: Connection, job: str) -> Job | None:
    """The job, or None."""
    row = connection.execute(select(jobs).where(jobs.c.id == job)).one_or_none()
    return _job(row) if row else None


def take_next(connection: Connection) -> Job | None:
    """The oldest queued job, now running; None when nothing waits."""
    query = select(jobs).where(jobs.c.state == "queued").order_by(jobs.c.number).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    connection.execute(update(jobs).where(jobs.c.id == row.id).values(state="running"))
    return _job(row)


def requeue_interrupted(connection: Connection) -> None:
    """Put back what a worker that died had begun; a cut leaves nothing behind that could be done twice."""
    connection.execute(update(jobs).where(jobs.c.state == "running").values(state="queued", progress=0.0))


def put_back(connection: Connection, job: str) -> None:
    """Put one running job back into the queue, undone."""
    connection.execute(update(jobs).where(jobs.c.id == job).values(state="queued", progress=0.0))


def report_progress(connection: Connection, job: str, progress: float) -> None:
    """Say how far the job is."""
    connection.execute(update(jobs).where(jobs.c.id == job).values(progress=progress))


def finish(connection: Connection, job: str, state: str, result: dict, at: datetime) -> None:
    """Close the job as `succeeded` or `failed`."""
    values = {"state": state, "result": result, "progress": 1.0, "finished_at": at}
    connection.execute(update(jobs).where(jobs.c.id == job).values(**values))


def _job(row: Row) -> Job:
    return Job(row.id, row.kind, row.parameters, row.requested_by, row.state, row.progress, row.result)
