"""The steward's decision: four eyes, current revision, acknowledged warnings."""

from dataclasses import replace

import pytest

from actions.read_report import list_reports, read_report
from actions.review_report import review_report
from actions.submit_report import submit_report
from domain.access import OPERATOR_SCOPES, Principal, Role, Scope
from domain.preconditions import Preconditions
from domain.refusals import FourEyes, NotFound, RuleBroken, ScopeMissing, UnacknowledgedWarnings, WrongState
from domain.report_content import report_from_content
from tests.builders import MAY, STEWARD, body, operator_principal, report, submit, submit_and_accept

WARNED = {"ems_transports": 9, "ems_calls": 2}


def decide(hub, decision="accept", *, by=STEWARD, revision=1, reasons=()):
    return review_report(hub, by=by, site="nyc-east", month=MAY, revision=revision, decision=decision, reasons=reasons)


def test_an_accepted_report_is_what_releases_use(hub):
    submit(hub, "nyc-east", MAY, report())
    head = decide(hub)
    assert (head.state, head.accepted_revision) == ("accepted", 1)


def test_a_returned_report_tells_its_operator_why(hub):
    submit(hub, "nyc-east", MAY, report())
    decide(hub, "return", reasons=["sums", "definition"])
    view = read_report(hub, by=operator_principal("nyc"), site="nyc-east", month=MAY)
    assert (view.state, view.review.reasons) == ("returned", ["sums", "definition"])


def test_a_revision_of_an_accepted_report_leaves_the_accepted_one_in_use_until_it_is_accepted(hub):
    first = submit_and_accept(hub, "nyc-east", MAY, report())
    revised = report(referrals_made=120, revision_reason="error")
    submit(hub, "nyc-east", MAY, revised, if_match=frozenset({first.etag}))
    head = decide(hub, "return", revision=2, reasons=["outlier"])
    assert (head.state, head.accepted_revision) == ("returned", 1)


@pytest.mark.parametrize(("decision", "reasons"), [("return", ()), ("accept", ("sums",))])
def test_a_return_needs_reasons_and_an_acceptance_has_none(hub, decision, reasons):
    submit(hub, "nyc-east", MAY, report())
    with pytest.raises(RuleBroken):
        decide(hub, decision, reasons=reasons)


def test_only_the_current_revision_is_decided_on_and_only_once(hub):
    first = submit(hub, "nyc-east", MAY, report())
    submit(hub, "nyc-east", MAY, report(referrals_made=98), if_match=frozenset({first.etag}))
    with pytest.raises(WrongState):
        decide(hub, revision=1)
    decide(hub, revision=2)
    with pytest.raises(WrongState):
        decide(hub, "return", revision=2, reasons=["sums"])


def test_nobody_reviews_their_own_operators_report_or_what_they_typed(hub):
    submit(hub, "nyc-east", MAY, report())
    of_the_operator = Principal("nyc-steward", STEWARD.scopes, "nyc")
    the_typist = Principal("nyc-client", STEWARD.scopes)
    for by in (of_the_operator, the_typist):
        with pytest.raises(FourEyes):
            decide(hub, by=by)


BEA = Principal("user:bea", OPERATOR_SCOPES, "nyc", frozenset({"nyc-east"}))
ANN = Principal("user:ann", Role.STEWARD.scopes)
BEA_MOVED = replace(BEA, scopes=Role.STEWARD.scopes, operator=None, sites=frozenset())


@pytest.mark.parametrize("decision", ["accept", "return"])
@pytest.mark.parametrize(
    ("typist", "reviewer"),
    [
        (BEA, replace(ANN, operator="nyc")),
        (BEA, replace(BEA, scopes=Role.STEWARD.scopes | OPERATOR_SCOPES)),
        (BEA, BEA_MOVED),
        (BEA, replace(BEA_MOVED, via="some-app")),
        (replace(BEA, via="some-app"), BEA_MOVED),
        (replace(BEA, via="some-app"), replace(BEA_MOVED, via="other-app")),
        (replace(BEA, id="nyc-app"), replace(ANN, via="nyc-app")),
        (replace(BEA, id="nyc-app"), Principal("nyc-app", Role.STEWARD.scopes)),
        (BEA, Principal("nyc-robot", Role.STEWARD.scopes, "nyc")),
    ],
    ids=[
        "a steward who belongs to the operator",
        "one person with both roles",
        "one person with the roles one after the other",
        "the same, through a client",
        "the same, typed through a client",
        "the same, through two clients",
        "a person through the client that sent it",
        "a client with both scopes, one after the other",
        "a client of the operator",
    ],
)
def test_two_pairs_of_eyes_are_two_whatever_they_look_through(hub, typist, reviewer, decision):
    sent = Preconditions()
    submit_report(hub, by=typist, site="nyc-east", month=MAY, report=report(), preconditions=sent)
    with pytest.raises(FourEyes):
        decide(hub, decision, by=reviewer, reasons=("sums",) if decision == "return" else ())
    assert read_report(hub, by=ANN, site="nyc-east", month=MAY).state == "submitted"


@pytest.mark.parametrize(
    "reviewer", [ANN, replace(ANN, via="some-app"), replace(ANN, operator="ri"), Principal("robot", ANN.scopes)]
)
def test_anybody_else_who_may_review_can(hub, reviewer):
    submit_report(hub, by=BEA, site="nyc-east", month=MAY, report=report(), preconditions=Preconditions())
    assert decide(hub, by=reviewer).state == "accepted"


def test_a_report_with_an_open_warning_is_not_accepted(hub):
    submit(hub, "nyc-east", MAY, report(**WARNED))
    with pytest.raises(UnacknowledgedWarnings) as refused:
        decide(hub)
    assert refused.value.items


def test_an_acknowledged_warning_no_longer_stands_in_the_way(hub):
    content = {**body(**WARNED), "acknowledged": [{"rule": "r17", "reason": "checked_correct"}]}
    receipt = submit(hub, "nyc-east", MAY, report_from_content(content))
    assert [finding["rule"] for finding in receipt.findings] == ["r17"]
    assert decide(hub).state == "accepted"


def test_without_the_scope_nothing_is_decided(hub):
    submit(hub, "nyc-east", MAY, report())
    with pytest.raises(ScopeMissing):
        decide(hub, by=Principal("x", frozenset({Scope.RELEASES_PUBLISH})))


def test_a_report_that_was_never_sent_is_not_found(hub):
    with pytest.raises(NotFound):
        decide(hub)


def test_an_operator_reads_its_own_reports_and_is_told_of_no_others(hub):
    submit(hub, "nyc-east", MAY, report())
    with pytest.raises(NotFound):
        read_report(hub, by=operator_principal("ri"), site="nyc-east", month=MAY)
    assert list_reports(hub, by=operator_principal("ri"), state=None).items == []
    assert [head.site for head in list_reports(hub, by=STEWARD, state="submitted").items] == ["nyc-east"]
    assert list_reports(hub, by=STEWARD, state="accepted").items == []
