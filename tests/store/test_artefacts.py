"""Release folders are whole or not there, and only what an interruption left is ever removed."""

import hashlib
import subprocess
import sys
from contextlib import suppress

import pytest

from domain.refusals import ReleaseRefused
from domain.release import FileFacts
from store.artefacts import ArtefactStore
from tests.arrows import ROOT

FIRST = "2026-07-01.1"


@pytest.fixture
def shelf(tmp_path):
    return ArtefactStore(tmp_path / "releases")


def settle(shelf, content: bytes = b"1", release: str = FIRST, interrupted: bool = False) -> None:
    with suppress(ZeroDivisionError), shelf.staged({"a.csv": content}) as staged:
        staged.settle(release)
        if interrupted:
            raise ZeroDivisionError


def there(shelf) -> list[str]:
    return sorted(path.name for path in shelf.root.iterdir())


def test_a_settled_folder_is_read_under_its_release(shelf):
    settle(shelf)
    assert shelf.read(FIRST, "a.csv") == b"1"
    assert there(shelf) == [".lock", FIRST]


def test_a_staged_folder_is_under_no_release_and_goes_with_its_block(shelf):
    with shelf.staged({"a.csv": b"1"}), pytest.raises(FileNotFoundError):
        shelf.read(FIRST, "a.csv")
    assert there(shelf) == [".lock"]


def test_what_an_interrupted_release_left_gives_way(shelf):
    settle(shelf, b"old", interrupted=True)
    assert there(shelf) == [".lock", f".settling-{FIRST}", FIRST]
    settle(shelf, b"new")
    assert shelf.read(FIRST, "a.csv") == b"new"
    assert there(shelf) == [".lock", FIRST]


def test_a_folder_that_no_interruption_left_never_gives_way(shelf):
    settle(shelf, b"published under other tables")
    with pytest.raises(ReleaseRefused, match="no interrupted cut left"):
        settle(shelf, b"new")
    assert shelf.read(FIRST, "a.csv") == b"published under other tables"
    assert there(shelf) == [".lock", FIRST]


def test_leftovers_are_removed_and_nothing_else(shelf):
    settle(shelf, release="2026-07-01.1")
    settle(shelf, release="2026-07-01.2", interrupted=True)
    settle(shelf, release="2026-07-01.3", interrupted=True)
    (shelf.root / ".staged-0123").mkdir()
    (shelf.root / ".staged-0123" / "a.csv").write_bytes(b"half")
    (shelf.root / "notes").mkdir()
    assert shelf.remove_leftovers({"2026-07-01.3"}) == [".staged-0123", "2026-07-01.2"]
    assert there(shelf) == [".lock", "2026-07-01.1", "2026-07-01.3", "notes"]
    assert shelf.remove_leftovers(set()) == []
    assert there(shelf) == [".lock", "2026-07-01.1", "2026-07-01.3", "notes"]


def test_nobody_is_alone_while_somebody_writes(shelf):
    with shelf.staged({"a.csv": b"1"}), shelf.staged({"a.csv": b"2"}), shelf.alone() as is_alone:
        assert not is_alone
    with shelf.alone() as is_alone:
        assert is_alone


WRITER = """
import sys
from pathlib import Path
from store.artefacts import ArtefactStore
with ArtefactStore(Path(sys.argv[1])).staged({"a.csv": b"1"}):
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_a_killed_writer_holds_nobody_up(shelf):
    command = [sys.executable, "-c", WRITER, shelf.root]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"writing\n"
        with shelf.alone() as is_alone:
            assert not is_alone
        writer.kill()
        writer.wait()
        with shelf.alone() as is_alone:
            assert is_alone
            assert len(shelf.remove_leftovers(set())) == 1
    assert there(shelf) == [".lock"]


def test_the_inventory_tells_every_file_and_what_is_none(shelf):
    settle(shelf)
    folder = shelf.root / FIRST
    (folder / "folder").mkdir()
    (folder / "link").symlink_to(folder / "a.csv")
    (folder / ".hidden").write_bytes(b"")
    assert shelf.inventory(FIRST) == {
        ".hidden": FileFacts(0, hashlib.sha256(b"").hexdigest()),
        "a.csv": FileFacts(1, hashlib.sha256(b"1").hexdigest()),
        "folder": None,
        "link": None,
    }
    assert shelf.inventory("2026-07-01.9") == {}
