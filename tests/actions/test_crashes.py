"""A hub that is killed, at any step, leaves no release or a whole one, and goes on."""

import json
import subprocess
import sys

import pytest

from tests.arrows import ROOT
from tests.crashes import DEEDS, DRAFT, PUBLISHED

BEFORE, AFTER = PUBLISHED, PUBLISHED + 1


@pytest.mark.parametrize("what", DEEDS)
def test_whenever_it_is_killed_the_chain_is_whole_and_the_next_cut_works(what, tmp_path):
    command = [sys.executable, "-m", "tests.crashes", tmp_path / "hub", what]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    steps = [one for one in found if one["sort"] == "deaths"]
    for one in found:
        assert one["faults"] == []
        assert one["stray"] == [], "what is in no table is removed, its mark with it, and nothing else"
        assert one["releases"] in (BEFORE, BEFORE if what == "discard" else AFTER)
        assert set(one["drafts"]) <= {DRAFT}
        assert one["releases_after"] == one["releases"] + 1
    assert [one["died"] for one in steps] == [True] * (len(steps) - 1) + [False]
    assert (steps[0]["releases"], steps[0]["removed"]) == (BEFORE, [])
    assert steps[-1]["releases"] == (BEFORE if what == "discard" else AFTER)
    if what in ("cut", "retract"):
        kinds = {name[0] for one in steps for name in one["removed"]}
        assert kinds == {".", "2"}, "some died before the folder had its name, and some after"
    if what != "retract":
        assert {bool(one["drafts"]) for one in steps} == {True, False}, "some died with the draft, some without"
