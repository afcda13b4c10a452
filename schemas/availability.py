"""What the hub answers about what there is in a release."""

from __future__ import annotations

from marshmallow import fields

from schemas.answers import Answer, RowPlaceSchema


class AvailableSchema(RowPlaceSchema):
    """How many cells of an indicator there are for a unit and period: its total and its categories."""

    published = fields.Integer(required=True)
    suppressed = fields.Integer(required=True)
    missing = fields.Integer(required=True, metadata={"description": "Not collected, not applicable, not reported."})


class AvailabilitySchema(Answer):
    """What a release has of which indicator, for whom and when."""

    release = fields.String(required=True)
    months = fields.Dict(required=True, metadata={"description": "The `first` and the `last` of the release, or null."})
    summary = fields.Dict(required=True, metadata={"description": "`published`, `suppressed`, `missing`: all cells."})
    items = fields.List(fields.Nested(AvailableSchema), required=True)
    next = fields.String(required=True, allow_none=True)
