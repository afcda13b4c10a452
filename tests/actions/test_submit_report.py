"""Sending a report: what is stored, what is refused, and that a refusal stores nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from actions.read_report import list_revisions, read_report
from actions.submit_report import submit_report
from domain.access import Principal, Scope
from domain.periods import Month
from domain.preconditions import ANY, Preconditions
from domain.refusals import (
    NotFound,
    NotYourSite,
    PreconditionFailed,
    PreconditionMissing,
    RuleBroken,
    ScopeMissing,
)
from tests.builders import MAY, operator_principal, report, submit, submit_and_accept, superuser

NYC = operator_principal("nyc")


def tags(*etags: str) -> frozenset[str]:
    return frozenset(etags)


def stored(hub) -> int:
    with superuser(hub.database) as connection:
        return connection.scalar(text("select count(*) from revisions"))


def test_the_first_report_of_a_month_is_revision_one(hub):
    receipt = submit(hub, "nyc-east", MAY, report())
    assert (receipt.revision, receipt.state, receipt.created, receipt.findings) == (1, "submitted", True, [])
    assert read_report(hub, by=NYC, site="nyc-east", month=MAY).revision.content == report().content


def test_the_same_content_again_stores_nothing_whatever_the_precondition(hub):
    first = submit(hub, "nyc-east", MAY, report())
    for conditions in ({}, {"if_match": tags("stale")}, {"if_none_match": tags(ANY)}):
        again = submit(hub, "nyc-east", MAY, report(), **conditions)
        assert (again.etag, again.created) == (first.etag, False)
    assert stored(hub) == 1


def test_the_same_content_with_its_members_in_another_order_is_the_same(hub):
    submit(hub, "nyc-east", MAY, report())
    shuffled = report()
    object.__setattr__(shuffled, "indicators", dict(reversed(shuffled.indicators.items())))
    assert submit(hub, "nyc-east", MAY, shuffled).revision == 1


def test_a_revision_needs_the_current_etag(hub):
    first = submit(hub, "nyc-east", MAY, report())
    changed = report(referrals_made=98)
    with pytest.raises(PreconditionMissing):
        submit(hub, "nyc-east", MAY, changed)
    with pytest.raises(PreconditionFailed):
        submit(hub, "nyc-east", MAY, changed, if_match=tags("1-00"))
    with pytest.raises(PreconditionFailed):
        submit(hub, "nyc-east", MAY, changed, if_none_match=tags(ANY))
    second = submit(hub, "nyc-east", MAY, changed, if_match=tags(first.etag))
    assert (second.revision, second.created) == (2, False)
    with pytest.raises(PreconditionFailed):
        submit(hub, "nyc-east", MAY, report(referrals_made=99), if_match=tags(first.etag))
    assert stored(hub) == 2


def test_a_first_report_with_if_match_finds_nothing_to_match(hub):
    with pytest.raises(PreconditionFailed):
        submit(hub, "nyc-east", MAY, report(), if_match=tags(ANY))
    assert stored(hub) == 0


def test_an_earlier_content_sent_again_is_a_new_revision_with_an_etag_of_its_own(hub):
    first = submit(hub, "nyc-east", MAY, report())
    second = submit(hub, "nyc-east", MAY, report(referrals_made=98), if_match=tags(first.etag))
    third = submit(hub, "nyc-east", MAY, report(), if_match=tags(second.etag))
    assert third.revision == 3
    assert third.etag != first.etag


def test_every_revision_is_kept(hub):
    first = submit(hub, "nyc-east", MAY, report())
    submit(hub, "nyc-east", MAY, report(referrals_made=98), if_match=tags(first.etag))
    views = list_revisions(hub, by=NYC, site="nyc-east", month=MAY).items
    assert [(v.revision.number, v.state) for v in views] == [(1, "superseded"), (2, "submitted")]
    assert views[0].revision.content == report().content


def test_an_accepted_report_is_revised_only_with_a_reason(hub):
    first = submit_and_accept(hub, "nyc-east", MAY, report())
    with pytest.raises(RuleBroken) as refused:
        submit(hub, "nyc-east", MAY, report(referrals_made=98), if_match=tags(first.etag))
    assert refused.value.items[0].pointer == "/revision_reason"
    revised = report(referrals_made=98, revision_reason="late_entries")
    assert submit(hub, "nyc-east", MAY, revised, if_match=tags(first.etag)).revision == 2


def test_a_broken_rule_stores_nothing_and_says_where(hub):
    with pytest.raises(RuleBroken) as refused:
        submit(hub, "nyc-east", MAY, report(operating_hours=900))
    assert "/indicators/operating_hours" in {item.pointer.removesuffix("/total") for item in refused.value.items}
    assert stored(hub) == 0


@pytest.mark.parametrize("month", [Month(2026, 7), Month(2026, 8), Month(2030, 1)])
def test_a_month_that_has_not_ended_is_refused(hub, month):
    with pytest.raises(RuleBroken):
        submit(hub, "nyc-east", month, report(days=28, operating_hours=200))


def test_a_month_ends_at_midnight_of_the_site(hub):
    # 02:00 UTC on the first of July is still June in New York.
    object.__setattr__(hub, "clock", lambda: datetime(2026, 7, 1, 2, tzinfo=UTC))
    june = Month(2026, 6)
    with pytest.raises(RuleBroken):
        submit(hub, "nyc-east", june, report(days=30, operating_hours=200))
    object.__setattr__(hub, "clock", lambda: datetime(2026, 7, 1, 5, tzinfo=UTC))
    assert submit(hub, "nyc-east", june, report(days=30, operating_hours=200)).created


def test_another_operators_site_is_refused(hub):
    with pytest.raises(NotYourSite):
        submit_report(hub, by=NYC, site="ri-providence", month=MAY, report=report(), preconditions=Preconditions())


def test_an_unknown_site_is_not_found(hub):
    with pytest.raises(NotFound):
        submit_report(hub, by=NYC, site="nowhere", month=MAY, report=report(), preconditions=Preconditions())


def test_the_scope_is_asked_for_again_behind_the_door(hub):
    reader = Principal("nyc-client", frozenset({Scope.REPORTS_READ}), "nyc", NYC.sites)
    with pytest.raises(ScopeMissing):
        submit_report(hub, by=reader, site="nyc-east", month=MAY, report=report(), preconditions=Preconditions())


def test_of_many_writers_one_wins_and_no_number_is_used_twice(hub):
    etag = submit(hub, "nyc-east", MAY, report()).etag

    def revise(number: int) -> bool:
        try:
            submit(hub, "nyc-east", MAY, report(referrals_made=number), if_match=tags(etag))
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(revise, range(100, 116)))
    assert outcomes.count(True) == 1
    assert stored(hub) == 2


# ---- beside other months ----

APRIL, JUNE = Month(2026, 4), Month(2026, 6)


def codes(receipt) -> set[tuple[str, str, str]]:
    return {(finding["rule"], finding["level"], finding["code"]) for finding in receipt.findings}


def test_a_report_is_judged_beside_the_months_before_it(hub):
    for number in range(10, 13):
        submit(hub, "nyc-east", Month(2025, number), report(days=28, referrals_made=100))
    for number in range(1, 5):
        submit(hub, "nyc-east", Month(2026, number), report(days=28, referrals_made=100))
    assert submit(hub, "nyc-east", MAY, report(days=28, referrals_made=110)).findings == []
    assert codes(submit(hub, "nyc-north", MAY, report(days=28, referrals_made=900))) == set()
    assert codes(submit(hub, "nyc-east", JUNE, report(days=28, referrals_made=900))) == {
        ("r24", "warning", "far_above")
    }


def test_what_may_not_fall_is_refused_with_the_rule_that_says_so(hub):
    submit(hub, "nyc-east", APRIL, report(days=28, participants_cumulative=500))
    with pytest.raises(RuleBroken) as refused:
        submit(hub, "nyc-east", MAY, report(days=28, participants_cumulative=499))
    (item,) = refused.value.items
    assert (item.rule, item.code, item.pointer) == (
        "r08",
        "below_month_before",
        "/indicators/participants_cumulative/total",
    )
    assert "499" not in item.detail and "500" not in item.detail
    assert stored(hub) == 1
    merged = submit(hub, "nyc-east", MAY, report(days=28, participants_cumulative=499, revision_reason="dedup_fix"))
    assert codes(merged) == {("r08", "warning", "below_month_before")}


def test_the_newest_revision_of_the_month_before_counts(hub):
    first = submit(hub, "nyc-east", APRIL, report(days=28, participants_cumulative=500))
    submit(hub, "nyc-east", APRIL, report(days=28, participants_cumulative=490), if_match=tags(first.etag))
    assert submit(hub, "nyc-east", MAY, report(days=28, participants_cumulative=495)).findings == []


def test_revising_a_month_judges_it_beside_the_one_after_and_leaves_that_one_as_it_was(hub):
    first = submit(hub, "nyc-east", APRIL, report(days=28, participants_cumulative=500))
    submit(hub, "nyc-east", MAY, report(days=28, participants_cumulative=510))
    revised = submit(hub, "nyc-east", APRIL, report(days=28, participants_cumulative=520), if_match=tags(first.etag))
    assert codes(revised) == {("r08", "warning", "above_month_after")}
    may = read_report(hub, by=NYC, site="nyc-east", month=MAY).revision
    assert (may.number, may.findings) == (1, [])


def test_earlier_months_of_another_site_say_nothing(hub):
    submit(hub, "nyc-north", APRIL, report(days=28, participants_cumulative=500))
    assert submit(hub, "nyc-east", MAY, report(days=28, participants_cumulative=100)).findings == []


def test_what_is_stored_already_is_recognized_though_the_months_around_it_would_refuse_it_by_now(hub):
    submit(hub, "nyc-east", APRIL, report(days=28, participants_cumulative=500))
    first = submit(hub, "nyc-east", MAY, report(days=28, participants_cumulative=510))
    april = read_report(hub, by=NYC, site="nyc-east", month=APRIL)
    submit(hub, "nyc-east", APRIL, report(days=28, participants_cumulative=520), if_match=tags(april.revision.etag))
    assert submit(hub, "nyc-east", MAY, report(days=28, participants_cumulative=510)).etag == first.etag
    with pytest.raises(RuleBroken):
        submit(hub, "nyc-east", MAY, report(days=28, participants_cumulative=511), if_match=tags(first.etag))
