"""What the hub answers about reports, sites, jobs and releases. Answers may grow; readers ignore what is new."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields

from domain.calendar import USUAL_DUE_DAY


class Answer(Schema):
    """An answer: open to additions, so that a reader of today understands the hub of tomorrow."""

    class Meta:
        """Documented as additionalProperties: true."""

        unknown = INCLUDE


ETAG = {
    "ETag": {"schema": {"type": "string"}, "description": "Names this state; send it back as If-Match to change it."}
}
LOCATION = {"Location": {"schema": {"type": "string"}}}


PLACE = "Where that is in a file that is no JSON: `line 12`, `sheet Counts, cell B14`."


class FindingSchema(Answer):
    """An error or a warning about a report."""

    rule = fields.String(required=True)
    level = fields.String(required=True, metadata={"enum": ["error", "warning"]})
    code = fields.String(required=True)
    pointer = fields.String(required=True, metadata={"description": "JSON pointer into the report."})
    detail = fields.String(required=True)
    place = fields.String(metadata={"description": PLACE})


class ReceiptSchema(Answer):
    """What the sender of a report keeps."""

    site = fields.String(required=True)
    month = fields.String(required=True)
    revision = fields.Integer(required=True)
    state = fields.String(required=True)
    etag = fields.Function(lambda receipt: f'"{receipt.etag}"', required=True, metadata={"type": "string"})
    findings = fields.List(fields.Nested(FindingSchema), required=True)


class OutcomeSchema(Answer):
    """What came of one report of many: its receipt, or the problem for which nothing of it was stored."""

    site = fields.String(required=True, metadata={"description": "Empty where what was sent is the id of no site."})
    month = fields.String(required=True)
    status = fields.Integer(required=True, metadata={"description": "The status that this report alone would get."})
    receipt = fields.Nested(ReceiptSchema)
    problem = fields.Dict(metadata={"component": "Problem"})


class ReviewSchema(Answer):
    """A steward's decision, as its operator sees it."""

    decision = fields.String(required=True)
    reasons = fields.List(fields.String(), required=True)
    reviewed_at = fields.DateTime(required=True)


class ConfirmationSchema(Answer):
    """Who confirmed a revision as a second person, and when."""

    confirmed_by = fields.String(required=True)
    confirmed_at = fields.DateTime(required=True)


class RevisionSchema(Answer):
    """One revision of a report and where it stands."""

    site = fields.String(required=True, attribute="revision.site")
    month = fields.String(required=True, attribute="revision.month")
    revision = fields.Integer(required=True, attribute="revision.number")
    state = fields.String(required=True)
    submitted_at = fields.DateTime(required=True, attribute="revision.submitted_at")
    report = fields.Raw(required=True, attribute="revision.content", metadata={"component": "ReportBody"})
    findings = fields.List(fields.Nested(FindingSchema), required=True, attribute="revision.findings")
    review = fields.Nested(ReviewSchema, required=True, allow_none=True)
    confirmations = fields.List(fields.Nested(ConfirmationSchema), required=True)


class HeadSchema(Answer):
    """A report in a list: where it stands, without its counts."""

    site = fields.String(required=True)
    month = fields.String(required=True)
    state = fields.String(required=True)
    revision = fields.Integer(required=True)


class OperatorSchema(Answer):
    """An operator, and what it agreed to about disclosure."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    k = fields.Integer(
        required=True, allow_none=True, metadata={"description": "A stricter threshold than the hub's, if any."}
    )
    sentinel = fields.String(required=True, metadata={"description": "The level at which deaths are published."})
    disabled = fields.Boolean(required=True, metadata={"description": "Nobody acts for it any longer."})


class SeriesBreakSchema(Answer):
    """From this month on, an indicator is not continuous with before."""

    month = fields.String(required=True)
    indicator = fields.String(required=True)
    code = fields.String(required=True)


class DueDaySchema(Answer):
    """From the report of this month on, reports are due on this day of the month after."""

    month = fields.String(required=True)
    day = fields.Integer(required=True)


class SiteSchema(Answer):
    """A site; `synthetic` says that its numbers are made up."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    city = fields.String(required=True)
    operator = fields.String(required=True)
    opened = fields.String(required=True)
    closed = fields.String(required=True, allow_none=True)
    timezone = fields.String(required=True)
    synthetic = fields.Boolean(required=True)
    stations = fields.Integer(required=True, allow_none=True, metadata={"description": "Booths and smoking places."})
    disabled = fields.Boolean(required=True, metadata={"description": "Nobody reports for it any longer."})
    series_breaks = fields.List(fields.Nested(SeriesBreakSchema), required=True)
    due_days = fields.List(
        fields.Nested(DueDaySchema),
        required=True,
        metadata={
            "description": "Until the end of these days at the site. The first says where reporting begins, if later "
            f"than the opening; none: day {USUAL_DUE_DAY}, from the opening on."
        },
    )


class ErrorItemSchema(Answer):
    """What is wrong, and where."""

    pointer = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class JobResultSchema(Answer):
    """The release that was cut, or why there is none."""

    release = fields.String()
    detail = fields.String()
    errors = fields.List(fields.Nested(ErrorItemSchema))


class JobSchema(Answer):
    """Long work and how far it is."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["queued", "running", "succeeded", "failed"]})
    progress = fields.Float(required=True, metadata={"description": "0 to 1."})
    result = fields.Nested(JobResultSchema, required=True, allow_none=True)


class ReleaseEntrySchema(Answer):
    """A release in the list."""

    id = fields.String(required=True)
    published_at = fields.DateTime(required=True)
    url = fields.String(required=True)
    sha256 = fields.String(required=True, metadata={"description": "Of the manifest's bytes."})
    citation = fields.String(required=True, metadata={"description": "How to cite it."})
    retracts = fields.String(required=True, allow_none=True, metadata={"description": "The release it takes back."})
    retracted_by = fields.String(
        required=True, allow_none=True, metadata={"description": "The release that took it back."}
    )
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why: a code of the dictionary's list `retraction`."}
    )


class RowPlaceSchema(Answer):
    """Of which unit, period and indicator something is told."""

    level = fields.String(required=True)
    unit = fields.String(required=True)
    city = fields.String(required=True)
    operator = fields.String(required=True)
    period = fields.String(required=True)
    indicator = fields.String(required=True)


class ObservationSchema(RowPlaceSchema):
    """A row of a release."""

    breakdown = fields.String(required=True)
    category = fields.String(required=True)
    value = fields.Raw(required=True, metadata={"type": ["number", "null"]})
    value_status = fields.String(required=True)
    lower = fields.Raw(required=True, metadata={"type": ["number", "null"]})
    upper = fields.Raw(required=True, metadata={"type": ["number", "null"]})


class StateSchema(Answer):
    """What a release says of a cell."""

    value = fields.Raw(required=True, metadata={"type": ["number", "null"]})
    value_status = fields.String(required=True)
    lower = fields.Raw(required=True, metadata={"type": ["number", "null"]})
    upper = fields.Raw(required=True, metadata={"type": ["number", "null"]})


class ChangeSchema(Answer):
    """A row that was added (`before` is null), removed (`after` is null) or changed."""

    level = fields.String(required=True)
    unit = fields.String(required=True)
    city = fields.String(required=True)
    period = fields.String(required=True)
    indicator = fields.String(required=True)
    breakdown = fields.String(required=True)
    category = fields.String(required=True)
    before = fields.Nested(StateSchema, required=True, allow_none=True)
    after = fields.Nested(StateSchema, required=True, allow_none=True)


class DiffSummarySchema(Answer):
    """How many rows were added, removed and changed in all."""

    added = fields.Integer(required=True)
    removed = fields.Integer(required=True)
    changed = fields.Integer(required=True)


class DiffSchema(Answer):
    """What changed from one release to a later one."""

    release = fields.String(required=True)
    earlier = fields.String(required=True)
    summary = fields.Nested(DiffSummarySchema, required=True)
    items = fields.List(fields.Nested(ChangeSchema), required=True)
    next = fields.String(required=True, allow_none=True)


def page_of(item: type[Answer]) -> type[Answer]:
    """The schema of a list of items: `{"items": [...], "next": cursor or null}`."""
    members = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True),
    }
    return type(f"{item.__name__.removesuffix('Schema')}ListSchema", (Answer,), members)


class HealthSchema(Answer):
    """A sign of life."""

    status = fields.String(required=True)
    release = fields.String(metadata={"description": "The newest release."})


class DictionarySchema(Answer):
    """One version of the dictionary, whole."""

    version = fields.String(required=True)
    in_force_from = fields.String(required=True)
    in_force_to = fields.String(required=True, allow_none=True)
    indicators = fields.List(fields.Dict(), required=True)
    breakdowns = fields.List(fields.Dict(), required=True)
    codes = fields.Dict(required=True)
    rules = fields.List(fields.Dict(), required=True)
    measures = fields.List(fields.Dict(), required=True)
    plan = fields.Dict(required=True)


class ArtefactSchema(Answer):
    """A file of a release."""

    name = fields.String(required=True)
    media_type = fields.String(required=True)
    bytes = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    url = fields.String(required=True)


class UsedReportSchema(Answer):
    """A report in a release."""

    site = fields.String(required=True)
    month = fields.String(required=True)
    status = fields.String(required=True)
    revised = fields.Boolean(required=True)


class AttackSchema(Answer):
    """Who attacked the release before it was published, and what came of it."""

    attackers = fields.List(fields.String(), required=True)
    cells = fields.Integer(required=True)
    breaches = fields.Integer(required=True)
    minimum_width = fields.Integer(required=True, allow_none=True)
    coalitions = fields.Integer(
        metadata={"description": "Sensitive counts not shown to be safe from some two operators together."}
    )
    sole_contributors = fields.Integer(
        metadata={"description": "Sensitive counts that the one person in another cell could work out."}
    )
    method = fields.String(required=True)


class RetractedSchema(Answer):
    """Which release is taken back, and why."""

    id = fields.String(required=True)
    reason = fields.String(required=True, metadata={"description": "A code of the dictionary's list `retraction`."})


class ManifestSchema(Answer):
    """What a release is, signed over its canonical JSON (RFC 8785) without the signature."""

    id = fields.String(required=True)
    published_at = fields.DateTime(required=True)
    dictionary = fields.String(required=True)
    policy = fields.Dict(required=True)
    reports = fields.List(fields.Nested(UsedReportSchema), required=True)
    attack = fields.Nested(AttackSchema, required=True)
    counts = fields.Dict(required=True)
    artefacts = fields.List(fields.Nested(ArtefactSchema), required=True)
    audit = fields.Dict(metadata={"description": "`sha256` of the last line of the audit log before it was signed."})
    citation = fields.String(required=True, metadata={"description": "One sentence to cite the release by."})
    previous = fields.Dict(required=True, allow_none=True)
    retracts = fields.Nested(RetractedSchema, required=True, allow_none=True)
    signature = fields.Dict(required=True)
