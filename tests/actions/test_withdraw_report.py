"""Taking a report back: it stays, nothing uses it any longer, and it can be sent again."""

from dataclasses import replace

import pytest

from actions.change_site import change_site
from actions.cut_release import cut_release
from actions.publish_release import publish_release
from actions.read_audit import read_audit
from actions.read_report import list_reports, list_revisions, read_report
from actions.withdraw_report import withdraw_report
from domain.access import SYSTEM
from domain.audit import AuditFilter
from domain.lifecycle import State
from domain.periods import Month
from domain.preconditions import ANY, Preconditions
from domain.refusals import (
    NotFound,
    NotYourSite,
    PreconditionFailed,
    PreconditionMissing,
    ReleaseRefused,
    RuleBroken,
    ScopeMissing,
    WrongState,
)
from store.reports import accepted_revisions
from store.tenancy import EVERY_OPERATOR
from tests.actions.test_review_report import decide
from tests.builders import MAY, STEWARD, operator_principal, report, submit, submit_and_accept

NYC = operator_principal("nyc")


def withdraw(hub, *tags: str, by=NYC, site="nyc-east", month=MAY):
    conditions = Preconditions(frozenset(tags) if tags else None)
    return withdraw_report(hub, by=by, site=site, month=month, preconditions=conditions)


def in_use(hub) -> list:
    with hub.database.read(EVERY_OPERATOR) as connection:
        return [(revision.site, revision.number) for revision in accepted_revisions(connection)]


def test_a_withdrawn_report_stays_and_is_in_no_use(hub):
    first = submit_and_accept(hub, "nyc-east", MAY, report())
    assert in_use(hub) == [("nyc-east", 1)]
    receipt = withdraw(hub, first.etag)
    assert (receipt.state, receipt.revision) == ("withdrawn", 1)
    view = read_report(hub, by=NYC, site="nyc-east", month=MAY)
    assert (view.state, view.etag, view.revision.content) == ("withdrawn", receipt.etag, report().content)
    assert view.review.decision == "accept"
    assert in_use(hub) == []
    assert [head.state for head in list_reports(hub, by=STEWARD, state=State.WITHDRAWN).items] == ["withdrawn"]


@pytest.mark.parametrize("decision", [None, "return", "accept"])
def test_whatever_the_steward_said_it_can_be_withdrawn_once(hub, decision):
    etag = submit(hub, "nyc-east", MAY, report()).etag
    if decision:
        decide(hub, decision, reasons=["sums"] if decision == "return" else ())
    gone = withdraw(hub, etag)
    for tag in (etag, gone.etag, ANY):
        with pytest.raises(WrongState, match="withdrawn already|is withdrawn and can't be withdrawn"):
            withdraw(hub, tag)


@pytest.mark.parametrize("decision", ["accept", "return"])
def test_a_withdrawn_report_is_not_reviewed(hub, decision):
    withdraw(hub, submit(hub, "nyc-east", MAY, report()).etag)
    with pytest.raises(WrongState, match="it can be revised"):
        decide(hub, decision, reasons=["sums"] if decision == "return" else ())


def test_a_withdrawal_names_the_current_etag(hub):
    first = submit(hub, "nyc-east", MAY, report())
    second = submit(hub, "nyc-east", MAY, report(referrals_made=98), if_match=frozenset({first.etag}))
    with pytest.raises(PreconditionMissing):
        withdraw(hub)
    with pytest.raises(PreconditionFailed) as refused:
        withdraw(hub, first.etag)
    assert refused.value.etag == second.etag
    assert [item.pointer for item in refused.value.items] == ["/indicators/referrals_made/total"]
    assert read_report(hub, by=NYC, site="nyc-east", month=MAY).state == "submitted"


def test_nobody_sends_over_a_withdrawal_they_have_not_seen(hub):
    etag = submit(hub, "nyc-east", MAY, report()).etag
    gone = withdraw(hub, etag)
    with pytest.raises(PreconditionFailed) as refused:
        submit(hub, "nyc-east", MAY, report(referrals_made=98), if_match=frozenset({etag}))
    assert [item.code for item in refused.value.items] == ["withdrawn"]
    assert refused.value.etag == gone.etag
    with pytest.raises(PreconditionMissing):
        submit(hub, "nyc-east", MAY, report(referrals_made=98))


@pytest.mark.parametrize("referrals", [97, 98], ids=["the same content", "another"])
def test_a_withdrawn_report_is_sent_again_as_a_revision(hub, referrals):
    gone = withdraw(hub, submit(hub, "nyc-east", MAY, report()).etag)
    again = submit(hub, "nyc-east", MAY, report(referrals_made=referrals), if_match=frozenset({gone.etag}))
    assert (again.revision, again.state, again.created) == (2, "submitted", False)
    views = list_revisions(hub, by=NYC, site="nyc-east", month=MAY).items
    assert [view.state for view in views] == ["superseded", "submitted"]
    assert decide(hub, revision=2).accepted_revision == 2


def test_a_withdrawal_is_no_way_around_the_reason_of_a_revision(hub):
    gone = withdraw(hub, submit_and_accept(hub, "nyc-east", MAY, report()).etag)
    with pytest.raises(RuleBroken) as refused:
        submit(hub, "nyc-east", MAY, report(referrals_made=98), if_match=frozenset({gone.etag}))
    assert refused.value.items[0].pointer == "/revision_reason"
    revised = report(referrals_made=98, revision_reason="error")
    second = submit(hub, "nyc-east", MAY, revised, if_match=frozenset({gone.etag}))
    assert second.revision == 2
    with pytest.raises(RuleBroken):
        submit(hub, "nyc-east", MAY, report(referrals_made=99), if_match=frozenset({second.etag}))


def test_only_its_operator_withdraws_a_report_that_is_there(hub):
    etag = submit(hub, "nyc-east", MAY, report()).etag
    with pytest.raises(NotYourSite):
        withdraw(hub, etag, by=operator_principal("ri"))
    with pytest.raises(ScopeMissing):
        withdraw(hub, etag, by=STEWARD)
    with pytest.raises(NotFound):
        withdraw(hub, etag, month=Month(2026, 4))
    change_site(hub, by=SYSTEM, site="nyc-east", changes={"disabled": True}, preconditions=Preconditions({ANY}))
    with pytest.raises(WrongState):
        withdraw(hub, etag)
    assert read_report(hub, by=NYC, site="nyc-east", month=MAY).state == "submitted"


def test_every_step_is_in_the_log_of_its_operator(hub):
    first = submit_and_accept(hub, "nyc-east", MAY, report())
    revised = report(referrals_made=98, revision_reason="error")
    second = submit(hub, "nyc-east", MAY, revised, if_match=frozenset({first.etag}))
    decide(hub, "return", revision=2, reasons=["sums"])
    withdraw(hub, second.etag)
    lines = [
        line for line in read_audit(hub, by=SYSTEM, wanted=AuditFilter()).lines if line.action.startswith("report.")
    ]
    told = [(line.action, line.subject, line.actor) for line in reversed(lines)]
    assert told == [
        ("report.submit", "nyc-east/2026-05/1", "nyc-client"),
        ("report.accept", "nyc-east/2026-05/1", "steward"),
        ("report.revise", "nyc-east/2026-05/2", "nyc-client"),
        ("report.return", "nyc-east/2026-05/2", "steward"),
        ("report.withdraw", "nyc-east/2026-05/2", "nyc-client"),
    ]
    assert {line.operator for line in lines} == {"nyc"}


def test_a_draft_with_a_report_that_was_withdrawn_since_is_not_published(hub):
    etag = submit_and_accept(hub, "nyc-east", MAY, report()).etag
    submit_and_accept(hub, "nyc-north", MAY, report())
    draft = cut_release(hub, by=STEWARD, publish=False)
    withdraw(hub, etag)
    with pytest.raises(ReleaseRefused, match="withdrawn") as refused:
        publish_release(hub, by=STEWARD, release=draft)
    assert [item.pointer for item in refused.value.items] == ["nyc-east/2026-05"]
    assert cut_release(hub, by=replace(STEWARD, id="another"), publish=True)


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_nor_is_one_of_which_another_revision_was_accepted_since(hub, is_withdrawn):
    etag = submit_and_accept(hub, "nyc-east", MAY, report()).etag
    submit_and_accept(hub, "nyc-north", MAY, report())
    draft = cut_release(hub, by=STEWARD, publish=False)
    etag = withdraw(hub, etag).etag if is_withdrawn else etag
    revised = report(referrals_made=98, revision_reason="error")
    submit_and_accept(hub, "nyc-east", MAY, revised, if_match=frozenset({etag}))
    with pytest.raises(ReleaseRefused, match="discard it and cut again") as refused:
        publish_release(hub, by=STEWARD, release=draft)
    assert [(item.pointer, item.code) for item in refused.value.items] == [("nyc-east/2026-05", "accepted_anew")]


def test_a_revision_that_waits_for_the_steward_holds_up_no_draft(hub):
    etag = submit_and_accept(hub, "nyc-east", MAY, report()).etag
    draft = cut_release(hub, by=STEWARD, publish=False)
    revised = report(referrals_made=98, revision_reason="error")
    submit(hub, "nyc-east", MAY, revised, if_match=frozenset({etag}))
    assert publish_release(hub, by=STEWARD, release=draft).id == draft
