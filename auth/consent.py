"""What a consent page sends back when its form is sent: a ticket for one request of one client to one person.

The ticket is signed, so that nobody else can have made it; it names the person, so that nobody can have it sent by
another's browser; and it soon ends. It holds the whole request: nothing beside it is believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from auth.keys import ALGORITHM, KeyRing

TYPE = "consent+jwt"
LIFETIME = timedelta(minutes=10)


def make_ticket(keys: KeyRing, *, parameters: Mapping[str, str], person: str, now: datetime) -> str:
    """The ticket for this request and this person."""
    key = keys.signing_key
    content = {"parameters": dict(parameters), "person": person, "exp": int((now + LIFETIME).timestamp())}
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.thumbprint()}
    return jws.serialize_compact(header, json.dumps(content), key, algorithms=[ALGORITHM])


def read_ticket(text: str, keys: KeyRing, *, person: str, now: datetime) -> dict[str, str] | None:
    """The parameters of the request; None unless the ticket is one of ours, for this person, and in time."""
    verifying = keys.verifying_keys()

    def key_of(ticket: Any) -> Any:
        return verifying[ticket.headers()["kid"]]

    try:
        ticket = jws.deserialize_compact(text, key_of, algorithms=[ALGORITHM])
    # A stranger's bytes: the library lets the errors of what it is built on through.
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if ticket.headers().get("typ") != TYPE:
        return None
    content = json.loads(ticket.payload or b"")
    return content["parameters"] if content["person"] == person and content["exp"] > now.timestamp() else None
