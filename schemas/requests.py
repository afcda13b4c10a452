"""Bodies and query parameters other than the report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema
from webargs.fields import DelimitedList

from domain.dictionary import Level
from domain.lifecycle import Deed, State
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month, MonthRange, PeriodKind, parse_asked_period
from domain.release import Status
from schemas.fields import TrueOrFalse, WholeNumber

_NEWEST = shipped_dictionaries()[max(shipped_dictionaries())]
_PERIOD = r"^[0-9]{4}(-Q[1-4]|-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2})?)?$"
MONTH = r"^(199[0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])$"
LATEST = "latest"
RELEASE = rf"^({LATEST}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}\.[0-9]{{1,6}})$"


class MonthRangeField(fields.String):
    """`2026-01..2026-06`, or one month, quarter or year; with `relative`, also `last-12-months`."""

    def __init__(self, *, relative: bool = False, **kwargs: Any) -> None:
        self._parse = parse_asked_period if relative else MonthRange.parse
        text = "A range of months (2026-01..2026-06), a month, a quarter (2026-Q2) or a year"
        more = ", or the last ones of the release: last-12-months, last-4-quarters, last-year." if relative else "."
        shape = {"examples": ["2026-01..2026-06", "last-12-months"]} if relative else {"pattern": _PERIOD}
        super().__init__(metadata={"description": text + more, **shape}, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._parse(super()._deserialize(value, *args, **kwargs))
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None


class WordsField(DelimitedList):
    """Several words, separated by commas or given one by one; documented as the first, loaded as a set."""

    is_multiple = True

    def __init__(self, words: Iterable[str] | None = None, description: str = "") -> None:
        known = list(words) if words is not None else None
        each = fields.String(validate=validate.OneOf(known) if known else validate.Length(1, 64))
        super().__init__(each, metadata={"description": description} if description else {})

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        words = [word for text in value for word in text.split(",")]
        return frozenset(fields.List._deserialize(self, words, *args, **kwargs))


class DecisionSchema(Schema):
    """A steward's decision on the current revision."""

    revision = WholeNumber(required=True, validate=validate.Range(1))
    decision = fields.String(required=True, validate=validate.OneOf((Deed.ACCEPT.value, Deed.RETURN.value)))
    reasons = fields.List(
        fields.String(validate=validate.OneOf(_NEWEST.code_list("return_reasons"))),
        load_default=list,
        metadata={"description": "For a return: at least one."},
    )


class ConfirmingSchema(Schema):
    """What is confirmed."""

    revision = WholeNumber(required=True, validate=validate.Range(1), metadata={"description": "The current one."})


_NEXT = "`next` of the page before."
_REPORT = r"^[0-9]{4}-[0-9]{2}/[a-z0-9-]{1,64}$"


class ReportCursorField(fields.String):
    """The month and site with which a page of reports ended."""

    def __init__(self) -> None:
        super().__init__(data_key="cursor", load_default=None, metadata={"description": _NEXT, "pattern": _REPORT})

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        month, _, site = super()._deserialize(value, *args, **kwargs).partition("/")
        try:
            return Month.parse(month), site
        except ValueError:
            raise ValidationError("A cursor is `next` of the page before.") from None


class ReportQuerySchema(Schema):
    """Which reports to list."""

    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in State]))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))
    beyond = ReportCursorField()


class RevisionQuerySchema(Schema):
    """Which revisions of a report to list."""

    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))
    beyond = fields.Integer(
        load_default=0, validate=validate.Range(0, 10**9), data_key="cursor", metadata={"description": _NEXT}
    )


class ReportFormSchema(Schema):
    """In which form to answer."""

    format = fields.String(
        validate=validate.OneOf(("json", "csv", "xlsx", "adx", "dhis2")), metadata={"description": "Wins over Accept."}
    )


class MonthField(fields.String):
    """A month, written `2026-05`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": MONTH}, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return Month.parse(super()._deserialize(value, *args, **kwargs))
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None


class BulkItemSchema(Schema):
    """One report of many: what it is of, and the ETag of what it revises, if it does."""

    site = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$"))
    month = MonthField(required=True)
    report = fields.Raw(required=True, metadata={"component": "ReportBody"})
    if_match = fields.String(metadata={"description": "The ETag of the current revision, needed to revise."})


class BulkSchema(Schema):
    """The reports of many sites and months."""

    items = fields.List(fields.Nested(BulkItemSchema), required=True, validate=validate.Length(min=1))


class TemplateFormSchema(Schema):
    """As which kind of file."""

    format = fields.String(validate=validate.OneOf(("xlsx", "csv")), metadata={"description": "Wins over Accept."})


class DayField(fields.String):
    """A day, written `2026-03-01`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"description": "A day (UTC).", "format": "date"}, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        try:
            return datetime.strptime(text if len(text) == 10 else "", "%Y-%m-%d").date()
        except ValueError:
            raise ValidationError("A day is written like 2026-03-01.") from None


class LatestQuerySchema(Schema):
    """Which release is meant by the latest."""

    as_of = DayField()


class FileQuerySchema(Schema):
    """How to hand out a file."""

    bom = fields.Boolean(
        load_default=False,
        truthy={"1", "true"},
        falsy={"0", "false"},
        metadata={"description": "CSV with a byte order mark ahead, by which Excel knows UTF-8."},
    )


class LatestFileQuerySchema(FileQuerySchema, LatestQuerySchema):
    """How to hand out a file, and of which release."""


class CutSchema(Schema):
    """How to cut."""

    publish = TrueOrFalse(
        load_default=False,
        metadata={"description": "Publish at once when the attack finds nothing; else keep a draft."},
    )


class RetractionSchema(Schema):
    """Why a release is retracted."""

    reason = fields.String(required=True, validate=validate.OneOf(_NEWEST.code_list("retraction")))


class PageQuerySchema(Schema):
    """Which part of a long list."""

    limit = fields.Integer(load_default=1000, validate=validate.Range(1, 10_000))
    cursor = fields.String(
        validate=validate.Regexp(r"^[0-9]{1,9}$"), metadata={"description": "`next` of the page before."}
    )


class RowQuerySchema(PageQuerySchema):
    """Which rows of a release; several words of a column are separated by commas."""

    level = WordsField([level.value for level in Level])
    unit = WordsField(description="Ids of sites or cities, or `all`.")
    city = WordsField()
    operator = WordsField()
    indicator = WordsField(_NEWEST.by_id)
    period = MonthRangeField(relative=True)
    period_kind = WordsField([kind.value for kind in PeriodKind], "Whether months, quarters or years.")


class ObservationQuerySchema(RowQuerySchema, FileQuerySchema):
    """Which rows of a release, in which form."""

    breakdown = WordsField(["total", *(b.id for b in _NEWEST.breakdowns)], "`total` for totals only.")
    category = WordsField()
    value_status = WordsField([status.value for status in Status])
    format = fields.String(
        validate=validate.OneOf(("json", "csv", "jsonstat", "parquet", "adx")),
        metadata={"description": "Wins over Accept."},
    )


class LatestObservationQuerySchema(ObservationQuerySchema, LatestQuerySchema):
    """Which rows of the latest release, or of that of a day."""


class LatestAvailabilityQuerySchema(RowQuerySchema, LatestQuerySchema):
    """What there is of the latest release, or of that of a day."""


class ReleaseChoiceSchema(LatestQuerySchema):
    """Which release to answer from: by id, the latest, or with `as_of` that of a day; loaded as `release`."""

    release = fields.String(load_default=LATEST, validate=validate.Regexp(RELEASE))

    @validates_schema
    def _check_choice(self, data: dict, **_: Any) -> None:
        if "as_of" in data and data["release"] != LATEST:
            raise ValidationError("Name a release or a day, not both.", "as_of")

    @post_load
    def _choose(self, data: dict, **_: Any) -> dict:
        day = data.pop("as_of", None)
        return {**data, "release": day or data["release"]}
