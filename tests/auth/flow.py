"""The steps of the authorization code flow, one by one, so that a test can bend each."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from actions.hub import Hub
from actions.register_client import register_client
from domain.access import SYSTEM, Role, Scope
from domain.clients import Client, Grant
from tests.auth.conftest import basic
from tests.people import ANN, Directory

BACK = "https://app.example/back?kept=1"
VERIFIER = "a-verifier-that-has-at-least-forty-three-characters"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CODE_APP = Client(
    id="desk-app",
    label="Desk <app>",
    operator=None,
    sites=frozenset(),
    scopes=Role.STEWARD.scopes | {Scope.REPORTS_READ, Scope.REPORTS_WRITE},
    grants=frozenset({Grant.AUTHORIZATION_CODE}),
    redirect_uris=(BACK, "http://127.0.0.1:9000/back"),
)


def register(hub: Hub, client: Client) -> tuple[str, str]:
    """The id and secret of the client, now that it is one."""
    secret = register_client(hub, by=SYSTEM, client=client)
    assert secret
    return client.id, secret


@dataclass
class Flow:
    """A client that asks people, in one browser."""

    http: FlaskClient
    directory: Directory
    credentials: tuple[str, str]

    def ask(self, **changes: Any) -> TestResponse:
        """Open the authorization endpoint; None leaves a parameter out."""
        asked = {
            "response_type": "code",
            "client_id": self.credentials[0],
            "redirect_uri": BACK,
            "scope": "reports:review",
            "state": "s&t=1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return self.http.get(
            "/oauth/authorize", query_string={name: value for name, value in asked.items() if value is not None}
        )

    def ticket(self, **changes: Any) -> str:
        """What the consent page would send."""
        page = self.ask(**changes)
        assert page.status_code == 200, page.text
        (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', page.text)
        return unescape(ticket)

    def decide(self, ticket: str, decision: str = "allow") -> TestResponse:
        """Send the form of the consent page."""
        return self.http.post("/oauth/authorize", data={"ticket": ticket, "decision": decision})

    def code(self, person: str = ANN.id, **changes: Any) -> str:
        """A code that this person consented to."""
        self.directory.signed_in = person
        return way_back(self.decide(self.ticket(**changes)))["code"]

    def token(self, **form: Any) -> TestResponse:
        """Ask the token endpoint."""
        return self.post("/oauth/token", **form)

    def redeem(self, code: str, **changes: Any) -> TestResponse:
        """Change a code for tokens."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        return self.token(**{**form, **changes})

    def refresh(self, refresh_token: str, **more: Any) -> TestResponse:
        """Change a refresh token for tokens."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **more)

    def tokens(self, person: str = ANN.id, **changes: Any) -> dict:
        """The answer that a person's consent leads to."""
        answer = self.redeem(self.code(person, **changes))
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, credentials: tuple[str, str] | None = None, **form: Any) -> TestResponse:
        """Send a form as the client, or as another."""
        sent = {name: value for name, value in form.items() if value is not None}
        return self.http.post(path, data=sent, headers=basic(*(credentials or self.credentials)))


def way_back(answer: TestResponse) -> dict[str, str]:
    """The parameters with which a person is sent back to the client."""
    assert answer.status_code == 303, answer.text
    location = answer.headers["Location"]
    assert location.startswith("https://app.example/back?kept=1&")
    return {name: value for name, (value,) in parse_qs(urlsplit(location).query).items()}
