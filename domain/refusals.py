"""Every way the system says no.

    Refusal
    ├── NotAuthenticated            no token, or one that is not ours or no longer good
    ├── Forbidden                   ScopeMissing, NotYourSite, FourEyes
    ├── NotFound
    ├── Retracted
    ├── BodyTooLarge, UnsupportedMediaType, Unreadable
    ├── Invalid                     ShapeInvalid, LineList, RuleBroken, QueryInvalid
    ├── PreconditionMissing, PreconditionFailed
    ├── Conflict                    WrongState, UnacknowledgedWarnings, ReleaseRefused
    ├── TooManyAttempts
    └── NotReady

A refusal is raised where the rule is known and turned into a problem document in one place
(`openapi/problems.py`). It never carries a count: its words end up in answers and logs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One thing that is wrong, and where: a JSON pointer (RFC 6901) into what was sent.

    `place` says the same of a file that is no JSON: `line 12`, or `sheet Counts, cell B14`.
    """

    pointer: str
    code: str
    detail: str
    place: str = ""


LINE_LIST_SIGNS = {
    "contact_details": "There are addresses, e-mail addresses or telephone numbers, or a column for them.",
    "date_of_birth": "There is a date of birth.",
    "health_record": "There are records of a clinical system.",
    "identifier_column": "There is a number or code by which single persons, visits or records are told apart.",
    "many_ones": "Many rows say the same and count one each.",
    "many_records": "There are many records where a report has one count for each cell.",
    "name_column": "There are names, or a column for them.",
    "person_columns": "Each of many rows says several things of one person, such as age and gender.",
    "timestamps": "There are days or times; nothing that a report says is finer than the month.",
}
"""What `domain/line_lists.py` finds, in words."""


class Refusal(Exception):
    """The request is understood and will not be done; `items` say what is wrong where."""

    def __init__(self, detail: str, items: Iterable[Item] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.items = tuple(items)


class NotAuthenticated(Refusal):
    """No access token, or one that is forged, expired or meant for someone else."""

    def __init__(self, detail: str, *, presented: bool = False) -> None:
        super().__init__(detail)
        self.presented = presented


class Forbidden(Refusal):
    """The caller is known and may not do this."""


class ScopeMissing(Forbidden):
    """The token has none of the scopes that the operation asks for."""

    def __init__(self, needed: Iterable[str]) -> None:
        self.needed = tuple(needed)
        super().__init__(f"The token needs the scope {' or '.join(self.needed)}.")


class NotYourSite(Forbidden):
    """The site belongs to another operator, or the client is not bound to it."""


class FourEyes(Forbidden):
    """Nobody reviews a report of their own operator or a revision they typed."""


class NotFound(Refusal):
    """There is no such thing, or none that the caller may know of."""


class Retracted(Refusal):
    """The release was taken back, for a reason that leaves nothing of it to be read but its manifest."""


class BodyTooLarge(Refusal):
    """The body is longer than this operation takes."""


class UnsupportedMediaType(Refusal):
    """The body is in a media type that this operation does not read."""


class Unreadable(Refusal):
    """The body or a header cannot be read as what it claims to be."""


class Invalid(Refusal):
    """What was sent can be read, and is wrong."""


class ShapeInvalid(Invalid):
    """The body does not have the shape of the schema."""


class LineList(Invalid):
    """The body speaks of single persons, visits or events. Tells why it looks so, and repeats nothing of it."""

    def __init__(self, suspicions: Iterable[str]) -> None:
        super().__init__(
            "This looks like a list of single persons, visits or events, which the hub never takes. Nothing of it was "
            "kept. Count where the records are, and send the counts.",
            [Item("", suspicion, LINE_LIST_SIGNS[suspicion]) for suspicion in suspicions],
        )


class RuleBroken(Invalid):
    """The report contradicts itself, or a hard rule of the dictionary."""


class QueryInvalid(Invalid):
    """A query parameter is unknown, or its value is."""


class PreconditionMissing(Refusal):
    """Changing what exists needs If-Match with its current ETag."""


class PreconditionFailed(Refusal):
    """The ETag sent is not the current one: someone else was first."""


class Conflict(Refusal):
    """The request is sound, and the state of things does not allow it."""


class WrongState(Conflict):
    """The report is not in a state in which this can be done."""


class UnacknowledgedWarnings(Conflict):
    """The report has warnings that its operator has not acknowledged."""


class ReleaseRefused(Conflict):
    """No release can be cut that is safe and leaves what is published as it is."""


class TooManyAttempts(Refusal):
    """Somebody guessed wrong too often, and waits."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        wait = f"{self.seconds} seconds" if self.seconds < 120 else f"{math.ceil(self.seconds / 60)} minutes"
        super().__init__(f"There were too many attempts. Wait {wait}, then try again.")


class NotReady(Refusal):
    """The hub is up and cannot do its work yet."""
