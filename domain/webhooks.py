"""Webhooks: who is told of what, in which words, and how long one tries.

What is sent follows Standard Webhooks: an id that stays the same however often it is sent, a moment, a signature. It
says which thing is in which state and where to read it; never a count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from domain.addresses import Network, is_allowed
from domain.canonical import canonical_json, entity_tag
from domain.refusals import Item, RuleBroken


class Event(StrEnum):
    """What one can be told of."""

    REPORT_RETURNED = "report.returned"
    REPORT_ACCEPTED = "report.accepted"
    RELEASE_PUBLISHED = "release.published"


OF_AN_OPERATOR = frozenset({Event.REPORT_RETURNED, Event.REPORT_ACCEPTED})
"""Events of which the operator is told whose report it is, and nobody else."""
TEST_EVENT = "webhook.test"


class DisabledFor(StrEnum):
    """Why nothing is sent to a webhook."""

    ADMINISTRATOR = "administrator"
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # it took nothing for as long as one tries


@dataclass(frozen=True)
class Webhook:
    """An address that is told of events: of its operator's reports, and of releases. The hub's own has no operator."""

    id: str
    operator: str | None
    label: str
    url: str
    events: tuple[Event, ...]
    created_by: str
    created_at: datetime
    disabled_for: DisabledFor | None = None
    last_success_at: datetime | None = None

    @property
    def disabled(self) -> bool:
        """Whether nothing is sent to it."""
        return self.disabled_for is not None

    @property
    def etag(self) -> str:
        """The entity tag of what can be changed about it."""
        return entity_tag([self.id, self.label, self.url, list(self.events), self.disabled_for])

    def hears(self, announcement: Announcement) -> bool:
        """Whether it is told of this."""
        if self.disabled or announcement.webhook not in (None, self.id):
            return False
        if announcement.event == TEST_EVENT:
            return announcement.webhook == self.id
        concerns = announcement.event not in OF_AN_OPERATOR or announcement.operator == self.operator
        return concerns and announcement.event in self.events and self.created_at <= announcement.at


@dataclass(frozen=True)
class Announcement:
    """Something happened: to a thing of an operator or of nobody's, to be told to all who listen, or to one webhook."""

    id: str
    event: str
    operator: str | None
    payload: Mapping[str, object]
    at: datetime
    webhook: str | None = None

    @property
    def body(self) -> str:
        """What is sent, the same each time."""
        moment = self.at.astimezone(UTC).isoformat()
        return canonical_json({"type": self.event, "timestamp": moment, "data": self.payload}).decode()


FIRST_DELAY, LONGEST_DELAY, GROWTH = timedelta(seconds=10), timedelta(hours=6), 3
MOST_ATTEMPTS = 11
"""The first and ten more, over about 21 hours."""


def retry_after(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many attempts, a fifth more or less by `chance` (0 to 1), so that few come at once."""
    return min(FIRST_DELAY * GROWTH ** min(attempts - 1, 16), LONGEST_DELAY) * (0.8 + 0.4 * chance)


def wait_asked_for(header: str, now: datetime) -> timedelta:
    """What a Retry-After asks for (RFC 9110, 10.2.3), seconds or a date: LONGEST_DELAY at most, 0 where it is neither.

    However long a receiver would have the hub wait, it is tried again while there is something to be said.
    """
    if header.isascii() and header.isdigit():
        asked = timedelta(seconds=int(header[:9]))
    else:
        try:
            moment = parsedate_to_datetime(header)
            asked = moment.replace(tzinfo=moment.tzinfo or UTC) - now
        except (ValueError, OverflowError):
            return timedelta()
    return max(timedelta(), min(asked, LONGEST_DELAY))


def require_sound_events(events: tuple[Event, ...], operator: str | None) -> None:
    """Raise RuleBroken for no events at all, and for reports that are nobody's."""
    if not events:
        raise _wrong("events", "A webhook is told of one event or several.")
    if operator is None and not OF_AN_OPERATOR.isdisjoint(events):
        raise _wrong("events", "Who is told of reports is an operator; give its id.")


def require_sound_url(url: str, networks: tuple[Network, ...]) -> None:
    """Raise RuleBroken for an address to which nothing will be sent, as far as that shows without looking it up."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong("url", "That is not the URL of a web server.") from None
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if not host or port == 0 or parts.username is not None or parts.fragment or not is_plain:
        raise _wrong("url", "Give an https URL with a host, without a user or a fragment, in ASCII.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_own_machine(host, networks)):
        raise _wrong("url", "A webhook is sent to https alone.")
    if not _may_be_allowed(host, networks):
        raise _wrong("url", "Nothing is sent to private addresses; CROSSTALLY_WEBHOOK_NETWORKS can allow some.")


def _is_own_machine(host: str, networks: tuple[Network, ...]) -> bool:
    host = "127.0.0.1" if host == "localhost" else host
    try:
        return ip_address(host).is_loopback and is_allowed(host, networks)
    except ValueError:
        return False


def _may_be_allowed(host: str, networks: tuple[Network, ...]) -> bool:
    """False for an address in digits that is not allowed; names are looked up when something is sent."""
    try:
        ip_address(host)
    except ValueError:
        return True
    return is_allowed(host, networks)


def _wrong(field: str, detail: str) -> RuleBroken:
    return RuleBroken(detail, [Item(f"/{field}", f"{field}_wrong", detail)])
