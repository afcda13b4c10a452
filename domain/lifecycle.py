"""The life of a report: the states it can be in, and what leads from one to another.

This table is what the actions ask, what refusals say can be done instead, and what the documentation prints.
A report has one state, that of its current revision; every earlier revision is superseded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.access import Scope
from domain.refusals import WrongState


class State(StrEnum):
    """Where a report stands."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"

    @property
    def meaning(self) -> str:
        """What it means, in a sentence for people."""
        return _MEANINGS[self]


SUPERSEDED = "superseded"
"""The state of a revision that is not the current one."""

_MEANINGS = {
    State.SUBMITTED: "Sent, and waiting for the steward.",
    State.RETURNED: "Sent back by the steward with reasons, and waiting for its operator.",
    State.ACCEPTED: "In use: releases are cut from it.",
    State.WITHDRAWN: "Taken back by its operator: no further release uses it. Every revision of it is kept.",
}


class Deed(StrEnum):
    """What somebody does with a report; the string is what the audit log calls it, after `report.`."""

    SEND = "submit"
    REVISE = "revise"
    CONFIRM = "confirm"
    ACCEPT = "accept"
    RETURN = "return"
    WITHDRAW = "withdraw"

    @property
    def done(self) -> str:
        """As in: it can be done."""
        return _DEEDS[self].done

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes of which one is needed."""
        return _DEEDS[self].scopes

    @property
    def limits(self) -> str:
        """What else it takes, in words for people."""
        return _DEEDS[self].limits


@dataclass(frozen=True)
class _DeedFacts:
    done: str
    scopes: tuple[Scope, ...]
    limits: str


_DEEDS = {
    Deed.SEND: _DeedFacts("sent", (Scope.REPORTS_WRITE,), "The month has ended where the site is."),
    Deed.REVISE: _DeedFacts(
        "revised",
        (Scope.REPORTS_WRITE,),
        "`If-Match` names the current ETag. A month that was ever accepted is revised with a `revision_reason`.",
    ),
    Deed.CONFIRM: _DeedFacts(
        "confirmed",
        (Scope.REPORTS_WRITE, Scope.REPORTS_REVIEW),
        "The revision counts a death. Not by who sent it.",
    ),
    Deed.ACCEPT: _DeedFacts(
        "accepted",
        (Scope.REPORTS_REVIEW,),
        "Every warning is acknowledged, every death confirmed by somebody else than who accepts. Not by who sent the "
        "revision, nor by anybody of its operator.",
    ),
    Deed.RETURN: _DeedFacts(
        "returned",
        (Scope.REPORTS_REVIEW,),
        "At least one coded reason. Not by who sent the revision, nor by anybody of its operator.",
    ),
    Deed.WITHDRAW: _DeedFacts("withdrawn", (Scope.REPORTS_WRITE,), "`If-Match` names the current ETag."),
}


@dataclass(frozen=True)
class Transition:
    """From a state (None: nothing was ever sent), by a deed, to a state."""

    before: State | None
    deed: Deed
    after: State


TRANSITIONS = (
    Transition(None, Deed.SEND, State.SUBMITTED),
    Transition(State.SUBMITTED, Deed.CONFIRM, State.SUBMITTED),
    Transition(State.SUBMITTED, Deed.ACCEPT, State.ACCEPTED),
    Transition(State.SUBMITTED, Deed.RETURN, State.RETURNED),
    *(Transition(state, Deed.REVISE, State.SUBMITTED) for state in State),
    *(Transition(state, Deed.WITHDRAW, State.WITHDRAWN) for state in State if state is not State.WITHDRAWN),
)

_AFTER = {(step.before, step.deed): step.after for step in TRANSITIONS}


def after(state: State | None, deed: Deed) -> State:
    """The state to which the deed leads; raises WrongState, which says what can be done instead."""
    if (state, deed) not in _AFTER:
        raise WrongState(f"The report is {state or 'not there'} and can't be {deed.done}; {_instead(state)}.")
    return _AFTER[state, deed]


def deeds_in(state: State | None) -> tuple[Deed, ...]:
    """What can be done in the state, in the order of the table."""
    return tuple(step.deed for step in TRANSITIONS if step.before is state)


def _instead(state: State | None) -> str:
    return "it can be " + " or ".join(deed.done for deed in deeds_in(state))
