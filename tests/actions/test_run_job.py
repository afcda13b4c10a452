"""Jobs: done once, told how far they are, put back when the worker stops or dies."""

import pytest

from actions.request_release import read_job, request_release
from actions.run_job import recover_jobs, run_next_job
from domain.access import Principal, Scope
from domain.refusals import NotFound, ScopeMissing
from store.jobs import take_next
from store.tenancy import NO_OPERATOR
from tests.builders import MAY, STEWARD, report, submit_and_accept


@pytest.fixture
def job(hub):
    submit_and_accept(hub, "nyc-east", MAY, report())
    return request_release(hub, by=STEWARD, publish=True)


def state(hub, job) -> str:
    return read_job(hub, by=STEWARD, job=job.id).state


def test_a_job_is_done_once(hub, job):
    assert run_next_job(hub)
    assert not run_next_job(hub)
    done = read_job(hub, by=STEWARD, job=job.id)
    assert (done.state, done.progress) == ("succeeded", 1.0)
    assert done.result == {"release": "2026-07-15.1"}


def test_a_worker_that_is_told_to_stop_puts_its_job_back_and_leaves_no_release(hub, job):
    assert not run_next_job(hub, lambda: True)
    assert state(hub, job) == "queued"
    assert list(hub.settings.releases_dir.glob("*")) == []
    assert run_next_job(hub)
    assert state(hub, job) == "succeeded"


def test_what_a_dead_worker_had_begun_is_done_by_the_next(hub, job):
    with hub.database.write(NO_OPERATOR) as connection:
        take_next(connection)
    assert not run_next_job(hub)
    recover_jobs(hub)
    assert run_next_job(hub)
    assert state(hub, job) == "succeeded"


def test_a_bug_fails_the_job_and_tells_nobody_a_count(hub, job, monkeypatch, caplog):
    words = "4 overdoses at nyc-east"

    def broken(*_, **__):
        raise RuntimeError(words)

    monkeypatch.setattr("actions.run_job.cut_release", broken)
    assert run_next_job(hub)
    failed = read_job(hub, by=STEWARD, job=job.id)
    assert failed.state == "failed"
    assert words not in str(failed.result) + caplog.text
    assert "RuntimeError" in caplog.text


def test_jobs_are_for_those_who_may_publish(hub, job):
    with pytest.raises(ScopeMissing):
        read_job(hub, by=Principal("x", frozenset({Scope.DATA_READ})), job=job.id)
    with pytest.raises(NotFound):
        read_job(hub, by=STEWARD, job="none")
