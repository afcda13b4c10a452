"""Completeness: what to ask, and what is answered."""

from __future__ import annotations

from marshmallow import fields, validate
from webargs.fields import DelimitedList

from schemas.answers import Answer
from schemas.requests import MonthRangeField, PageQuerySchema

# An empty list would be read as no filter at all.
_SOME = validate.Length(1)
_ID = fields.String(validate=validate.Length(1, 64))


class CompletenessQuerySchema(PageQuerySchema):
    """Which reports; several values are separated by commas."""

    operator = DelimitedList(_ID, validate=_SOME)
    site = DelimitedList(_ID, validate=_SOME)
    period = MonthRangeField()


class TallySchema(Answer):
    """So many reports: 0 <= accepted <= received <= expected, and 0 <= on_time <= received."""

    expected = fields.Integer(required=True, metadata={"description": "Of months that have ended."})
    received = fields.Integer(required=True, metadata={"description": "And not withdrawn; closed months too."})
    on_time = fields.Integer(required=True, metadata={"description": "The first revision came by the due day's end."})
    accepted = fields.Integer(required=True, metadata={"description": "A revision was accepted."})


class SiteMonthSchema(TallySchema):
    """One expected report."""

    operator = fields.String(required=True)
    site = fields.String(required=True)
    month = fields.String(required=True)
    due_by = fields.DateTime(required=True, metadata={"description": "The end of the due day at the site."})


class OperatorTallySchema(TallySchema):
    """All expected reports of an operator."""

    operator = fields.String(required=True)


class MonthTallySchema(TallySchema):
    """All expected reports of a month."""

    month = fields.String(required=True)


class CompletenessSchema(Answer):
    """Expected reports and what became of them, and the sums of all that were asked for, whatever the page."""

    items = fields.List(fields.Nested(SiteMonthSchema), required=True)
    next = fields.String(required=True, allow_none=True)
    operators = fields.List(fields.Nested(OperatorTallySchema), required=True)
    months = fields.List(fields.Nested(MonthTallySchema), required=True)
    total = fields.Nested(TallySchema, required=True)
