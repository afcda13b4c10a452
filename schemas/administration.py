"""What administrators send about operators, sites and clients, and read of them; and the audit log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from domain.access import Scope
from domain.calendar import LAST_DUE_DAY, DueDay
from domain.clients import MOST_CREDENTIALS, Grant
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month
from domain.report import SENTINEL_LEVELS, SeriesBreak
from schemas.answers import Answer
from schemas.fields import TrueOrFalse, WholeNumber
from schemas.requests import DayField

_NEWEST = shipped_dictionaries()[max(shipped_dictionaries())]
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
CLIENT_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
MONTH = r"^(199[0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])$"
PRINTABLE = r"^[^\u0000-\u001F\u007F]+$"
MOST = 200  # things in a list


def _slug(**kwargs: Any) -> fields.String:
    return fields.String(validate=[validate.Length(1, 64), validate.Regexp(SLUG)], **kwargs)


def _line(longest: int = 200, **kwargs: Any) -> fields.String:
    """A text on one line."""
    return fields.String(validate=[validate.Length(1, longest), validate.Regexp(PRINTABLE)], **kwargs)


def _several(kind: Any, longest: int = MOST, **kwargs: Any) -> fields.List:
    return fields.List(kind, validate=validate.Length(max=longest), **kwargs)


class MonthField(fields.String):
    """A month, written `2026-05`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(MONTH), metadata={"description": "A month: 2026-05."}, **kwargs)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """The month, once the text is known to be one."""
        text = super().deserialize(value, *args, **kwargs)
        return Month.parse(text) if isinstance(text, str) else text


class MomentField(fields.AwareDateTime):
    """A moment with its time zone (RFC 3339)."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> datetime:
        try:
            return super()._deserialize(value, *args, **kwargs).astimezone(UTC)
        except OverflowError:
            raise ValidationError("Give a moment of these centuries.") from None


class OperatorChangeSchema(Schema):
    """What to change about an operator; what is left out stays."""

    label = _line()
    k = WholeNumber(
        allow_none=True,
        validate=validate.Range(1, 1000),
        metadata={"description": "A stricter threshold than the hub's; null for the hub's own."},
    )
    sentinel = fields.String(
        validate=validate.OneOf(SENTINEL_LEVELS),
        metadata={"description": "The level at which deaths are published, agreed before any is counted."},
    )
    disabled = TrueOrFalse(metadata={"description": "Nobody acts for it any longer; what it reported stays."})


class NewOperatorSchema(OperatorChangeSchema):
    """A new operator."""

    id = _slug(required=True)
    label = _line(required=True)


class NewSeriesBreakSchema(Schema):
    """From this month on, an indicator is not continuous with before."""

    month = MonthField(required=True)
    indicator = fields.String(required=True, validate=validate.OneOf(tuple(_NEWEST.by_id)))
    code = fields.String(required=True, validate=validate.OneOf(_NEWEST.code_list("series_breaks")))

    @post_load
    def build(self, data: dict, **kwargs: object) -> SeriesBreak:
        """Turn it into the domain's SeriesBreak."""
        return SeriesBreak(**data)


class NewDueDaySchema(Schema):
    """From the report of this month on, reports are due on this day of the month after."""

    month = MonthField(required=True)
    day = WholeNumber(required=True, validate=validate.Range(1, LAST_DUE_DAY))

    @post_load
    def build(self, data: dict, **kwargs: object) -> DueDay:
        """Turn it into the domain's DueDay."""
        return DueDay(**data)


class SiteChangeSchema(Schema):
    """What to change about a site; what is left out stays."""

    label = _line()
    closed = MonthField(allow_none=True)
    timezone = fields.String(
        validate=[validate.Length(1, 64), validate.Regexp(r"^[A-Za-z0-9_+/-]+$")],
        metadata={"description": "Of the IANA database, such as America/New_York."},
    )
    stations = WholeNumber(allow_none=True, validate=validate.Range(1, 10_000))
    series_breaks = _several(fields.Nested(NewSeriesBreakSchema))
    due_days = _several(
        fields.Nested(NewDueDaySchema),
        metadata={"description": "In order of their months. Those of months that have ended can't be changed."},
    )
    disabled = TrueOrFalse(metadata={"description": "Nobody reports for it any longer; what was reported stays."})

    @post_load
    def settle(self, data: dict, **kwargs: object) -> dict:
        """Lists as the domain keeps them."""
        return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


class NewSiteSchema(SiteChangeSchema):
    """A new site. Its operator, city, opening and whether its numbers are made up never change."""

    id = _slug(required=True)
    operator = _slug(required=True)
    city = _slug(required=True)
    label = _line(required=True)
    opened = MonthField(required=True)
    timezone = fields.String(required=True, validate=[validate.Length(1, 64), validate.Regexp(r"^[A-Za-z0-9_+/-]+$")])
    synthetic = TrueOrFalse(load_default=False)


class ClientChangeSchema(Schema):
    """What to change about a client; what is left out stays."""

    label = _line()
    scopes = _several(fields.String(validate=validate.OneOf(tuple(Scope))))
    sites = _several(_slug())
    grants = _several(fields.String(validate=validate.OneOf(tuple(Grant))))
    redirect_uris = _several(_line(500))
    networks = _several(_line(64), metadata={"description": "From where it may come: 192.0.2.0/24. None: anywhere."})
    introspects = TrueOrFalse(metadata={"description": "It may ask about tokens that others hold."})
    expires_at = MomentField(allow_none=True)
    disabled = TrueOrFalse(metadata={"description": "It is let in no longer, with the next request."})

    @post_load
    def settle(self, data: dict, **kwargs: object) -> dict:
        """The lists as the domain keeps them."""
        kinds: dict[str, Callable[[Any], object]] = {
            "scopes": lambda names: frozenset(map(Scope, names)),
            "grants": lambda names: frozenset(map(Grant, names)),
            "sites": frozenset,
            "redirect_uris": tuple,
            "networks": tuple,
        }
        return {name: kinds[name](value) if name in kinds else value for name, value in data.items()}


class NewClientSchema(ClientChangeSchema):
    """A new client, with a secret that the answer tells once, or with public keys instead."""

    id = fields.String(required=True, validate=validate.Regexp(CLIENT_ID))
    label = _line(required=True)
    operator = _slug(load_default=None, allow_none=True, metadata={"description": "Null for the hub's own."})
    scopes = _several(fields.String(validate=validate.OneOf(tuple(Scope))), required=True)
    sites = _several(_slug(), load_default=list)
    jwks = fields.Dict(metadata={"description": "A JWK Set (RFC 7517) of its public keys."})


class NewCredentialSchema(Schema):
    """A further secret, or further public keys."""

    jwks = fields.Dict(metadata={"description": "A JWK Set (RFC 7517) of public keys; left out, a secret is made."})
    expires_at = MomentField(metadata={"description": "Within a year, which is also the default."})


class CredentialSchema(Answer):
    """A secret or key of a client, but for itself."""

    id = fields.String(required=True)
    kind = fields.Function(
        lambda credential: "key" if credential.jwk else "secret",
        required=True,
        metadata={"type": "string", "enum": ["key", "secret"]},
    )
    created_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)
    last_used_at = fields.DateTime(required=True, allow_none=True)


class ClientSchema(Answer):
    """A client and what it is limited to."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    operator = fields.String(required=True, allow_none=True)
    scopes = fields.List(fields.String(), required=True)
    sites = fields.List(fields.String(), required=True)
    grants = fields.List(fields.String(), required=True)
    redirect_uris = fields.List(fields.String(), required=True)
    networks = fields.List(fields.String(), required=True)
    introspects = fields.Boolean(required=True)
    expires_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    disabled = fields.Boolean(required=True)


class ClientWithCredentialsSchema(ClientSchema):
    """A client, and the secrets and keys that it has."""

    credentials = fields.List(
        fields.Nested(CredentialSchema),
        required=True,
        metadata={"description": f"{MOST_CREDENTIALS} at most, also those that have ended."},
    )


class RegisteredClientSchema(ClientSchema):
    """A client that was just registered."""

    secret = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Shown now and never again; null for a client with keys."},
    )


class MadeCredentialSchema(Answer):
    """What was just made for a client."""

    secret = fields.String(
        required=True, allow_none=True, metadata={"description": "Shown now and never again; null for keys."}
    )
    keys = fields.List(
        fields.String(), required=True, metadata={"description": "The ids of keys: their thumbprints (RFC 7638)."}
    )


class AuditQuerySchema(Schema):
    """Which lines of the log."""

    actor = _line(metadata={"description": "Who did it: the id of a client, or `user:` and a person's."})
    operator = _slug(metadata={"description": "About whose things and people."})
    action = _line(metadata={"description": "What was done, such as `report.submit`."})
    first_day = DayField(data_key="from")
    last_day = DayField(data_key="to")
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))
    cursor = fields.String(
        validate=validate.Regexp(r"^[0-9]{1,9}$"), metadata={"description": "`next` of the page before."}
    )


class AuditLineSchema(Answer):
    """Who did what to which thing."""

    number = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The place in the log; null for operators' auditors."}
    )
    at = fields.String(required=True, metadata={"format": "date-time"})
    actor = fields.String(required=True)
    action = fields.String(required=True)
    subject = fields.String(required=True)
    operator = fields.String(
        required=True, allow_none=True, metadata={"description": "Whose thing it was; null for the hub's own."}
    )
    sha256 = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of the line and the hash of the one before it; null for operators' auditors."},
    )
