"""People with an account, as administrators see and change them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from domain.access import Role
from domain.person import PersonState
from schemas.answers import Answer

ROLES = tuple(Role)
STATES = tuple(PersonState)
_ROLES = {"description": "What the person is for the hub; see docs/scopes-and-roles.md."}


class UserSchema(Answer):
    """A person with an account."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True, metadata={"description": "What the person signs in with."})
    operator = fields.String(required=True, allow_none=True, metadata={"description": "Null for the hub's own people."})
    roles = fields.Function(
        lambda person: sorted(person.roles), required=True, metadata={"type": "array", "items": {"type": "string"}}
    )
    state = fields.String(required=True, metadata={"enum": list(STATES)})
    created_by = fields.String(required=True, metadata={"description": "A client, or `user:` and a person's id."})
    created_at = fields.DateTime(required=True)
    last_sign_in_at = fields.DateTime(required=True, allow_none=True)
    reset_requested_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When the person asked for a new password."}
    )


class InvitedSchema(Answer):
    """Somebody who was just invited, and the link to hand to them."""

    user = fields.Nested(UserSchema, required=True)
    link = fields.String(
        required=True,
        metadata={"description": "Works once; it is shown now and never again. Hand it to this person alone."},
    )
    expires_at = fields.DateTime(required=True)


class InvitationSchema(Schema):
    """Whom to invite, and as what."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    email = fields.String(required=True, validate=validate.Length(3, 254))
    operator = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 64),
        metadata={"description": "The operator they work for; null for the hub's own people."},
    )
    roles = fields.List(
        fields.String(validate=validate.OneOf(ROLES)), required=True, validate=validate.Length(1), metadata=_ROLES
    )


class UserChangeSchema(Schema):
    """What to change about a person; what is left out stays."""

    name = fields.String(validate=validate.Length(1, 100))
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), validate=validate.Length(1), metadata=_ROLES)


class UserQuerySchema(Schema):
    """Which people to list."""

    operator = fields.String(validate=validate.Length(1, 64))
    state = fields.String(validate=validate.OneOf(STATES))
