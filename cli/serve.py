"""crosstally-hub serve: the web server, and beside it one thread that does the jobs."""

from __future__ import annotations

import multiprocessing
import os
import threading
from datetime import timedelta

import click
from granian.constants import Interfaces
from granian.server import Server

from actions.hub import Hub
from actions.remove_expired import remove_expired
from actions.remove_leftovers import remove_leftovers
from actions.run_job import recover_jobs, run_next_job
from domain.settings import Settings
from wsgi import build_hub

IDLE_SECONDS = 0.2
GRACE_SECONDS = 10
CLEAR_UP_EVERY = timedelta(hours=1)


@click.command()
@click.option("--host", help="Address to listen on (default: CROSSTALLY_HOST).")
@click.option("--port", type=int, help="Port to listen on (default: CROSSTALLY_PORT).")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """Serve the hub over HTTP, and do its jobs, until stopped."""
    # A forked web process would inherit the locks of the thread below.
    multiprocessing.set_start_method("spawn")
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(build_hub(settings), stop), name="jobs", daemon=True)
    worker.start()
    # The web processes read the same settings from the environment.
    os.environ.update(settings.environ())
    server = Server(
        "wsgi:create_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=host or settings.host,
        port=port or settings.port,
        workers=settings.workers,
        workers_kill_timeout=GRACE_SECONDS,
        log_access=False,
    )
    try:
        server.serve()
    finally:
        stop.set()
        # A solver that is cut off in mid-air brings the process down; the job puts itself back and ends.
        worker.join()


def work(hub: Hub, stop: threading.Event) -> None:
    """Clear up after a worker that died, then do jobs one after another until told to stop."""
    recover_jobs(hub)
    remove_leftovers(hub)
    clear_up_at = hub.clock()
    while not stop.is_set():
        if hub.clock() >= clear_up_at:
            remove_expired(hub)
            clear_up_at = hub.clock() + CLEAR_UP_EVERY
        if not run_next_job(hub, stop.is_set):
            stop.wait(IDLE_SECONDS)
