"""Announce what happened, in the transaction in which it happened: both are kept, or neither."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from domain.retraction import Retraction
from domain.webhooks import Announcement
from store.deliveries import add_announcement
from store.reports import Review


def announce(
    connection: Connection,
    event: str,
    operator: str | None,
    payload: Mapping[str, object],
    *,
    at: datetime,
    webhook: str | None = None,
) -> str:
    """Keep it for the worker to deliver, and answer its id; `operator` is whose thing it is, `webhook` a sole hearer.

    The payload names things, states and addresses; it never holds a count.
    """
    announcement = Announcement(f"msg_{secrets.token_hex(16)}", event, operator, payload, at, webhook)
    add_announcement(connection, announcement)
    return announcement.id


def decision_payload(issuer: str, review: Review, state: str) -> dict[str, object]:
    """What is told of a decision about a report."""
    place = {"site": review.site, "month": str(review.month), "revision": review.revision}
    url = f"{issuer}/v1/sites/{review.site}/reports/{review.month}"
    return {**place, "state": state, "reasons": list(review.reasons), "url": url}


def release_payload(issuer: str, release: str, retraction: Retraction | None = None) -> dict[str, object]:
    """What is told of a release."""
    retracts = retraction.retracted if retraction else None
    return {"release": release, "retracts": retracts, "url": f"{issuer}/v1/releases/{release}"}
