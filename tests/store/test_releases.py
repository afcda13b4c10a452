"""Releases, drafts and the numbers of the day, on either database."""

from datetime import date

import pytest

from domain.release import PublishedRelease
from store.releases import (
    ReleaseLine,
    Use,
    add_draft,
    add_explanation,
    add_release,
    all_cuts,
    all_drafts,
    all_releases,
    draft_by_id,
    explanation_of,
    known_ids,
    latest_release,
    next_release_id,
    release_by_id,
    release_lines,
    remove_draft,
    remove_explanation,
    reports_used,
)
from store.tenancy import EVERY_OPERATOR
from tests.builders import MAY, NOON, report, submit_and_accept
from tests.store.published import publish

DAY = date(2026, 7, 15)


@pytest.fixture
def connection(hub):
    submit_and_accept(hub, "nyc-east", MAY, report())
    with hub.database.write(EVERY_OPERATOR) as connection:
        yield connection


def test_a_published_release_comes_back_as_it_was_and_the_newest_is_first(connection):
    first, second = publish(connection, 1), publish(connection, 2)
    assert release_by_id(connection, first.id) == first
    assert latest_release(connection) == second
    assert all_releases(connection) == [second, first]
    assert release_lines(connection) == [ReleaseLine(r.id, r.published_at, r.sha256) for r in (second, first)]
    assert reports_used(connection, first.id) == [Use("nyc-east", MAY, 1, {"ems_calls": 1})]


def test_the_tenth_release_of_a_day_comes_after_the_ninth(connection):
    for number in range(1, 11):
        publish(connection, number)
    assert latest_release(connection).id == "2026-07-15.10"
    assert next_release_id(connection, DAY) == "2026-07-15.11"


def test_a_draft_takes_a_number_too_until_it_is_removed(connection):
    add_draft(connection, "2026-07-15.1", {"previous": None}, NOON)
    assert next_release_id(connection, DAY) == "2026-07-15.2"
    assert draft_by_id(connection, "2026-07-15.1") == {"previous": None}
    remove_draft(connection, "2026-07-15.1")
    assert draft_by_id(connection, "2026-07-15.1") is None
    assert next_release_id(connection, DAY) == "2026-07-15.1"


def test_drafts_are_listed_newest_first_and_their_ids_are_known(connection):
    published = publish(connection, 1)
    for number in (2, 3):
        add_draft(connection, f"2026-07-15.{number}", {}, NOON)
    assert [draft.id for draft in all_drafts(connection)] == ["2026-07-15.3", "2026-07-15.2"]
    assert known_ids(connection) == {published.id, "2026-07-15.2", "2026-07-15.3"}


def test_a_release_of_no_report_is_a_release(connection):
    used, empty = publish(connection, 1), PublishedRelease(2, "2026-07-15.2", b"{}", "0" * 64, NOON)
    add_release(connection, empty, ())
    assert [use.site for use in reports_used(connection, used.id)] == ["nyc-east"]
    assert reports_used(connection, empty.id) == []
    assert latest_release(connection) == empty


def test_every_day_begins_at_one(connection):
    publish(connection, 1)
    assert next_release_id(connection, date(2026, 7, 1)) == "2026-07-01.1"
    assert next_release_id(connection, date(2026, 7, 16)) == "2026-07-16.1"


def test_before_the_first_release_there_is_none(connection):
    assert latest_release(connection) is None
    assert release_by_id(connection, "2026-07-15.1") is None
    assert all_cuts(connection) == []


def test_why_a_draft_hides_what_it_hides_is_kept_until_it_is_forgotten(connection):
    add_explanation(connection, "2026-07-15.1", b"why")
    assert explanation_of(connection, "2026-07-15.1") == b"why"
    remove_explanation(connection, "2026-07-15.1")
    assert explanation_of(connection, "2026-07-15.1") is None
