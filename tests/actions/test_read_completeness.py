"""Which reports came, on both databases, and what nobody can tell from it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from actions.change_site import change_site
from actions.read_completeness import read_completeness
from actions.review_report import review_report
from domain.access import SYSTEM
from domain.calendar import DueDay
from domain.completeness import Tally
from domain.periods import Month, MonthRange
from domain.preconditions import Preconditions
from domain.refusals import RuleBroken
from tests.builders import MAY, STEWARD, report, submit, submit_and_accept

JUNE = Month(2026, 6)
ANY = Preconditions(if_match=frozenset({"*"}))
EARLY_JUNE = datetime(2026, 6, 9, 12, tzinfo=UTC)


def told(hub, **wanted):
    return {(row.site, row.month): row.tally for row in read_completeness(hub, **wanted)}


def set_due_days(hub, *due_days: DueDay):
    changes = {"due_days": due_days}
    return change_site(hub, by=SYSTEM, site="nyc-east", changes=changes, preconditions=ANY)


def test_every_ended_month_of_every_site_is_expected(hub):
    rows = read_completeness(hub)
    assert [row.month for row in rows if row.site == "sf-tenderloin"][0] == Month(2025, 7)
    assert {row.month for row in rows if row.site == "sf-tenderloin"} == set(MonthRange(Month(2025, 7), JUNE))
    assert {row.tally for row in rows} == {Tally(expected=1)}


def test_a_report_is_received_then_accepted_and_on_time_if_it_came_in_time(hub):
    early = replace(hub, clock=lambda: EARLY_JUNE)
    submit(early, "nyc-east", MAY, report())
    submit_and_accept(hub, "nyc-north", MAY, report())
    assert told(hub, operators={"nyc"}, period=MonthRange(MAY, MAY)) == {
        ("nyc-east", MAY): Tally(1, 1, 1, 0),
        ("nyc-north", MAY): Tally(1, 1, 0, 1),
    }


def test_nothing_tells_that_or_how_often_a_report_was_revised(hub):
    early = replace(hub, clock=lambda: EARLY_JUNE)
    receipt = submit_and_accept(early, "nyc-east", MAY, report())
    before = told(hub)
    for number in range(3):
        sent = report(overdose_events=40 + number, revision_reason="error")
        receipt = submit(hub, "nyc-east", MAY, sent, if_match=frozenset({receipt.etag}))
        assert told(hub) == before
    review_report(hub, by=STEWARD, site="nyc-east", month=MAY, revision=4, decision="return", reasons=["sums"])
    assert told(hub) == before


def test_an_operator_or_site_that_there_is_not_expects_nothing(hub):
    assert told(hub, operators={"nobody"}) == told(hub, sites={"nowhere"}) == {}
    assert told(hub, operators={"ri"}, sites={"nyc-east"}) == {}


def test_due_days_are_kept_by_month(hub):
    set_due_days(hub, DueDay(Month(2021, 11), 15), DueDay(Month(2026, 7), 5))
    later = replace(hub, clock=lambda: datetime(2026, 9, 1, 12, tzinfo=UTC))
    due = {row.month: row.due_by.date() for row in read_completeness(later, sites={"nyc-east"})}
    assert str(due[JUNE]) == "2026-07-16" and str(due[Month(2026, 7)]) == "2026-08-06"


@pytest.mark.parametrize(
    "due_days",
    [
        [DueDay(Month(2021, 11), 20)],
        [DueDay(JUNE, 15)],
        [DueDay(Month(2021, 11), 15), DueDay(JUNE, 1)],
        [DueDay(Month(2026, 8), 15), DueDay(Month(2026, 7), 5)],
    ],
    ids=["other from the beginning", "reporting begins later", "other for the last month", "out of order"],
)
def test_due_days_of_the_past_are_not_rewritten(hub, due_days):
    with pytest.raises(RuleBroken) as refused:
        set_due_days(hub, *due_days)
    assert {item.pointer for item in refused.value.items} == {"/due_days"}
    assert told(hub, sites={"nyc-east"}) == told(hub, sites={"nyc-east"}, operators={"nyc"})
