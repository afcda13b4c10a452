"""What is stored of reports comes back as it was, on either database."""

import pytest

from domain.periods import Month
from store.reports import (
    accepted_revisions,
    change_head,
    head_of,
    heads_in_state,
    reviews_of,
    revision_of,
    revisions_of,
)
from store.tenancy import EVERY_OPERATOR
from tests.builders import MAY, NOON, report, submit, submit_and_accept

MARCH = Month(2026, 3)


@pytest.fixture
def connection(hub):
    first = submit_and_accept(hub, "nyc-east", MAY, report())
    submit(hub, "nyc-east", MAY, report(revision_reason="error"), if_match=frozenset({first.etag}))
    submit_and_accept(hub, "sf-tenderloin", MARCH, report())
    submit(hub, "nyc-north", MARCH, report())
    with hub.database.write(EVERY_OPERATOR) as connection:
        yield connection


def test_a_revision_comes_back_as_it_was_sent(connection):
    revision = revision_of(connection, "nyc-east", MAY, 1)
    assert revision.content == report().content
    assert revision.sha256 == report().sha256
    assert (revision.submitted_by, revision.submitted_at, revision.findings) == ("nyc-client", NOON, [])


@pytest.mark.parametrize("number", [0, -1, 3, 2**31, 2**63, 2**100])
def test_a_number_that_no_revision_has_finds_none(connection, number):
    assert revision_of(connection, "nyc-east", MAY, number) is None


def test_the_head_is_at_the_newest_revision_and_releases_at_the_accepted_one(connection):
    head = head_of(connection, "nyc-east", MAY)
    assert (head.state, head.revision, head.accepted_revision) == ("submitted", 2, 1)
    assert [revision.number for revision in revisions_of(connection, "nyc-east", MAY)] == [1, 2]
    accepted = [(r.site, r.month, r.number) for r in accepted_revisions(connection)]
    assert accepted == [("nyc-east", MAY, 1), ("sf-tenderloin", MARCH, 1)]


def test_heads_are_listed_by_month_then_site_with_their_operators(connection):
    listed = [(str(head.month), head.site, operator) for head, operator in heads_in_state(connection, None)]
    assert listed == [
        ("2026-03", "nyc-north", "nyc"),
        ("2026-03", "sf-tenderloin", "sf"),
        ("2026-05", "nyc-east", "nyc"),
    ]
    assert [head.site for head, _ in heads_in_state(connection, "submitted")] == ["nyc-north", "nyc-east"]


def test_a_review_keeps_who_decided_what_and_when(connection):
    (review,) = reviews_of(connection, "nyc-east", MAY)
    assert (review.revision, review.decision, review.reviewed_by, review.reviewed_at) == (1, "accept", "steward", NOON)


def test_a_head_that_moved_on_is_not_changed(connection):
    stale = head_of(connection, "nyc-east", MAY)
    assert change_head(connection, stale, state="returned")
    assert not change_head(connection, stale, state="accepted")
    assert head_of(connection, "nyc-east", MAY).state == "returned"


def test_what_was_never_sent_is_not_there(connection):
    assert head_of(connection, "nyc-east", Month(2020, 1)) is None
    assert head_of(connection, "nowhere", MAY) is None
    assert revisions_of(connection, "nowhere", MAY) == []
