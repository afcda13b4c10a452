"""Clients and their secrets and keys: for the hub's administrator, and for an operator's admin its own."""

from __future__ import annotations

from typing import Any

from flask import url_for

from actions.add_credential import add_keys, add_secret
from actions.change_client import change_client
from actions.read_clients import list_clients, read_client
from actions.register_client import register_client
from actions.remove_credential import remove_credential
from api.context import IF_MATCH, hub, preconditions, tagged
from auth.guard import current_principal, secured
from domain.access import Scope
from domain.clients import Client
from domain.directory_content import client_content, client_etag
from domain.refusals import Conflict, PreconditionFailed, PreconditionMissing
from openapi.blueprint import Blueprint
from schemas.administration import (
    ClientChangeSchema,
    ClientSchema,
    ClientWithCredentialsSchema,
    MadeCredentialSchema,
    NewClientSchema,
    NewCredentialSchema,
    RegisteredClientSchema,
)
from schemas.answers import ETAG, LOCATION, page_of

clients = Blueprint("clients", __name__, url_prefix="/v1", description="Clients that ask for tokens.")

PLACE = "/clients/<client:client>"
PRIVATE = {"Cache-Control": "no-store"}


@clients.route("/clients")
@secured(Scope.CLIENTS_MANAGE)
@clients.response(200, page_of(ClientSchema))
def get_clients() -> tuple:
    """The clients one manages

    For the hub's administrator, all; for an operator's admin, the operator's own.
    """
    found = list_clients(hub(), by=current_principal())
    return {"items": [client_content(client) for client in found], "next": None}, PRIVATE


@clients.route("/clients", methods=["POST"])
@secured(Scope.CLIENTS_MANAGE)
@clients.arguments(NewClientSchema)
@clients.response(201, RegisteredClientSchema, headers={**ETAG, **LOCATION})
@clients.refuses(Conflict)
def post_client(facts: dict[str, Any]) -> tuple:
    """Register a client

    For the hub's administrator and an operator's admin. The answer holds the client's secret, which is shown only
    here; with `jwks` the client has keys and no secret. Nobody gives a client scopes or sites that they do not hold.
    """
    jwks = facts.pop("jwks", None)
    client = Client(**facts)
    secret = register_client(hub(), by=current_principal(), client=client, jwks=jwks)
    location = url_for("clients.get_client", client=client.id)
    answer = {**client_content(client), "secret": secret}
    return tagged(answer, client_etag(client), status=201, location=location, is_private=True)


@clients.route(PLACE)
@secured(Scope.CLIENTS_MANAGE)
@clients.response(200, ClientWithCredentialsSchema, headers=ETAG)
def get_client(client: str) -> tuple:
    """One client

    For the hub's administrator and the client's operator's admin: what it is limited to, and when its secrets and keys
    were made, were used last and end. Clients of other operators are not found.
    """
    found = read_client(hub(), by=current_principal(), client_id=client)
    answer = {**client_content(found.client), "credentials": found.credentials}
    return tagged(answer, client_etag(found.client), is_private=True)


@clients.route(PLACE, methods=["PATCH"])
@secured(Scope.CLIENTS_MANAGE)
@clients.doc(parameters=[IF_MATCH])
@clients.arguments(ClientChangeSchema)
@clients.response(200, ClientSchema, headers=ETAG)
@clients.refuses(PreconditionMissing, PreconditionFailed)
def patch_client(changes: dict[str, Any], client: str) -> tuple:
    """Change a client, or disable it

    For the hub's administrator and the client's operator's admin; with effect on the client's next request. Nobody
    changes a client that may do more than they may, except to disable it.
    """
    changed = change_client(
        hub(), by=current_principal(), client_id=client, changes=changes, preconditions=preconditions()
    )
    return tagged(client_content(changed), client_etag(changed), is_private=True)


@clients.route(PLACE + "/credentials", methods=["POST"])
@secured(Scope.CLIENTS_MANAGE)
@clients.arguments(NewCredentialSchema)
@clients.response(201, MadeCredentialSchema)
@clients.refuses(Conflict)
def post_credential(order: dict[str, Any], client: str) -> tuple:
    """Give a client a further secret or keys

    For the hub's administrator and the client's operator's admin: the new one works beside the old ones, so that the
    client changes over without a break; then the old ones are removed. A secret is shown only here.
    """
    by, end = current_principal(), order.get("expires_at")
    if "jwks" in order:
        keys = add_keys(hub(), by=by, client_id=client, jwks=order["jwks"], expires_at=end)
        return {"secret": None, "keys": keys}, PRIVATE
    return {"secret": add_secret(hub(), by=by, client_id=client, expires_at=end), "keys": []}, PRIVATE


@clients.route(PLACE + "/credentials/<credential:credential>", methods=["DELETE"])
@secured(Scope.CLIENTS_MANAGE)
@clients.response(204)
def delete_credential(client: str, credential: str) -> tuple:
    """Take a secret or key from a client

    For the hub's administrator and the client's operator's admin. Tokens that the client has stay good until they
    expire, at most 15 minutes; to stop those too, disable the client.
    """
    remove_credential(hub(), by=current_principal(), client_id=client, credential_id=credential)
    return "", PRIVATE
