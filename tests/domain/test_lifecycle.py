"""The table of the states of a report: whole, without dead ends, and in words where it refuses."""

import pytest

from domain.lifecycle import TRANSITIONS, Deed, State, after, deeds_in
from domain.refusals import WrongState

STATES = [None, *State]
STEPS = {(step.before, step.deed): step.after for step in TRANSITIONS}


def test_no_deed_leads_two_ways():
    assert len(STEPS) == len(TRANSITIONS)


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("state", STATES)
def test_a_deed_leads_where_the_table_says_or_is_refused_with_what_can_be_done_instead(state, deed):
    if (state, deed) in STEPS:
        assert after(state, deed) is STEPS[state, deed]
        return
    with pytest.raises(WrongState) as refused:
        after(state, deed)
    assert f"is {state or 'not there'} and can't be {deed.done}" in refused.value.detail
    assert all(other.done in refused.value.detail for other in deeds_in(state))


def test_every_state_is_reached_and_left():
    assert {step.after for step in TRANSITIONS} == set(State)
    assert all(deeds_in(state) for state in STATES)


def test_only_acceptance_puts_a_report_in_use_and_only_from_the_queue():
    assert [step for step in TRANSITIONS if step.after is State.ACCEPTED] == [
        step for step in TRANSITIONS if step.deed is Deed.ACCEPT
    ]
    assert {step.before for step in TRANSITIONS if step.deed is Deed.ACCEPT} == {State.SUBMITTED}


def test_whoever_may_not_write_may_not_withdraw_and_whoever_may_not_review_may_not_accept():
    assert Deed.WITHDRAW.scopes == Deed.SEND.scopes == Deed.REVISE.scopes
    assert Deed.ACCEPT.scopes == Deed.RETURN.scopes
    assert not set(Deed.ACCEPT.scopes) & set(Deed.SEND.scopes)
