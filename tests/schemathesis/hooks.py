"""Tokens for schemathesis: each operation is called by a client of the demo that holds one of its scopes."""

import json
import os
from pathlib import Path

import requests
import schemathesis

CREDENTIALS = json.loads(Path(os.environ["DEMO_CREDENTIALS"]).read_text())
CLIENTS = ("steward", "researcher", "ri")


def client_for(case) -> str | None:
    """The first client that holds a scope of the operation; None for a public one."""
    needs = {scope for need in case.operation.definition.raw.get("security", []) for scope in need["oauth2"]}
    return next((name for name in CLIENTS if needs & set(CREDENTIALS["clients"][name]["scope"].split())), None)


@schemathesis.auth(refresh_interval=300, cache_by_key=lambda case, _: client_for(case))
class Tokens:
    """Asks the hub for a token and puts it into the request."""

    def get(self, case, _context) -> str | None:
        name = client_for(case)
        if name is None:
            return None
        client = CREDENTIALS["clients"][name]
        answer = requests.post(
            CREDENTIALS["token_url"],
            data={"grant_type": "client_credentials"},
            auth=(client["client_id"], client["client_secret"]),
            timeout=10,
        )
        return answer.json()["access_token"]

    def set(self, case, token: str | None, _context) -> None:
        if token:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
