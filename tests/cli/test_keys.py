"""crosstally-hub keys: rotation while hubs run, and a list that tells nothing private."""

import json

import pytest

from cli.keys import RINGS
from domain.settings import Settings
from store.audit import subjects_of
from store.database import Database
from store.tenancy import AUDITOR
from tests.auth.conftest import clock  # noqa: F401 - a fixture
from tests.cli.test_main import run  # noqa: F401 - a fixture


@pytest.fixture
def files(tmp_path):
    """The content of the key files."""
    return lambda which="tokens": json.loads((tmp_path / "keys" / f"{which}.json").read_text())


def test_tokens_are_meant_where_nothing_is_said(run):  # noqa: F811
    assert run("keys", "rotate").output.startswith("new tokens key ")
    assert run("keys", "list").output == run("keys", "list", "tokens").output


@pytest.mark.parametrize("which", RINGS)
def test_the_list_tells_which_key_signs_and_until_when_others_verify(run, which):  # noqa: F811
    first = run("keys", "rotate", which).output.split()[-1]
    second = run("keys", "rotate", which).output.split()[-1]
    lines = run("keys", "list", which).output.splitlines()
    assert lines[0] == f"{second}  signs"
    assert lines[1].startswith(f"{first}  retired ")
    assert ("verifies until for ever" in lines[1]) == (which == "releases")


def test_a_retired_key_leaves_the_list_when_its_overlap_is_over(tmp_path, clock):  # noqa: F811
    settings = Settings(keys_dir=tmp_path / "keys")
    ring = RINGS["tokens"](settings, clock)
    ring.rotate()
    assert [key.retired_at for key in ring.kept()] == [None, clock.now]
    clock.forward(seconds=960)
    assert [key.retired_at for key in ring.kept()] == [None]


def test_no_private_key_is_ever_printed(run, files):  # noqa: F811
    printed = run("keys", "rotate").output + run("keys", "list").output
    private = files()["signing"]["d"]
    assert private not in printed
    assert "d" not in files()["retired"][0]["jwk"]


def test_a_rotation_is_in_the_log(run, tmp_path):  # noqa: F811
    kid = run("keys", "rotate", "releases").output.split()[-1]
    database = Database(f"sqlite:///{tmp_path}/hub.db")
    with database.read(AUDITOR) as connection:
        assert subjects_of(connection, "key.rotate") == {f"releases/{kid}"}
    database.close()
