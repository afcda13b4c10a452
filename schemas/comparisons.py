"""What comparisons are asked, and what they answer. Answers may grow; readers ignore what is new."""

from __future__ import annotations

from marshmallow import fields, validate
from webargs.fields import DelimitedList

from domain.dictionary import DisclosureClass, Level
from domain.load_dictionary import shipped_dictionaries
from domain.periods import PeriodKind
from schemas.answers import Answer
from schemas.requests import MonthRangeField, ReleaseChoiceSchema

_NEWEST = shipped_dictionaries()[max(shipped_dictionaries())]
_PERSONS = tuple(
    indicator.id
    for indicator in _NEWEST.indicators
    if indicator.disclosure_class is DisclosureClass.PERSONS and indicator.window is PeriodKind.MONTH
)
_PARTITIONED = tuple(dict.fromkeys(b.breakdown.id for i in _NEWEST.indicators for b in i.bindings))


def _one_of(choices: tuple[str, ...], default: str, text: str) -> fields.String:
    return fields.String(load_default=default, validate=validate.OneOf(choices), metadata={"description": text})


class UnitsQuerySchema(ReleaseChoiceSchema):
    """Which units, over which months, in which release."""

    by = fields.String(load_default=Level.SITE.value, validate=validate.OneOf([level.value for level in Level]))
    period = MonthRangeField(required=True, relative=True)


class RatesQuerySchema(UnitsQuerySchema):
    """Which comparison."""

    measure = fields.String(required=True, validate=validate.OneOf(tuple(_NEWEST.measures_by_id)))
    unit = DelimitedList(
        fields.String(validate=validate.Length(1, 64)),
        metadata={"description": "Only these units, separated by commas; without it all that have both counts."},
    )


class RatiosQuerySchema(RatesQuerySchema):
    """Which ratios."""

    contrast = _one_of(("pairs", "rest"), "pairs", "Every pair of units, or each unit and all others together.")


class FunnelQuerySchema(RatesQuerySchema):
    """Which funnel."""

    adjustment = _one_of(
        ("multiplicative", "additive", "none"),
        "multiplicative",
        "What becomes of the limits where units vary by more than chance.",
    )


class TrendsQuerySchema(RatesQuerySchema):
    """Which series."""

    step = _one_of(
        tuple(kind.value for kind in PeriodKind),
        "month",
        "How long a point is; quarters may be known where months aren't.",
    )


class StandardizedQuerySchema(RatesQuerySchema):
    """Which standardization."""

    breakdown = fields.String(required=True, validate=validate.OneOf(_PARTITIONED))
    method = _one_of(
        ("direct", "indirect"),
        "direct",
        "The unit's rates in the mix of all, or its events beside those at the rates of all.",
    )


class PersonsQuerySchema(UnitsQuerySchema):
    """Which persons."""

    indicator = fields.String(load_default="participants_unique", validate=validate.OneOf(_PERSONS))


def _ends(text: str) -> fields.List:
    metadata = {"description": f"{text} An end that is null is open."}
    return fields.List(fields.Float(allow_none=True), required=True, allow_none=True, metadata=metadata)


class ReasonSchema(Answer):
    """Why units can't be compared, or with what caution."""

    code = fields.String(required=True)
    units = fields.List(fields.String(), required=True)
    detail = fields.String(required=True)


class ComparabilitySchema(Answer):
    """The verdict of the comparability gate."""

    status = fields.String(required=True, metadata={"enum": ["comparable", "caution", "refused"]})
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)


class RateSchema(Answer):
    """factor x numerator / denominator, with its interval in the same unit."""

    numerator = fields.Float(required=True, allow_none=True)
    denominator = fields.Float(required=True, allow_none=True)
    value = fields.Float(required=True, allow_none=True)
    interval = fields.List(fields.Float(), required=True, allow_none=True)


class PooledSchema(RateSchema):
    """The rate of the rows with values together; `bounds` are of all rows, where hidden counts keep some out."""

    stability = fields.String(required=True, metadata={"enum": ["stable", "unstable"]})
    left_out = fields.List(fields.String(), required=True)
    bounds = _ends("The least and the greatest rate that the published bounds allow.")


class RateRowSchema(RateSchema):
    """The rate of one unit; months are site-months."""

    unit = fields.String(required=True)
    level = fields.String(required=True)
    stability = fields.String(required=True, metadata={"enum": ["stable", "unstable", "withheld"]})
    bounds = fields.List(fields.Float(allow_none=True), required=True, allow_none=True)
    months_contributing = fields.Integer(required=True)
    months_expected = fields.Integer(required=True)
    warnings = fields.List(fields.String(), required=True)


class ComparisonSchema(Answer):
    """What every comparison says: of which release, measure and months, and whether units can be compared at all."""

    release = fields.Dict(required=True)
    measure = fields.Dict(required=True)
    period = fields.String(required=True)
    comparability = fields.Nested(ComparabilitySchema, required=True)


class RatesSchema(ComparisonSchema):
    """A measure for every unit of a level."""

    rows = fields.List(fields.Nested(RateRowSchema), required=True)
    pooled = fields.Nested(PooledSchema, required=True, allow_none=True)


class RatioRowSchema(Answer):
    """`unit` over `reference`: a ratio, or bounds where a count is hidden, or the reasons why there is none."""

    unit = fields.String(required=True)
    reference = fields.String(required=True, metadata={"description": "A unit, or `rest`."})
    status = fields.String(required=True, metadata={"enum": ["given", "withheld", "refused"]})
    value = fields.Float(required=True, allow_none=True)
    interval = _ends("95 %.")
    p_value = fields.Float(required=True, allow_none=True)
    p_adjusted = fields.Float(required=True, allow_none=True)
    bounds = _ends("The least and the greatest ratio that the published bounds allow.")
    comparability = fields.Nested(ComparabilitySchema, required=True)
    warnings = fields.List(fields.String(), required=True)


class RatiosSchema(ComparisonSchema):
    """Units beside each other. The verdict on all together is `refused` only where no ratio is given."""

    statistic = fields.String(required=True, metadata={"enum": ["rate_ratio", "odds_ratio", "ratio"]})
    method = fields.String(required=True)
    contrast = fields.String(required=True)
    adjustment = fields.Dict(required=True, metadata={"description": "How many comparisons `p_adjusted` allows for."})
    left_out = fields.List(fields.String(), required=True)
    rows = fields.List(fields.Nested(RatioRowSchema), required=True)


class FunnelRowSchema(RateRowSchema):
    """A unit, its limits, and where it lies."""

    limits_95 = fields.List(fields.Float(), required=True, allow_none=True)
    limits_99_8 = fields.List(fields.Float(), required=True, allow_none=True)
    position = fields.String(
        required=True,
        metadata={"enum": ["within", "above_95", "above_99_8", "below_95", "below_99_8", "withheld"]},
    )


class DispersionSchema(Answer):
    """How units vary about the target: `phi` is about 1 by chance; tau² is in the square of the measure's unit."""

    units = fields.Integer(required=True)
    phi = fields.Float(required=True)
    tau_squared = fields.Float(required=True)
    p_value = fields.Float(required=True)
    found = fields.Boolean(required=True)
    adjustment = fields.String(required=True)
    adjusted = fields.Boolean(required=True, metadata={"description": "Whether the limits were moved for it."})


class FunnelSchema(ComparisonSchema):
    """Units beside what they have together."""

    method = fields.String(required=True)
    target = fields.Nested(RateSchema, required=True, allow_none=True)
    over_dispersion = fields.Nested(DispersionSchema, required=True, allow_none=True)
    rows = fields.List(fields.Nested(FunnelRowSchema), required=True)


class PointSchema(RateSchema):
    """A period of a series."""

    period = fields.String(required=True)
    stability = fields.String(required=True)
    bounds = fields.List(fields.Float(allow_none=True), required=True, allow_none=True)
    months_contributing = fields.Integer(required=True)
    months_expected = fields.Integer(required=True)
    warnings = fields.List(fields.String(), required=True)
    phase = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null where a break falls into the period."}
    )
    limits = fields.List(fields.Float(), required=True, allow_none=True)
    beyond_limits = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "Null where a hidden count leaves it open."}
    )


class PhaseSchema(Answer):
    """From one break of a series to the next."""

    number = fields.Integer(required=True)
    first = fields.String(required=True)
    last = fields.String(required=True)
    points = fields.Integer(required=True)
    center = fields.Float(required=True, allow_none=True)
    dispersion = fields.Float(required=True, allow_none=True)
    signals = fields.List(
        fields.String(metadata={"enum": ["beyond_limits", "long_run", "few_crossings"]}), required=True, allow_none=True
    )


class TrendSchema(Answer):
    """The steady change of the last phase; `withheld` says why it has no plain word."""

    word = fields.String(required=True, metadata={"enum": ["rising", "falling", "no_clear_change", "withheld"]})
    withheld = fields.List(fields.String(), required=True)
    rate_ratio_per_year = fields.Float(required=True, allow_none=True)
    interval = _ends("95 %.")
    model = fields.String(required=True, allow_none=True, metadata={"enum": ["poisson", "negative_binomial", None]})
    dispersion = fields.Float(required=True, allow_none=True)


class UnitTrendSchema(Answer):
    """One unit over time."""

    unit = fields.String(required=True)
    comparability = fields.Nested(ComparabilitySchema, required=True)
    points = fields.List(fields.Nested(PointSchema), required=True)
    phases = fields.List(fields.Nested(PhaseSchema), required=True)
    trend = fields.Nested(TrendSchema, required=True)


class TrendsSchema(ComparisonSchema):
    """A control chart of every unit."""

    step = fields.String(required=True)
    chart = fields.String(required=True)
    trend_method = fields.String(required=True)
    rows = fields.List(fields.Nested(UnitTrendSchema), required=True)


class StandardizedRowSchema(Answer):
    """A unit: its crude rate, and the standardized one with what it was made from."""

    unit = fields.String(required=True)
    level = fields.String(required=True)
    crude = fields.Nested(RateRowSchema, required=True)
    value = fields.Float(required=True, allow_none=True)
    interval = fields.List(fields.Float(), required=True, allow_none=True)
    expected = fields.Float(required=True, allow_none=True)
    ratio = fields.Float(required=True, allow_none=True)
    ratio_interval = fields.List(fields.Float(), required=True, allow_none=True)
    warnings = fields.List(fields.String(), required=True)


class StandardizedSchema(ComparisonSchema):
    """Units as they would compare with the same mix."""

    breakdown = fields.String(required=True)
    method = fields.String(required=True)
    standard = fields.List(fields.Dict(), required=True)
    rows = fields.List(fields.Nested(StandardizedRowSchema), required=True)


class RandomEffectsSchema(Answer):
    """What units have in common, and how much they differ; tau² is of logarithms, or of log odds for a share."""

    units = fields.Integer(required=True)
    value = fields.Float(required=True)
    interval = fields.List(fields.Float(), required=True)
    prediction = fields.List(fields.Float(), required=True, allow_none=True)
    tau_squared = fields.Float(required=True)
    i_squared = fields.Float(required=True)
    q = fields.Float(required=True)
    q_p_value = fields.Float(required=True)


class HeterogeneitySchema(ComparisonSchema):
    """How much units differ."""

    method = fields.String(required=True)
    pooled = fields.Nested(RandomEffectsSchema, required=True, allow_none=True)
    left_out = fields.List(fields.String(), required=True)
    rows = fields.List(fields.Nested(RateRowSchema), required=True)


class UpperLimitSchema(Answer):
    """At most so many, and in a sentence."""

    value = fields.Float(required=True)
    one_in = fields.Float(required=True)
    statement = fields.String(required=True)


class ZeroRowSchema(RateRowSchema):
    """A unit and its upper limit."""

    is_zero = fields.Boolean(required=True)
    upper = fields.Nested(UpperLimitSchema, required=True, allow_none=True)


class ZeroEventsSchema(ComparisonSchema):
    """What few or no events say."""

    method = fields.String(required=True)
    rows = fields.List(fields.Nested(ZeroRowSchema), required=True)
    pooled = fields.Nested(UpperLimitSchema, required=True, allow_none=True)
    left_out = fields.List(fields.String(), required=True)


class UnitVerdictSchema(ComparabilitySchema):
    """Whether the numbers of one unit are values of one rate."""

    unit = fields.String(required=True)


class PairVerdictSchema(ComparabilitySchema):
    """Two units: the verdict, and in which codes of the about block they agree and differ."""

    units = fields.List(fields.String(), required=True)
    agrees = fields.List(fields.String(), required=True)
    differs = fields.List(fields.String(), required=True)


class ComparabilityAnswerSchema(ComparisonSchema):
    """Which units can be compared for a measure."""

    must_agree = fields.List(fields.String(), required=True)
    should_agree = fields.List(fields.String(), required=True)
    units = fields.List(fields.Nested(UnitVerdictSchema), required=True)
    pairs = fields.List(fields.Nested(PairVerdictSchema), required=True)


class PersonsRowSchema(Answer):
    """A unit: between how many different persons there were."""

    unit = fields.String(required=True)
    level = fields.String(required=True)
    exact = fields.Integer(required=True, allow_none=True)
    bounds = fields.List(fields.Float(allow_none=True), required=True)
    window = fields.Dict(
        required=True, allow_none=True, metadata={"description": "What the operator itself counted over the period."}
    )
    months_contributing = fields.Integer(required=True)
    months_expected = fields.Integer(required=True)


class PersonsSchema(Answer):
    """Bounds of how many different persons there were."""

    release = fields.Dict(required=True)
    indicator = fields.Dict(required=True)
    period = fields.String(required=True)
    method = fields.String(required=True)
    rows = fields.List(fields.Nested(PersonsRowSchema), required=True)
