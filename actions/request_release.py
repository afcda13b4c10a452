"""Ask for a release to be cut; the work is done by a worker."""

from __future__ import annotations

from actions.hub import Hub
from domain.access import Principal, Scope
from domain.refusals import NotFound
from store.jobs import Job, enqueue, job_by_id, waiting_job
from store.tenancy import NO_OPERATOR

CUT = "cut_release"


def request_release(hub: Hub, *, by: Principal, publish: bool) -> Job:
    """Queue the cut and answer its job; one that waits already does for a second request."""
    by.require(Scope.RELEASES_PUBLISH)
    parameters = {"publish": publish}
    with hub.database.write(NO_OPERATOR) as connection:
        if waiting := waiting_job(connection, CUT, parameters):
            return waiting
        job = enqueue(connection, CUT, parameters, requested_by=by.id, at=hub.clock())
        hub.audit(connection, by, "release.request", job.id)
        return job


def read_job(hub: Hub, *, by: Principal, job: str) -> Job:
    """A job and how far it is; raises NotFound."""
    by.require(Scope.RELEASES_PUBLISH)
    with hub.database.read(NO_OPERATOR) as connection:
        found = job_by_id(connection, job)
    if found is None:
        raise NotFound(f"There is no job {job}.")
    return found
