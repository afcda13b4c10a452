"""A report to be judged without being sent, and what is answered."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from domain.periods import Month
from domain.reasons import WORDS, Fate, Unforeseen
from schemas.answers import Answer, FindingSchema


class MonthField(fields.String):
    """A month, written `2026-05`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"description": "A month: 2026-05.", "pattern": "^[0-9]{4}-[0-9]{2}$"}, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return Month.parse(super()._deserialize(value, *args, **kwargs))
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None


class ValidationQuerySchema(Schema):
    """Of which site and month the report is; without both it is judged by itself."""

    site = fields.String(validate=validate.Length(1, 64))
    month = MonthField()

    @validates_schema
    def both_or_none(self, data: dict, **kwargs: Any) -> None:
        """A site without a month says nothing, nor a month without a site."""
        if len(data) == 1:
            raise ValidationError("Give both site and month, or neither.", "month" if "site" in data else "site")


class ForeseenSchema(Answer):
    """What the public would see of a count."""

    pointer = fields.String(required=True, metadata={"description": "JSON pointer into the report."})
    status = fields.String(required=True, metadata={"enum": [fate.value for fate in Fate]})
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it is hidden.", "examples": sorted(WORDS)}
    )
    detail = fields.String(required=True, metadata={"description": "The reason in words."})


class UnforeseenSchema(Answer):
    """Why it is not told what would become of the counts."""

    reason = fields.String(required=True, metadata={"enum": [reason.value for reason in Unforeseen]})
    detail = fields.String(required=True, metadata={"description": "The reason in words, with what to do."})


class ValidationSchema(Answer):
    """What was found in a report, and what would become of its counts."""

    findings = fields.List(fields.Nested(FindingSchema), required=True)
    preview = fields.List(
        fields.Nested(ForeseenSchema),
        required=True,
        allow_none=True,
        metadata={"description": "null where `no_preview` says why."},
    )
    no_preview = fields.Nested(
        UnforeseenSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Why there is no preview; null where there is one."},
    )
