"""Whatever is done to a report in whatever order: the hub does what the table of its life says, and nothing else.

A model of one report, in a few lines, beside a hub. Each step is done to both; they agree on whether it is refused
and how, and afterwards on everything that can be read.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from actions.confirm_report import confirm_report
from actions.read_report import read_report
from actions.review_report import review_report
from actions.submit_report import submit_report
from actions.verify_audit import verify_audit
from actions.withdraw_report import withdraw_report
from domain.access import SYSTEM
from domain.preconditions import ANY, Preconditions
from domain.refusals import (
    ConfirmationNeeded,
    FourEyes,
    NotFound,
    PreconditionFailed,
    PreconditionMissing,
    Refusal,
    RuleBroken,
    WrongState,
)
from domain.report import Report
from store.reports import accepted_revisions, head_of, revisions_of
from store.tenancy import EVERY_OPERATOR
from tests.builders import MAY, STEWARD, furnish, make_hub, operator_principal, report

PLACE = {"site": "nyc-east", "month": MAY}
SENDER = operator_principal("nyc")
SECOND = replace(SENDER, id="user:second")
OTHER = replace(STEWARD, id="user:other")

contents = st.builds(
    lambda referrals, deaths, reason: report(
        referrals_made=referrals, deaths_overdose_onsite=deaths, revision_reason=reason
    ),
    st.sampled_from([97, 98]),
    st.sampled_from([0, 0, 1]),
    st.sampled_from([None, "error", "late_entries"]),
)
tags = st.sampled_from(["none", "any", "current", "current", "current", "stale"])


@cache
def furnished_file() -> bytes:
    with TemporaryDirectory() as folder:
        hub = furnish(make_hub(Path(folder)))
        hub.database.close()
        return Path(folder, "hub.db").read_bytes()


@dataclass
class Model:
    """One report, as the table of its life has it."""

    sent: list[Report] = field(default_factory=list)
    etags: list[str] = field(default_factory=list)
    state: str | None = None
    accepted: int | None = None
    was_accepted: bool = False
    confirmed: set[str] = field(default_factory=set)

    def expected_of_tag(self, tag: str) -> type[Refusal] | None:
        if not self.sent:
            return PreconditionFailed if tag in ("any", "stale") else None
        return {"none": PreconditionMissing, "stale": PreconditionFailed}.get(tag)

    def is_repeated_by(self, sent: Report) -> bool:
        return bool(self.sent) and self.state != "withdrawn" and self.sent[-1].sha256 == sent.sha256

    def expected_of_sending(self, sent: Report, tag: str) -> type[Refusal] | None:
        if self.is_repeated_by(sent):
            return None
        if self.was_accepted and not sent.revision_reason:
            return RuleBroken
        return self.expected_of_tag(tag)

    def expected_of_withdrawal(self, tag: str) -> type[Refusal] | None:
        if not self.sent:
            return NotFound
        return self.expected_of_tag(tag) or (WrongState if self.state == "withdrawn" else None)

    def expected_of_confirmation(self, by: str) -> type[Refusal] | None:
        if not self.sent:
            return NotFound
        if by == SENDER.id:
            return FourEyes
        return None if self.state == "submitted" and self.has_deaths else WrongState

    def expected_of_review(self, decision: str, by: str, is_current: bool) -> type[Refusal] | None:
        if not self.sent:
            return NotFound
        if not is_current or self.state != "submitted":
            return WrongState
        unconfirmed = decision == "accept" and self.has_deaths and not self.confirmed - {by}
        return ConfirmationNeeded if unconfirmed else None

    @property
    def has_deaths(self) -> bool:
        return self.sent[-1].indicators["deaths_overdose_onsite"].total.high > 0


class Life(RuleBasedStateMachine):
    """The steps, each done to the hub and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        (self.folder / "hub.db").write_bytes(furnished_file())
        self.hub = make_hub(self.folder)
        self.model = Model()

    def teardown(self) -> None:
        assert verify_audit(self.hub, by=SYSTEM).faults == ()
        self.hub.database.close()
        shutil.rmtree(self.folder)

    def preconditions(self, tag: str) -> Preconditions:
        named = {
            "none": None,
            "any": {ANY},
            "current": set(self.model.etags[-1:]) or None,
            "stale": set(self.model.etags[:-1]) or {"1-0"},
        }
        chosen = named[tag]
        return Preconditions(None if chosen is None else frozenset(chosen))

    def refused(self, expected: type[Refusal] | None, work) -> object:
        """What came of the step; None where it was refused, as expected."""
        try:
            done = work()
        except Refusal as refusal:
            assert type(refusal) is expected, f"{refusal!r} where {expected} was expected"
            if isinstance(refusal, PreconditionFailed) and self.model.etags:
                assert refusal.etag == self.model.etags[-1]
            return None
        assert expected is None, f"{expected} was expected"
        return done

    @rule(sent=contents, tag=tags)
    def send(self, sent, tag):
        model = self.model
        expected, is_repeated = model.expected_of_sending(sent, tag), model.is_repeated_by(sent)
        conditions = self.preconditions(tag)
        receipt = self.refused(
            expected, lambda: submit_report(self.hub, by=SENDER, **PLACE, report=sent, preconditions=conditions)
        )
        if receipt is None:
            return
        if not is_repeated:
            model.sent.append(sent)
            model.etags.append(receipt.etag)
            model.state, model.confirmed = "submitted", set()
        assert (receipt.revision, receipt.etag, receipt.state) == (len(model.sent), model.etags[-1], model.state)

    @rule(tag=tags)
    def withdraw(self, tag):
        model, conditions = self.model, self.preconditions(tag)
        expected = model.expected_of_withdrawal(tag)
        if tag == "stale" and model.state == "withdrawn":
            expected = WrongState  # the tag from before the withdrawal is among the stale ones
        receipt = self.refused(
            expected, lambda: withdraw_report(self.hub, by=SENDER, **PLACE, preconditions=conditions)
        )
        if receipt is not None:
            model.state, model.accepted = "withdrawn", None
            model.etags.append(receipt.etag)

    @rule(by=st.sampled_from([SENDER, SECOND, STEWARD, OTHER]))
    def confirm(self, by):
        model, number = self.model, len(self.model.sent) or 1
        expected = model.expected_of_confirmation(by.id)
        if self.refused(expected, lambda: confirm_report(self.hub, by=by, **PLACE, revision=number)) is not None:
            model.confirmed.add(by.id)

    @rule(
        decision=st.sampled_from(["accept", "accept", "accept", "return"]),
        by=st.sampled_from([STEWARD, OTHER]),
        back=st.sampled_from([0, 0, 0, 1]),
    )
    def review(self, decision, by, back):
        model = self.model
        number = len(model.sent) - back
        reasons = ["sums"] if decision == "return" else []
        expected = model.expected_of_review(decision, by.id, back == 0)
        head = self.refused(
            expected,
            lambda: review_report(self.hub, by=by, **PLACE, revision=number, decision=decision, reasons=reasons),
        )
        if head is not None:
            model.state = {"accept": "accepted", "return": "returned"}[decision]
            if decision == "accept":
                model.accepted, model.was_accepted = number, True

    @invariant()
    def both_tell_the_same(self):
        model = self.model
        with self.hub.database.read(EVERY_OPERATOR) as connection:
            head = head_of(connection, "nyc-east", MAY)
            stored = [revision.content for revision in revisions_of(connection, "nyc-east", MAY)]
            in_use = [revision.number for revision in accepted_revisions(connection)]
        assert stored == [sent.content for sent in model.sent]
        assert in_use == ([model.accepted] if model.accepted else [])
        assert (head and (head.state, head.revision)) == (model.state and (model.state, len(model.sent)))
        if head:
            view = read_report(self.hub, by=STEWARD, **PLACE)
            assert (view.state, view.etag) == (model.state, model.etags[-1])
            assert {made.confirmed_by for made in view.confirmations} == model.confirmed


class TestLife(Life.TestCase):
    """A few lives in the suite."""

    settings = settings(max_examples=25, stateful_step_count=30, deadline=None)


@pytest.mark.sweep
class TestManyLives(Life.TestCase):
    """More and longer ones; what fails is printed as the steps that led there."""

    settings = settings(max_examples=500, stateful_step_count=60, deadline=None, print_blob=True)
