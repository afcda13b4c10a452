"""A death is confirmed by a second person: not who sent it, not who accepts it, and for each revision anew."""

from dataclasses import replace

import pytest

from actions.confirm_report import confirm_report
from actions.read_audit import read_audit
from actions.read_report import read_report
from domain.access import SYSTEM, Principal, Scope
from domain.audit import AuditFilter
from domain.refusals import ConfirmationNeeded, FourEyes, NotFound, NotYourSite, ScopeMissing, WrongState
from domain.report_content import report_from_content
from tests.actions.test_review_report import decide
from tests.actions.test_withdraw_report import withdraw
from tests.builders import MAY, NOON, STEWARD, body, operator_principal, report, submit

SENDER = operator_principal("nyc")
SECOND = replace(SENDER, id="user:second")
OTHER_STEWARD = replace(STEWARD, id="user:other")
DEATH = {"deaths_overdose_onsite": 1}


def confirm(hub, *, by=SECOND, revision=1):
    return confirm_report(hub, by=by, site="nyc-east", month=MAY, revision=revision)


@pytest.mark.parametrize("second", [SECOND, OTHER_STEWARD], ids=["of the operator", "a steward"])
def test_a_death_is_accepted_once_somebody_else_has_confirmed_it(hub, second):
    submit(hub, "nyc-east", MAY, report(**DEATH))
    with pytest.raises(ConfirmationNeeded) as refused:
        decide(hub)
    (item,) = refused.value.items
    assert (item.pointer, item.code) == ("/indicators/deaths_overdose_onsite/total", "confirmation_needed")
    confirm(hub, by=second)
    assert decide(hub).state == "accepted"
    (made,) = read_report(hub, by=SENDER, site="nyc-east", month=MAY).confirmations
    assert (made.confirmed_by, made.confirmed_at) == (second.id, NOON)


@pytest.mark.parametrize(
    "by", [SENDER, replace(SECOND, via=SENDER.id), replace(STEWARD, id=SENDER.id)],
    ids=["who sent it", "a person through the client that sent it", "who sent it, as a steward"],
)  # fmt: skip
def test_who_sent_it_does_not_confirm_it(hub, by):
    submit(hub, "nyc-east", MAY, report(**DEATH))
    with pytest.raises(FourEyes):
        confirm(hub, by=by)
    with pytest.raises(ConfirmationNeeded):
        decide(hub)


@pytest.mark.parametrize("by", [STEWARD, replace(OTHER_STEWARD, via=STEWARD.id)])
def test_who_confirmed_it_does_not_accept_it_but_somebody_else_can(hub, by):
    submit(hub, "nyc-east", MAY, report(**DEATH))
    confirm(hub, by=STEWARD)
    with pytest.raises(ConfirmationNeeded):
        decide(hub, by=by)
    assert decide(hub, by=replace(OTHER_STEWARD, id="user:third")).state == "accepted"


def test_two_can_confirm_so_that_one_of_them_can_accept(hub):
    submit(hub, "nyc-east", MAY, report(**DEATH))
    confirm(hub, by=STEWARD)
    confirm(hub)
    assert decide(hub).state == "accepted"


def test_a_new_revision_is_confirmed_anew(hub):
    first = submit(hub, "nyc-east", MAY, report(**DEATH))
    confirm(hub)
    submit(hub, "nyc-east", MAY, report(**DEATH, referrals_made=98), if_match=frozenset({first.etag}))
    with pytest.raises(WrongState):
        confirm(hub, revision=1)
    with pytest.raises(ConfirmationNeeded):
        decide(hub, revision=2)
    confirm(hub, revision=2)
    assert decide(hub, revision=2).state == "accepted"


def test_a_code_does_not_stand_in_for_a_person(hub):
    content = {**body(**DEATH), "acknowledged": [{"rule": "r19", "reason": "checked_correct"}]}
    submit(hub, "nyc-east", MAY, report_from_content(content))
    with pytest.raises(ConfirmationNeeded):
        decide(hub)


def test_the_same_person_confirms_once_however_often_they_ask(hub):
    submit(hub, "nyc-east", MAY, report(**DEATH))
    assert confirm(hub) == confirm(hub)
    lines = [line for line in read_audit(hub, by=SYSTEM, wanted=AuditFilter()).lines if line.action == "report.confirm"]
    assert [(line.actor, line.subject, line.operator) for line in lines] == [
        (SECOND.id, "nyc-east/2026-05/1", "nyc"),
    ]


def test_where_nobody_died_there_is_nothing_to_confirm(hub):
    submit(hub, "nyc-east", MAY, report())
    with pytest.raises(WrongState):
        confirm(hub)
    assert decide(hub).state == "accepted"


def test_what_is_decided_or_withdrawn_is_not_confirmed(hub):
    etag = submit(hub, "nyc-east", MAY, report(**DEATH)).etag
    decide(hub, "return", reasons=["sums"])
    with pytest.raises(WrongState, match="is returned and can't be confirmed"):
        confirm(hub)
    withdraw(hub, etag)
    with pytest.raises(WrongState, match="is withdrawn and can't be confirmed"):
        confirm(hub)


def test_who_may_not_read_it_may_not_confirm_it(hub):
    submit(hub, "nyc-east", MAY, report(**DEATH))
    with pytest.raises(NotYourSite):
        confirm(hub, by=operator_principal("ri"))
    with pytest.raises(ScopeMissing):
        confirm(hub, by=Principal("x", frozenset({Scope.REPORTS_READ}), "nyc", SENDER.sites))
    with pytest.raises(NotFound):
        confirm_report(hub, by=SECOND, site="nyc-north", month=MAY, revision=1)
