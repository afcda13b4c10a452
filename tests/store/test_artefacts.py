"""Release folders are whole or not there."""

import pytest

from store.artefacts import ArtefactStore


@pytest.fixture
def shelf(tmp_path):
    return ArtefactStore(tmp_path / "releases")


def test_a_settled_folder_is_read_under_its_release(shelf):
    shelf.settle(shelf.stage({"a.csv": b"1"}), "2026-07-01.1")
    assert shelf.read("2026-07-01.1", "a.csv") == b"1"


def test_a_staged_folder_is_under_no_release(shelf):
    staged = shelf.stage({"a.csv": b"1"})
    with pytest.raises(FileNotFoundError):
        shelf.read("2026-07-01.1", "a.csv")
    shelf.discard(staged)
    assert list(shelf.root.iterdir()) == []


def test_what_an_interrupted_release_left_gives_way(shelf):
    shelf.settle(shelf.stage({"a.csv": b"old", "b.csv": b"old"}), "2026-07-01.1")
    shelf.settle(shelf.stage({"a.csv": b"new"}), "2026-07-01.1")
    assert shelf.read("2026-07-01.1", "a.csv") == b"new"
    with pytest.raises(FileNotFoundError):
        shelf.read("2026-07-01.1", "b.csv")
