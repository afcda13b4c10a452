"""A retraction is a release that takes another back; nothing is rewritten."""

import json
from dataclasses import replace

import pytest

from actions.compare_rates import compare_rates
from actions.cut_release import cut_release
from actions.diff_releases import diff_releases
from actions.open_release import find_release, open_release
from actions.publish_release import publish_release
from actions.query_observations import Query, query_observations
from actions.read_availability import read_availability
from actions.read_release import list_releases, read_artefact
from actions.retract_release import retract_release
from actions.verify_audit import verify_audit
from domain.access import SYSTEM
from domain.dictionary import Level
from domain.periods import MonthRange
from domain.refusals import NotFound, ReleaseRefused, Retracted, ScopeMissing, WrongState
from store.audit import subjects_of
from store.tenancy import AUDITOR
from tests.builders import RESEARCHER, STEWARD, rows_told
from tests.ledger import MONTHS, accept, publish_releases, verify, with_keys


@pytest.fixture
def hub(hub):
    return with_keys(hub)


def retract(hub, release: str, reason: str = "disclosure_risk"):
    return retract_release(hub, by=STEWARD, release=release, reason=reason)


def files(hub, release: str) -> dict[str, str]:
    manifest = json.loads(find_release(hub, release).manifest)
    return {entry["name"]: entry["sha256"] for entry in manifest["artefacts"]}


def readers(hub, release: str):
    """Every way to read what a release tells."""
    period = MonthRange.parse("2026")
    yield lambda: query_observations(hub, by=RESEARCHER, release=release, query=Query())
    yield lambda: compare_rates(hub, measure="od_per_1000_visits", by=Level.SITE, period=period, release=release)
    yield lambda: read_availability(hub, release=release, query=Query(), start=0, limit=1)
    yield lambda: read_artefact(hub, release, "observations.csv")
    yield lambda: read_artefact(hub, release, "sites.json")


def is_gone(hub, release: str) -> bool:
    answers = []
    for read in readers(hub, release):
        try:
            read()
            answers.append(False)
        except Retracted as gone:
            assert "retracted by" in gone.detail
            answers.append(True)
    assert len(set(answers)) == 1, "all ways answer alike"
    return answers[0]


def test_a_retraction_carries_the_newest_release_that_stands_byte_for_byte(hub):
    first, second, third = publish_releases(hub, 3)
    made = retract(hub, third)
    manifest = json.loads(made.manifest)
    assert manifest["retracts"] == {"id": third, "reason": "disclosure_risk"}
    assert manifest["previous"]["id"] == third
    assert f"(retracts {third})" in manifest["citation"]
    assert files(hub, made.id) == files(hub, second) != files(hub, third)
    assert rows_told(hub, made.id) == rows_told(hub, second) != rows_told(hub, third)
    assert find_release(hub).id == made.id
    told, carried = (json.loads(find_release(hub, release).manifest) for release in (made.id, second))
    same = ("dictionary", "policy", "reports", "attack", "counts")
    assert {name: told[name] for name in same} == {name: carried[name] for name in same}
    assert verify(hub).faults == ()
    older = retract(hub, first)
    assert files(hub, older.id) == files(hub, second), "the newest that stands comes after what is retracted"
    assert verify(hub).verified == 5


def test_ordinary_releases_say_that_they_retract_nothing(hub):
    (first,) = publish_releases(hub, 1)
    manifest = json.loads(find_release(hub, first).manifest)
    assert manifest["retracts"] is None
    assert manifest["citation"].endswith(f"published 2026-07-15, {hub.settings.issuer}/v1/releases/{first}")


def test_where_nothing_stands_the_table_is_empty_under_the_same_names(hub):
    (first,) = publish_releases(hub, 1)
    made = retract(hub, first)
    assert files(hub, made.id).keys() == files(hub, first).keys()
    assert rows_told(hub, made.id) == ()
    assert open_release(hub.artefacts, made.id)[1:] == ((), ())
    manifest = json.loads(made.manifest)
    assert (manifest["reports"], manifest["counts"]) == ([], {"published": 0, "suppressed": 0})
    period = MonthRange.parse("2026")
    _, rates = compare_rates(hub, measure="od_per_1000_visits", by=Level.SITE, period=period, release="latest")
    assert (rates.rows, rates.pooled) == ((), None)
    assert verify(hub).faults == ()


@pytest.mark.parametrize(("reason", "gone"), [("data_error", False), ("disclosure_risk", True), ("legal", True)])
def test_the_reason_says_whether_the_figures_are_still_served(hub, reason, gone):
    first, second = publish_releases(hub, 2)
    before = find_release(hub, second).manifest
    files_before = hub.artefacts.inventory(second)
    made = retract(hub, second, reason)
    assert is_gone(hub, second) == gone
    assert not is_gone(hub, first)
    assert not is_gone(hub, made.id)
    assert find_release(hub, second).manifest == before
    assert hub.artefacts.inventory(second) == files_before


def test_a_retraction_is_gone_with_the_release_whose_files_it_carries(hub):
    first, second = publish_releases(hub, 2)
    carrier = retract(hub, second).id
    last = retract(hub, first).id
    assert is_gone(hub, carrier)
    assert files(hub, carrier) == files(hub, first)
    assert rows_told(hub, last) == ()
    assert not is_gone(hub, last)
    assert verify(hub).faults == ()


def test_a_difference_is_gone_with_either_of_its_releases(hub):
    first, second, third = publish_releases(hub, 3)
    diff_releases(hub, release=third, earlier=second)
    retract(hub, second)
    for pair in ((third, second), (second, first)):
        with pytest.raises(Retracted):
            diff_releases(hub, release=pair[0], earlier=pair[1])
    assert diff_releases(hub, release=third, earlier=first).added


def test_what_can_not_be_retracted_is_refused_and_changes_nothing(hub):
    (first,) = publish_releases(hub, 1)
    accept(hub, MONTHS[1])
    draft = cut_release(hub, by=STEWARD, publish=False)
    made = retract(hub, first)
    for release, refusal, words in (
        ("2026-01-01.1", NotFound, "There is no"),
        (draft, WrongState, "draft"),
        (first, WrongState, "already"),
        (made.id, WrongState, "A retraction is not retracted"),
    ):
        with pytest.raises(refusal, match=words):
            retract(hub, release)
    assert find_release(hub).id == made.id
    assert verify(hub).verified == 2
    with pytest.raises(ScopeMissing):
        retract_release(hub, by=RESEARCHER, release=first, reason="legal")


def test_a_draft_cut_before_a_retraction_is_refused_and_a_new_cut_is_not(hub):
    first, second = publish_releases(hub, 2)
    accept(hub, MONTHS[2])
    draft = cut_release(hub, by=STEWARD, publish=False)
    retract(hub, first)
    with pytest.raises(ReleaseRefused, match="cut again"):
        publish_release(hub, by=STEWARD, release=draft)
    newest = cut_release(hub, by=STEWARD, publish=True)
    assert find_release(hub).id == newest
    assert verify(hub).faults == ()


def test_what_a_retracted_release_told_stays_told_for_the_next_cut(hub, monkeypatch):
    first, second = publish_releases(hub, 2)
    retract(hub, second)
    told = []
    monkeypatch.setattr("actions.cut_release.protect", lambda *_, past, **__: told.extend(past) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cut_release(hub, by=STEWARD, publish=True)
    assert [len(release.statuses) for release in told] == [len(rows_told(hub, release)) for release in (first, second)]
    assert [release.is_withheld for release in told] == [False, True]


def test_a_release_published_meanwhile_stops_the_retraction(hub, monkeypatch):
    (first,) = publish_releases(hub, 1)
    accept(hub, MONTHS[1])
    staged = hub.artefacts.staged

    def late(files):
        monkeypatch.setattr(hub.artefacts, "staged", staged)
        cut_release(hub, by=STEWARD, publish=True)
        return staged(files)

    monkeypatch.setattr(hub.artefacts, "staged", late)
    with pytest.raises(ReleaseRefused, match="retract again"):
        retract(hub, first)
    assert verify(hub).verified == 2


@pytest.mark.parametrize("damage", ["missing", "altered"])
def test_a_damaged_file_is_not_carried(hub, damage):
    first, second = publish_releases(hub, 2)
    file = hub.artefacts.root / first / "observations.csv"
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(b"x")
    with pytest.raises(ReleaseRefused):
        retract(hub, second)
    assert verify(hub, second).faults == ()
    assert find_release(hub).id == second


def test_a_draft_whose_files_were_altered_is_not_signed(hub):
    accept(hub, MONTHS[0])
    draft = cut_release(hub, by=STEWARD, publish=False)
    (hub.artefacts.root / draft / "sites.json").write_bytes(b"[]")
    with pytest.raises(ReleaseRefused, match="not those"):
        publish_release(hub, by=STEWARD, release=draft)


def test_the_list_says_what_was_retracted_by_what_and_why(hub):
    first, second = publish_releases(hub, 2)
    made = retract(hub, first, "legal").id
    told = {entry.id: (entry.retracts, entry.retracted_by, entry.reason) for entry in list_releases(hub)}
    assert told == {made: (first, None, "legal"), second: (None, None, None), first: (None, made, "legal")}


def test_a_retraction_is_in_the_audit_log(hub):
    (first,) = publish_releases(hub, 1)
    made = retract(hub, first, "legal").id
    with hub.database.read(AUDITOR) as connection:
        assert subjects_of(connection, "release.retract") == {f"{first}/legal"}
        assert subjects_of(connection, "release.publish") == {first, made}
    assert verify_audit(hub, by=SYSTEM).faults == ()


def test_a_retraction_that_fails_on_the_way_leaves_no_release(hub, monkeypatch):
    (first,) = publish_releases(hub, 1)
    broken = replace(hub, sign=lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        retract(broken, first)
    assert find_release(hub).id == first
    assert not is_gone(hub, first)
    assert retract(hub, first).number == 2
    assert verify(hub).faults == ()
