"""Webhooks: what administrators send and read of them."""

from __future__ import annotations

from marshmallow import Schema, fields, post_load, validate

from domain.webhooks import Event
from schemas.administration import PRINTABLE, SLUG
from schemas.answers import Answer
from schemas.fields import TrueOrFalse

_LABEL = [validate.Length(1, 200), validate.Regexp(PRINTABLE)]
_URL = [validate.Length(1, 500), validate.Regexp(PRINTABLE)]
_EVENTS = fields.String(validate=validate.OneOf(tuple(Event)))
_SEVERAL = validate.Length(1, len(Event))
_URL_TOLD = {"description": "Over https, to a public address.", "examples": ["https://example.org/hooks/crosstally"]}


class WebhookChangeSchema(Schema):
    """What to change about a webhook; what is left out stays."""

    label = fields.String(validate=_LABEL)
    url = fields.String(validate=_URL, metadata=_URL_TOLD)
    events = fields.List(_EVENTS, validate=_SEVERAL)
    disabled = TrueOrFalse(metadata={"description": "Nothing is sent to it, nor what waited for it."})

    @post_load
    def settle(self, data: dict, **kwargs: object) -> dict:
        """Events as the domain keeps them: each once, in its order."""
        return {**data, "events": tuple(e for e in Event if e in data["events"])} if "events" in data else data


class NewWebhookSchema(WebhookChangeSchema):
    """A new webhook. Whose it is never changes."""

    class Meta:
        """It begins enabled."""

        exclude = ("disabled",)

    operator = fields.String(
        allow_none=True,
        validate=[validate.Length(1, 64), validate.Regexp(SLUG)],
        metadata={"description": "Left out: one's own; null for the hub's own, which is told of releases alone."},
    )
    label = fields.String(required=True, validate=_LABEL)
    url = fields.String(required=True, validate=_URL, metadata=_URL_TOLD)
    events = fields.List(_EVENTS, required=True, validate=_SEVERAL)


class NewWebhookSecretSchema(Schema):
    """How to change over to another secret."""

    at_once = TrueOrFalse(
        load_default=False,
        metadata={"description": "The old one ends now: somebody else has it. Else it is good for another day."},
    )


class WebhookSchema(Answer):
    """A webhook, without its secret."""

    id = fields.String(required=True)
    operator = fields.String(required=True, allow_none=True)
    label = fields.String(required=True)
    url = fields.String(required=True)
    events = fields.List(fields.String(), required=True)
    disabled = fields.Boolean(required=True)
    disabled_for = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "administrator: somebody disabled it; gone: it answered 410; failing: it took nothing for "
            "as long as one tries.",
        },
    )
    created_at = fields.DateTime(required=True)
    last_success_at = fields.DateTime(required=True, allow_none=True)


class RegisteredWebhookSchema(WebhookSchema):
    """A webhook that was just registered."""

    secret = fields.String(required=True, metadata={"description": "`whsec_…`: shown now and never again."})


class WebhookSecretSchema(Answer):
    """A secret that was just made."""

    secret = fields.String(required=True, metadata={"description": "`whsec_…`: shown now and never again."})


class DeliverySchema(Answer):
    """Something that was or is to be delivered. Answers are not kept, but for their status."""

    id = fields.String(required=True, attribute="announcement.id", metadata={"description": "The webhook-id."})
    event = fields.String(required=True, attribute="announcement.event")
    at = fields.DateTime(required=True, attribute="announcement.at")
    state = fields.String(required=True, metadata={"enum": ["waiting", "delivered", "failed"]})
    attempts = fields.Integer(required=True)
    last_at = fields.DateTime(required=True, allow_none=True)
    next_at = fields.DateTime(
        required=True,
        allow_none=True,
        attribute="tried_next_at",
        metadata={"description": "When it is tried next, while it waits."},
    )
    status = fields.Integer(required=True, allow_none=True, metadata={"description": "Of the last answer."})
    failure = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "What went wrong last: status, redirect, timeout, connection, tls, name (not found), "
            "address (not public), disabled, secret (the hub can't open it)."
        },
    )


class SentTestSchema(Answer):
    """A test on its way."""

    id = fields.String(required=True, metadata={"description": "The webhook-id under which it arrives."})
