"""Thirty-two clients of a served hub write one report at once, and it is killed meanwhile: see tests/writers.py."""

import random
import time

import httpx
import pytest

from tests.builders import MAY, report, submit
from tests.writers import PATH, Load, Served, faults

ENOUGH = 12
PATIENCE = 300


@pytest.fixture
def served(hub):
    made = Served(hub)
    submit(made.hub, "nyc-east", MAY, report())
    yield made
    if made.process and made.process.poll() is None:
        made.kill()


def write_until_killed(served: Served, load: Load, more_seconds: float) -> None:
    """Let the clients write until some have had their turn, and kill the server a moment later."""
    before, deadline = len(load.told), time.monotonic() + PATIENCE
    served.start()
    load.token = served.token()
    with load.at_work():
        while len(load.told) < before + ENOUGH and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(more_seconds)
        served.kill()


def kill_and_look(served: Served, seed: int, rounds: int) -> Load:
    """So many rounds of it: after each, nothing is wrong with what is stored."""
    chance = random.Random(seed)
    load = Load(served.base_url, "")
    for _ in range(rounds):
        write_until_killed(served, load, chance.uniform(0, 0.3))
        assert list(faults(served.hub, load)) == []
    return load


def test_there_is_one_chain_of_revisions_and_what_was_acknowledged_survives_kill_9(served):
    load = kill_and_look(served, seed=20260522, rounds=1)
    assert len(load.told) >= ENOUGH
    assert load.overtaken > 0, "somebody was second"
    assert load.unanswered, "somebody was waiting when it was killed"
    served.start(workers=1)
    read = httpx.get(f"{served.base_url}{PATH}", headers={"Authorization": f"Bearer {served.token()}"}, timeout=60)
    assert read.json()["revision"] >= max(told.number for told in load.told)


@pytest.mark.sweep
def test_the_same_for_long(served):
    seed = random.SystemRandom().randrange(2**32)
    print(f"\nseed {seed}")
    load = kill_and_look(served, seed, rounds=20)
    print(f"{len(load.told)} acknowledged, {load.overtaken} overtaken, {len(load.unanswered)} without an answer")
