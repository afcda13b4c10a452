"""The queue of jobs, on either database."""

import pytest

from store.jobs import enqueue, finish, job_by_id, report_progress, requeue_interrupted, take_next
from store.tenancy import NO_OPERATOR
from tests.builders import NOON


@pytest.fixture
def connection(hub):
    with hub.database.write(NO_OPERATOR) as connection:
        yield connection


def add(connection, **parameters):
    return enqueue(connection, "cut_release", parameters, requested_by="steward", at=NOON)


def test_jobs_are_taken_in_the_order_in_which_they_came(connection):
    queued = [add(connection, publish=True) for _ in range(3)]
    assert [take_next(connection).id for _ in range(3)] == [job.id for job in queued]
    assert take_next(connection) is None


def test_a_job_tells_how_far_it_is_and_what_came_of_it(connection):
    job = add(connection, publish=True)
    take_next(connection)
    report_progress(connection, job.id, 0.25)
    running = job_by_id(connection, job.id)
    assert (running.state, running.progress, running.parameters) == ("running", 0.25, {"publish": True})
    finish(connection, job.id, "succeeded", {"release": "2026-07-15.1"}, NOON)
    done = job_by_id(connection, job.id)
    assert (done.state, done.progress, done.result) == ("succeeded", 1.0, {"release": "2026-07-15.1"})


def test_what_a_dead_worker_had_begun_is_queued_again_and_what_it_finished_is_not(connection):
    finished, begun = add(connection), add(connection)
    for _ in range(2):
        take_next(connection)
    finish(connection, finished.id, "failed", {"detail": "x"}, NOON)
    requeue_interrupted(connection)
    assert take_next(connection).id == begun.id
    assert take_next(connection) is None


def test_an_unknown_job_is_not_there(connection):
    assert job_by_id(connection, "nothing") is None
