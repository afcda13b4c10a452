"""Drafts that are discarded, and what interrupted cuts left: removed, and never anything else."""

import pytest

from actions.cut_release import cut_release
from actions.discard_draft import discard_draft
from actions.publish_release import publish_release
from actions.read_release import list_drafts
from actions.remove_leftovers import remove_leftovers
from actions.retract_release import retract_release
from domain.refusals import NotFound, ScopeMissing, WrongState
from store.audit import subjects_of
from store.releases import remove_draft, remove_explanation
from store.tenancy import AUDITOR, EVERY_OPERATOR
from tests.builders import RESEARCHER, STEWARD, furnish, make_hub
from tests.ledger import MONTHS, accept, publish_releases, verify, with_keys


@pytest.fixture
def hub(hub):
    return with_keys(hub)


@pytest.fixture
def draft(hub) -> str:
    accept(hub, MONTHS[0])
    return cut_release(hub, by=STEWARD, publish=False)


def there(hub) -> set[str]:
    return {path.name for path in hub.artefacts.root.iterdir()} - {".lock"}


def test_a_discarded_draft_is_gone_with_its_files(hub, draft):
    assert [one.id for one in list_drafts(hub, by=STEWARD)] == [draft]
    discard_draft(hub, by=STEWARD, release=draft)
    assert list_drafts(hub, by=STEWARD) == []
    assert there(hub) == set()
    with hub.database.read(AUDITOR) as connection:
        assert subjects_of(connection, "release.discard") == {draft}
    with pytest.raises(NotFound):
        publish_release(hub, by=STEWARD, release=draft)
    with pytest.raises(NotFound):
        discard_draft(hub, by=STEWARD, release=draft)


def test_the_next_cut_may_have_its_id(hub, draft):
    discard_draft(hub, by=STEWARD, release=draft)
    assert cut_release(hub, by=STEWARD, publish=True) == draft
    assert verify(hub).faults == ()


def test_what_is_published_is_not_discarded(hub, draft):
    publish_release(hub, by=STEWARD, release=draft)
    with pytest.raises(WrongState):
        discard_draft(hub, by=STEWARD, release=draft)
    assert verify(hub).faults == ()


def test_only_who_may_publish_sees_and_discards_drafts(hub, draft):
    with pytest.raises(ScopeMissing):
        list_drafts(hub, by=RESEARCHER)
    with pytest.raises(ScopeMissing):
        discard_draft(hub, by=RESEARCHER, release=draft)


def test_a_cut_that_got_the_id_meanwhile_keeps_its_files(hub, draft, monkeypatch):
    """The draft is forgotten; before its files are removed, another cut is given its id."""
    with hub.artefacts.writing():
        hub.artefacts.mark(draft)
        with hub.database.write(EVERY_OPERATOR) as connection:
            remove_draft(connection, draft)
            remove_explanation(connection, draft)
    write = type(hub.database).write
    assert cut_release(hub, by=STEWARD, publish=False) == draft
    calls = []

    def cut_in_between(database, reach):
        calls.append(1)
        if len(calls) == 2:
            monkeypatch.setattr(type(hub.database), "write", write)
            assert cut_release(hub, by=STEWARD, publish=True) == draft
        return write(database, reach)

    monkeypatch.setattr(type(hub.database), "write", cut_in_between)
    discard_draft(hub, by=STEWARD, release=draft)
    assert len(calls) == 2
    assert verify(hub).verified == 1
    assert verify(hub).faults == ()


def test_leftovers_go_and_releases_and_drafts_stay(hub, draft):
    publish_release(hub, by=STEWARD, release=draft)
    accept(hub, MONTHS[1])
    other = cut_release(hub, by=STEWARD, publish=False)
    before = there(hub)
    (hub.artefacts.root / ".staged-0123").mkdir()
    (hub.artefacts.root / "2026-07-15.9").mkdir()
    hub.artefacts.mark("2026-07-15.9")
    hub.artefacts.mark(other)
    assert remove_leftovers(hub) == [".staged-0123", "2026-07-15.9"]
    assert there(hub) == before
    assert remove_leftovers(hub) == []


def test_nothing_is_removed_while_a_cut_is_under_way(hub, draft):
    with hub.artefacts.staged({"a.csv": b"1"}):
        assert remove_leftovers(hub) == []
        assert len(there(hub)) == 2
    discard_draft(hub, by=STEWARD, release=draft)
    assert there(hub) == set()


def test_a_hub_that_starts_on_other_tables_removes_no_release(tmp_path):
    hub = with_keys(make_hub(tmp_path / "one"))
    published = publish_releases(furnish(hub), 2)
    retract_release(hub, by=STEWARD, release=published[0], reason="legal")
    before = there(hub)
    releases = hub.settings.releases_dir
    other = make_hub(tmp_path / "two", releases_dir=releases)
    assert remove_leftovers(other) == []
    assert there(hub) == before
    assert verify(hub).faults == ()
    for each in (hub, other):
        each.database.close()
