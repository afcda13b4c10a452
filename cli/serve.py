"""crosstally-hub serve: the web server, and beside it threads that do the jobs, deliver to webhooks and remind."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import traceback
from collections.abc import Callable
from datetime import timedelta

import click
from granian.constants import Interfaces
from granian.server import Server

from actions.hub import Hub
from actions.reminders.plan_reminders import plan_reminders
from actions.reminders.send_reminders import remove_old_reminders, send_reminders
from actions.remove_expired import remove_expired
from actions.remove_leftovers import remove_leftovers
from actions.run_job import recover_jobs, run_next_job
from actions.webhooks.deliver import deliver_announcements, remove_old_announcements
from domain.settings import Settings
from wsgi import build_hub

IDLE_SECONDS = 0.2
TELL_SECONDS = 1
REMIND_SECONDS = 60
AFTER_A_BUG_SECONDS = 60
GRACE_SECONDS = 10
CLEAR_UP_EVERY = timedelta(hours=1)

log = logging.getLogger(__name__)


@click.command()
@click.option("--host", help="Address to listen on (default: CROSSTALLY_HOST).")
@click.option("--port", type=int, help="Port to listen on (default: CROSSTALLY_PORT).")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """Serve the hub over HTTP, and do its jobs, until stopped."""
    # A forked web process would inherit the locks of the thread below.
    multiprocessing.set_start_method("spawn")
    stop = threading.Event()
    hub = build_hub(settings)
    worker = threading.Thread(target=work, args=(hub, stop), name="jobs", daemon=True)
    # A cut takes minutes, a mail server that hangs too: neither waits for the other.
    tellers = [
        threading.Thread(
            target=repeat, args=(hub, stop, deliver_announcements, TELL_SECONDS), name="webhooks", daemon=True
        ),
        threading.Thread(target=repeat, args=(hub, stop, remind, REMIND_SECONDS), name="reminders", daemon=True),
    ]
    for thread in (worker, *tellers):
        thread.start()
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
        # What these leave unfinished is done again later.
        for thread in tellers:
            thread.join(GRACE_SECONDS)


def work(hub: Hub, stop: threading.Event) -> None:
    """Clear up after a worker that died, then do jobs one after another until told to stop."""
    recover_jobs(hub)
    remove_leftovers(hub)
    clear_up_at = hub.clock()
    while not stop.is_set():
        if hub.clock() >= clear_up_at:
            remove_expired(hub)
            remove_old_announcements(hub)
            remove_old_reminders(hub)
            clear_up_at = hub.clock() + CLEAR_UP_EVERY
        if not run_next_job(hub, stop.is_set):
            stop.wait(IDLE_SECONDS)


def repeat(hub: Hub, stop: threading.Event, do: Callable[[Hub], bool], seconds: float) -> None:
    """Do something again and again until told to stop, with a pause when there was nothing to do."""
    while not stop.is_set():
        try:
            pause = 0.0 if do(hub) else seconds
        except Exception as bug:
            # Only where it happened, and on: one bad thing must not keep all others from being sent.
            log.error("%s\n%s", type(bug).__name__, "".join(traceback.format_tb(bug.__traceback__)))
            pause = AFTER_A_BUG_SECONDS
        stop.wait(pause)


def remind(hub: Hub) -> bool:
    """Remind who has not reported."""
    plan_reminders(hub)
    return send_reminders(hub)
