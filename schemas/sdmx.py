"""The parameters of SDMX-REST, as SDMX 2.1 names them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

_KINDS = ("dataflow", "datastructure", "codelist", "conceptscheme")
_DIMENSIONS = ("FREQ", "LEVEL", "UNIT", "INDICATOR", "BREAKDOWN", "CATEGORY", "TIME_PERIOD", "AllDimensions")
_STUBS = ("allstubs", "referencestubs", "allcompletestubs", "referencecompletestubs", "referencepartial")
_PERIOD = "A year, quarter (2026-Q2), month (2026-05) or day."


def _one_of(choices: tuple[str, ...], default: str, text: str) -> fields.String:
    return fields.String(load_default=default, validate=validate.OneOf(choices), metadata={"description": text})


def _period(name: str) -> fields.String:
    return fields.String(
        load_default=None, data_key=name, validate=validate.Length(1, 40), metadata={"description": _PERIOD}
    )


def _count(name: str, text: str) -> fields.Integer:
    return fields.Integer(
        load_default=None, data_key=name, validate=validate.Range(1, 10**9), metadata={"description": text}
    )


class MomentField(fields.String):
    """A moment or a day, UTC where it names no other offset."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        # In a query a plus that is not escaped is a space.
        text = super()._deserialize(value, *args, **kwargs).replace(" ", "+")
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError("A moment is written like 2026-07-01T12:00:00Z.") from None
        return moment.replace(tzinfo=moment.tzinfo or UTC)


class SdmxStructureQuerySchema(Schema):
    """What comes along with the structures that are asked for, and how much of each."""

    references = _one_of(
        ("none", "parents", "parentsandsiblings", "children", "descendants", "all", *_KINDS),
        "none",
        "Which structures come along.",
    )
    detail = _one_of(("full", *_STUBS), "full", "Whether they come whole, or by name alone.")


class SdmxDataQuerySchema(Schema):
    """Which observations, and how they are told."""

    start = _period("startPeriod")
    end = _period("endPeriod")
    updated_after = MomentField(
        load_default=None,
        data_key="updatedAfter",
        metadata={"description": "Nothing of a release that was published by then; else all of it."},
    )
    first = _count("firstNObservations", "How many of each series, from its beginning.")
    last = _count("lastNObservations", "How many of each series, from its end.")
    across = fields.String(
        load_default="TIME_PERIOD",
        data_key="dimensionAtObservation",
        validate=validate.OneOf(_DIMENSIONS),
        metadata={"description": "What tells the observations of a series apart; `AllDimensions`: no series."},
    )
    detail = _one_of(("full", "dataonly", "serieskeysonly", "nodata"), "full", "Whether with values and attributes.")
    include_history = fields.Boolean(
        load_default=False,
        data_key="includeHistory",
        truthy={"true", "True"},
        falsy={"false", "False"},
        validate=validate.Equal(False, error="An answer is of one release; earlier ones are at their own addresses."),
        metadata={
            "description": "Only `false`: earlier releases are at `/sdmx/2.1/releases/{release}/...`.",
            "enum": [False],
        },
    )
    form = fields.String(
        load_default=None,
        data_key="format",
        validate=validate.OneOf(("xml", "csv", "json")),
        metadata={"description": "Wins over Accept."},
    )
