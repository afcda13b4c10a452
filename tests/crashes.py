"""Do one thing again and again, killed a step later each time, and say what was found after each death.

Run as a process of its own, `python -m tests.crashes FOLDER WHAT`; prints a JSON object for each death, the last of
which was none. The folder holds a hub (see `prepare`). Each attempt is a fork with a copy of it; another fork then
does as the next start of the hub would, and checks.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from actions.cut_release import cut_release
from actions.discard_draft import discard_draft
from actions.hub import Hub
from actions.publish_release import publish_release
from actions.read_release import list_drafts, list_releases
from actions.remove_leftovers import remove_leftovers
from actions.retract_release import retract_release
from tests.builders import STEWARD, furnish, make_hub
from tests.ledger import MONTHS, accept, publish_releases, verify, with_keys

PUBLISHED = 2
DRAFT, NEWEST = "2026-07-17.1", "2026-07-16.1"

DEEDS: dict[str, Callable[[Hub], object]] = {
    "cut": lambda hub: cut_release(hub, by=STEWARD, publish=True),
    "publish": lambda hub: publish_release(hub, by=STEWARD, release=DRAFT),
    "discard": lambda hub: discard_draft(hub, by=STEWARD, release=DRAFT),
    "retract": lambda hub: retract_release(hub, by=STEWARD, release=NEWEST, reason="legal"),
}
STEPS = [
    *((os, name) for name in ("fsync", "mkdir", "rename", "replace", "unlink", "rmdir")),
    (DefaultDialect, "do_commit"),
]


def prepare(folder: Path, what: str) -> None:
    """A hub with two releases and a month more; with a draft of it where the deed is about one."""
    hub = with_keys(furnish(make_hub(folder)))
    publish_releases(hub, PUBLISHED)
    accept(hub, MONTHS[PUBLISHED])
    if what in ("publish", "discard"):
        cut_release(hub, by=STEWARD, publish=False)
    hub.database.close()


def deaths(folder: Path, what: str) -> Iterator[dict]:
    """What is found after a death at each step, until the deed is done without one."""
    for step in count(1):
        found = attempt(folder, what, lambda step=step: die_at(step))
        yield found
        if not found["died"]:
            return


def deaths_at_random(folder: Path, what: str, times: int = 3) -> Iterator[dict]:
    """What is found after deaths at any moment."""
    chance = random.Random(20260701)
    for _ in range(times):
        yield attempt(folder, what, kill_after=chance.uniform(0.02, 0.15))


def attempt(folder: Path, what: str, arm: Callable[[], None] = lambda: None, kill_after: float | None = None) -> dict:
    """Do the deed on a copy of the folder, in a process that dies of it or not, and look at what is left."""
    copy = folder.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)

    def deed() -> None:
        hub = opened(copy)
        arm()
        DEEDS[what](hub)

    child = forked(deed)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), f"it died of something else: {status}"
    return {"died": status != 0, **told_by_a_fork(lambda: aftermath(copy))}


def aftermath(folder: Path) -> dict:
    """What the next start finds and clears, and whether the next cut works; in a process of its own."""
    hub = opened(folder)
    removed = remove_leftovers(hub)
    verdict, drafts = verify(hub), [draft.id for draft in list_drafts(hub, by=STEWARD)]
    there = {path.name for path in hub.artefacts.root.iterdir()} - {".lock"}
    stray = there ^ {*drafts, *(entry.id for entry in list_releases(hub))}
    cut_release(hub, by=STEWARD, publish=True)
    after = verify(hub)
    return {
        "releases": verdict.verified,
        "drafts": drafts,
        "removed": removed,
        "stray": sorted(stray),
        "faults": [str(fault) for fault in (*verdict.faults, *after.faults)],
        "releases_after": after.verified,
    }


def opened(folder: Path) -> Hub:
    """The hub in the folder, two days after it began."""
    hub = with_keys(make_hub(folder))
    hub.clock.pass_days(PUBLISHED)
    return hub


def die_at(step: int) -> None:
    """From now on, kill this process before its n-th step on files or in the database."""
    steps = count(1)

    def deadly(real: Callable) -> Callable:
        def stepped(*args: Any, **kwargs: Any) -> Any:
            if next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return stepped

    for owner, name in STEPS:
        setattr(owner, name, deadly(getattr(owner, name)))


def forked(work: Callable[[], object]) -> int:
    """Do the work in a fork that then ends; answers its process id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    except Exception as error:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def told_by_a_fork(work: Callable[[], dict]) -> dict:
    """What the work in a fork answers."""
    reading, writing = os.pipe()
    child = forked(lambda: os.write(writing, json.dumps(work()).encode()))
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    return json.loads(told)


if __name__ == "__main__":
    base, kind = Path(sys.argv[1]), sys.argv[2]
    prepare(base, kind)
    for sort in (deaths, deaths_at_random):
        for death in sort(base, kind):
            print(json.dumps({"sort": sort.__name__, **death}), flush=True)
