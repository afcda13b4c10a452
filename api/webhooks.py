"""Webhooks: for the hub's administrator, and for an operator's admin its own."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for

from actions.webhooks.change_webhook import change_webhook
from actions.webhooks.read_webhooks import list_deliveries, list_webhooks, read_webhook
from actions.webhooks.register_webhook import register_webhook
from actions.webhooks.remove_webhook import remove_webhook
from actions.webhooks.rotate_secret import rotate_secret
from actions.webhooks.send_test import send_test
from api.context import IF_MATCH, LINK, hub, paged, preconditions, tagged
from auth.guard import current_principal, secured
from domain.access import Scope
from domain.refusals import Conflict, PreconditionFailed, PreconditionMissing
from openapi.blueprint import Blueprint
from schemas.answers import ETAG, LOCATION, page_of
from schemas.requests import PageQuerySchema
from schemas.webhooks import (
    DeliverySchema,
    NewWebhookSchema,
    NewWebhookSecretSchema,
    RegisteredWebhookSchema,
    SentTestSchema,
    WebhookChangeSchema,
    WebhookSchema,
    WebhookSecretSchema,
)

webhooks = Blueprint("webhooks", __name__, url_prefix="/v1", description="Addresses that are told of events.")

PLACE = "/webhooks/<webhook:webhook>"
PRIVATE = {"Cache-Control": "no-store"}


@webhooks.route("/webhooks")
@secured(Scope.CLIENTS_MANAGE)
@webhooks.response(200, page_of(WebhookSchema))
def get_webhooks() -> tuple:
    """The webhooks one manages

    For the hub's administrator, all; for an operator's admin, the operator's own.
    """
    return {"items": list_webhooks(hub(), by=current_principal()), "next": None}, PRIVATE


@webhooks.route("/webhooks", methods=["POST"])
@secured(Scope.CLIENTS_MANAGE)
@webhooks.arguments(NewWebhookSchema)
@webhooks.response(201, RegisteredWebhookSchema, headers={**ETAG, **LOCATION})
@webhooks.refuses(Conflict)
def post_webhook(facts: dict[str, Any]) -> tuple:
    """Register a webhook

    For an operator's admin and the hub's administrator: an address that is told when a report of the operator is
    returned or accepted, and when a release is published. The answer holds the secret with which everything sent is
    signed (Standard Webhooks); it is shown only here.
    """
    by = current_principal()
    made, secret = register_webhook(hub(), by=by, **{"operator": by.operator, **facts})
    answer = {**vars(made), "disabled": made.disabled, "secret": secret}
    location = url_for("webhooks.get_webhook", webhook=made.id)
    return tagged(answer, made.etag, status=201, location=location, is_private=True)


@webhooks.route(PLACE)
@secured(Scope.CLIENTS_MANAGE)
@webhooks.response(200, WebhookSchema, headers=ETAG)
def get_webhook(webhook: str) -> tuple:
    """One webhook

    For who manages it: what it is told of, when it last took something, and why nothing is sent to it, if so.
    """
    found = read_webhook(hub(), by=current_principal(), webhook=webhook)
    return tagged(found, found.etag, is_private=True)


@webhooks.route(PLACE, methods=["PATCH"])
@secured(Scope.CLIENTS_MANAGE)
@webhooks.doc(parameters=[IF_MATCH])
@webhooks.arguments(WebhookChangeSchema)
@webhooks.response(200, WebhookSchema, headers=ETAG)
@webhooks.refuses(PreconditionMissing, PreconditionFailed)
def patch_webhook(changes: dict[str, Any], webhook: str) -> tuple:
    """Change a webhook, or disable or enable it

    For who manages it. What waits for a webhook that is disabled is not sent later; what happens while it is disabled
    is not either.
    """
    changed = change_webhook(
        hub(), by=current_principal(), webhook=webhook, changes=changes, preconditions=preconditions()
    )
    return tagged(changed, changed.etag, is_private=True)


@webhooks.route(PLACE, methods=["DELETE"])
@secured(Scope.CLIENTS_MANAGE)
@webhooks.response(204)
def delete_webhook(webhook: str) -> tuple:
    """Remove a webhook

    For who manages it: with its secrets and the list of its deliveries.
    """
    remove_webhook(hub(), by=current_principal(), webhook=webhook)
    return "", PRIVATE


@webhooks.route(PLACE + "/secret", methods=["POST"])
@secured(Scope.CLIENTS_MANAGE)
@webhooks.arguments(NewWebhookSecretSchema, required=False)
@webhooks.response(201, WebhookSecretSchema)
def post_webhook_secret(order: dict[str, Any], webhook: str) -> tuple:
    """Give a webhook another secret

    For who manages it. For a day everything is signed with both, so that the receiver changes over without a break;
    with `at_once` the old one ends now.
    """
    secret = rotate_secret(hub(), by=current_principal(), webhook=webhook, at_once=order["at_once"])
    return {"secret": secret}, PRIVATE


@webhooks.route(PLACE + "/deliveries")
@secured(Scope.CLIENTS_MANAGE)
@webhooks.arguments(PageQuerySchema, location="query")
@webhooks.response(200, page_of(DeliverySchema), headers=LINK)
def get_deliveries(query: dict, webhook: str) -> Response:
    """What was or is to be delivered to a webhook

    For who manages it, when something did not arrive: the last 30 days, the newest first.
    """
    start, limit = int(query.get("cursor", 0)), query["limit"]
    found = list_deliveries(hub(), by=current_principal(), webhook=webhook, start=start, limit=limit + 1)
    items = DeliverySchema(many=True).dump(found[:limit])
    answer = paged(items, start + limit if len(found) > limit else None)
    answer.headers.update(PRIVATE)
    return answer


@webhooks.route(PLACE + "/test", methods=["POST"])
@secured(Scope.CLIENTS_MANAGE)
@webhooks.response(202, SentTestSchema)
@webhooks.refuses(Conflict)
def post_webhook_test(webhook: str) -> tuple:
    """Send a webhook a test

    For who manages it: an event `webhook.test`, signed and delivered like any other, within a second or two.
    """
    return {"id": send_test(hub(), by=current_principal(), webhook=webhook)}, PRIVATE
