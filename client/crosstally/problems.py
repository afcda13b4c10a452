"""What goes wrong between a client and its hub, as exceptions.

HubError                   everything below
  Unreachable              no answer came
  Problem                  the hub answered with a problem (RFC 9457)
    Unauthorized           401
    Forbidden              403
    NotFound               404
    Conflict               409   what stands there does not allow it
    Gone                   410   a release was taken back
    Stale                  412   somebody changed it since it was read
    Invalid                422 (and 400, 413, 415): `errors` say what is wrong, and where
    PreconditionMissing    428   it exists; say which revision is replaced
    TooManyRequests        429   `retry_after` says when to come back
    Unavailable            502, 503, 504
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx


class HubError(Exception):
    """Something went wrong between this client and the hub."""


class Unreachable(HubError):
    """No answer came, as often as was tried."""


@dataclass(frozen=True)
class PointedError:
    """One thing that is wrong: the JSON pointer (RFC 6901) or place in a file, a code, and what to do."""

    pointer: str
    code: str
    detail: str
    place: str = ""

    def __str__(self) -> str:
        where = self.place or self.pointer
        return f"{where}: {self.detail}" if where else self.detail


class Problem(HubError):
    """A refusal of the hub. `type` is the address of a page about it; `retry_after` are seconds, where told."""

    advice = ""

    def __init__(self, status: int, content: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.type = str(content.get("type", "about:blank"))
        self.title = str(content.get("title", f"HTTP {status}"))
        self.detail = str(content.get("detail") or "")
        self.instance = str(content.get("instance") or "")
        self.errors = tuple(_pointed(item) for item in content.get("errors") or ())
        self.retry_after = retry_after
        super().__init__(status, self.title)

    def __str__(self) -> str:
        told = f"{self.title} ({self.status}). {self.detail} {self.advice}".strip()
        return "\n".join([told, *(f"  {error}" for error in self.errors)])


class Unauthorized(Problem):
    """The hub does not know who asks."""


class Forbidden(Problem):
    """The hub knows who asks, and does not allow it."""


class NotFound(Problem):
    """There is no such thing, or none that the one who asks may see."""


class Conflict(Problem):
    """What stands there does not allow it."""


class Gone(Problem):
    """The release was taken back."""


class Stale(Problem):
    """Somebody changed it since it was read, or it exists where nothing was expected."""

    advice = "Read the report again, see what was changed, and send yours with the new ETag."


class Invalid(Problem):
    """What was sent cannot be read or breaks a rule; `errors` point at what is wrong."""


class PreconditionMissing(Problem):
    """There is a report already, and to replace it one names the revision by its ETag."""

    advice = "Give the ETag of the report as `if_match` to replace it."


class TooManyRequests(Problem):
    """More was asked than is allowed in a while."""


class Unavailable(Problem):
    """The hub cannot answer now."""


_KINDS: Mapping[int, type[Problem]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    412: Stale,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    428: PreconditionMissing,
    429: TooManyRequests,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def problem_of(answer: httpx.Response) -> Problem:
    """The exception for an answer that is an error, problem document or not."""
    kind = _KINDS.get(answer.status_code, Problem)
    return kind(answer.status_code, _content(answer), retry_after(answer))


def retry_after(answer: httpx.Response) -> float | None:
    """The seconds after which the hub wants to be asked again (RFC 9110, section 10.2.3), where it says so."""
    told = answer.headers.get("Retry-After", "").strip()
    if told.isdigit():
        return float(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _content(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return {}
    if "error" in content and "title" not in content:  # RFC 6749, section 5.2
        return {"title": content["error"], "detail": content.get("error_description")}
    return content


def _pointed(item: Mapping[str, Any]) -> PointedError:
    return PointedError(*(str(item.get(name) or "") for name in ("pointer", "code", "detail", "place")))
