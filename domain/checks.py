"""The rules of a dictionary, applied to one report.

Each kind of check has one small evaluator that yields what it finds; whether that is an error or a warning
is said by the check. With counts that the operator hid, only what is certain is found; what is missing is
not judged. A finding names fields and what to do, and quotes no count.

The kinds that look at other months of the site (`needs_history`) are in `domain/earlier_months.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import cast

from domain import earlier_months
from domain.dictionary import CellName, Check, Dictionary, Kind, Rule
from domain.earlier_months import Evaluator
from domain.evaluate import HUNDREDTHS, Case, Split, surely_fails, surely_holds
from domain.periods import Month, PeriodKind
from domain.refusals import Item
from domain.report import Cell, Missing, Report, Reported, Site

ERROR, WARNING = "error", "warning"
CONFIRMATION_NEEDED = "confirmation_needed"
"""The code of a finding that no acknowledgement answers: a second person confirms the number."""


@dataclass(frozen=True)
class Finding:
    """What a rule found in a report. `level` is `error` or `warning`, `pointer` a JSON pointer (RFC 6901)
    into the report, `code` a slug of what was found, `detail` the same in words, with what to do."""

    rule: str
    level: str
    code: str
    pointer: str
    detail: str


NO_MONTHS: Mapping[Month, Report] = {}


def check_report(
    report: Report,
    dictionary: Dictionary,
    *,
    site: Site,
    month: Month,
    today: date,
    earlier: Mapping[Month, Report] = NO_MONTHS,
    following: Report | None = None,
) -> tuple[Finding, ...]:
    """Judge a report by every rule, in their order.

    The report must have the shape of the dictionary. `today` is the date where the site is, `earlier` what the site
    reported for months before (further back than `dictionary.months_of_history` none is looked at), `following`
    what it reported for the month after. Months without a report are left out of what is judged.
    """
    known = {other: given for other, given in earlier.items() if given.dictionary == dictionary.version}
    after = following if following and following.dictionary == dictionary.version else None
    return _findings(Case(report, dictionary, site, month, today, known, after))


def check_bare_report(report: Report, dictionary: Dictionary) -> tuple[Finding, ...]:
    """As `check_report`, without what needs the site, the month, other months or the calendar."""
    return _findings(Case(report, dictionary))


def unacknowledged(report: Report, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The warnings whose rule the report does not acknowledge. What is to be confirmed by somebody else is not one."""
    acknowledged = {rule for rule, _ in report.acknowledged}
    warnings = (f for f in findings if f.level == WARNING and f.code != CONFIRMATION_NEEDED)
    return tuple(f for f in warnings if f.rule not in acknowledged)


def _findings(case: Case) -> tuple[Finding, ...]:
    return tuple([finding for rule in case.dictionary.rules for finding in _found(case, rule)])


def _found(case: Case, rule: Rule) -> Sequence[Finding]:
    """What the checks of a rule find; of those that look at other months, the first that finds something in a place
    is enough."""
    found: list[Finding] = []
    for check in rule.checks:
        for item in EVALUATORS[check.kind](case, check):
            if not check.needs_history or all(item.pointer != known.pointer for known in found):
                found.append(Finding(rule.id, _level(case, check), item.code, item.pointer, item.detail))
    return found


def _level(case: Case, check: Check) -> str:
    return ERROR if check.hard and not check.is_waived_by(case.report.revision_reason) else WARNING


# ---- one cell ----------------------------------------------------------------------------------------


_COUNTS = ("not_whole", "A count is a whole number; give the count itself.", 0)
_HOURS = ("too_many_decimals", "Hours have at most two decimals; round them.", 2)


def _count(case: Case, check: Check) -> Iterator[Item]:
    for indicator, tally in case.report.indicators.items():
        names = case.breakdowns.broken.get(indicator, ())
        if names or type(tally.total) is Reported and type(tally.total.value) is not int:
            by = {"": {"": tally.total}, **{name: tally.by[name] for name in names}}
            yield from _broken(indicator, by, case.unit(indicator))


def _broken(indicator: str, by: Mapping[str, Mapping[str, Cell]], unit: str) -> Iterator[Item]:
    code, detail, decimals = _HOURS if unit == "hours" else _COUNTS
    for breakdown, cells in by.items():
        for category, cell in cells.items():
            if isinstance(cell, Reported) and round(cell.value, decimals) != cell.value:
                yield Item(CellName(indicator, breakdown, category).pointer, code, detail)


def _stated(case: Case, check: Check) -> Iterator[Item]:
    """A number or a status must be there."""
    name = CellName(_parameter(check, "indicator"))
    if not isinstance(case.report.cell(name), Reported | Missing):
        yield Item(
            name.pointer,
            "number_or_status_needed",
            f"{name.indicator} is stated as a number, zero included, or with a status; it is never left out or hidden.",
        )


def _confirmation(case: Case, check: Check) -> Iterator[Item]:
    """A number above zero is confirmed before the report is accepted."""
    name = CellName(_parameter(check, "indicator"))
    count = case.bounds(name)
    if count and count.low > 0:
        detail = f"{name.indicator} is above zero; a second person confirms it before the report can be accepted."
        yield Item(name.pointer, CONFIRMATION_NEEDED, detail)


# ---- a breakdown and its total -----------------------------------------------------------------------


def _item(split: Split, code: str, detail: str, category: str = "") -> Item:
    """What is found in a breakdown, or in one category; `{}` in the detail stands for the breakdown's name."""
    place = CellName(split.indicator, split.breakdown, category).pointer
    return Item(place, code, detail.format(f"{split.indicator} by {split.breakdown}"))


def _partition(case: Case, check: Check) -> Iterator[Item]:
    for split in case.splits[Kind.PARTITION]:
        if split.sum and (split.sum.low > split.total.high or split.sum.high < split.total.low):
            detail = "The categories of {} do not sum to the total; correct them or the total."
            yield _item(split, "parts_do_not_sum", detail)


def _subset(case: Case, check: Check) -> Iterator[Item]:
    for split in case.splits[Kind.SUBSET]:
        if split.sum and split.sum.low > split.total.high:
            detail = "The categories of {} sum to more than the total; correct them or the total."
            yield _item(split, "parts_above_total", detail)


def _multi(case: Case, check: Check) -> Iterator[Item]:
    for split in case.splits[Kind.MULTI]:
        for category, part in split.parts.items() if split.largest > split.total.high else ():
            if part and part.low > split.total.high:
                detail = f"The category {category} of {{}} is above the total; correct it or the total."
                yield _item(split, "category_above_total", detail, category)


def _multi_total(case: Case, check: Check) -> Iterator[Item]:
    """The known categories are below the known total exactly when all of them are below all of it."""
    for split in case.splits[Kind.MULTI]:
        if split.sum and split.sum.high < split.total.low:
            detail = "All categories of {} together are below the total; count what is left as unknown."
            yield _item(split, "parts_below_total", detail)


def _unknown_share(case: Case, check: Check) -> Iterator[Item]:
    share = Fraction(str(check.parameters["share"]))
    most, whole = share.numerator, share.denominator
    for split in case.splits[Kind.PARTITION]:
        unknown = split.part("unknown")
        if unknown and unknown.low * whole > split.total.high * most:
            detail = "A large part of {} is unknown; check whether it can be known."
            yield _item(split, "much_unknown", detail, "unknown")


def _dominant_category(case: Case, check: Check) -> Iterator[Item]:
    minimum = cast(int, check.parameters["minimum"]) * HUNDREDTHS
    for split in case.splits[Kind.PARTITION]:
        is_looked_at = split.total.low >= minimum and split.largest >= split.total.high
        for category, part in split.parts.items() if is_looked_at else ():
            if part and part.low >= split.total.high:
                detail = f"All of {{}} is in the category {category}; check whether the others were asked."
                yield _item(split, "one_category_only", detail, category)


# ---- several indicators ------------------------------------------------------------------------------


def _compare(case: Case, check: Check) -> Sequence[Item]:
    comparison = check.comparison
    assert comparison is not None, "the loader gives every check of this kind a comparison"
    strikes = surely_fails if check.hard else surely_holds
    # The comparison first: it seldom strikes.
    if not strikes(comparison, case) or not _applies(case, check):
        return ()
    term = next(term for term in comparison.terms if term.indicator)
    pointer = CellName(term.indicator, term.breakdown, term.category).pointer
    return [Item(pointer, "contradiction" if check.hard else "implausible", _parameter(check, "detail"))]


def _applies(case: Case, check: Check) -> bool:
    """Whether the condition, the about block and what is missing are as the check wants them."""
    about = cast(Mapping[str, str], check.parameters.get("about", {}))
    missing = _parameter(check, "where_missing") if "where_missing" in check.parameters else None
    return (
        (check.condition is None or surely_holds(check.condition, case))
        and all(getattr(case.report.about, field) == code for field, code in about.items())
        and (missing is None or case.bounds(CellName(missing)) is None)
    )


def _zero_iff_zero(case: Case, check: Check) -> Iterator[Item]:
    name = CellName(_parameter(check, "indicator"))
    one, other = case.bounds(name), case.bounds(CellName(_parameter(check, "other")))
    if one and other and ((one.high == 0 and other.low > 0) or (one.low > 0 and other.high == 0)):
        yield Item(name.pointer, "zero_against_count", _parameter(check, "detail"))


def _closed(case: Case, check: Check) -> Iterator[Item]:
    days = CellName(_parameter(check, "days"))
    if case.report.closed is None:
        open_days = case.bounds(days)
        if open_days and open_days.high == 0:
            detail = f"A month without a day open needs a reason in closed; give one or correct {days.indicator}."
            yield Item(days.pointer, "closed_reason_missing", detail)
        return
    for indicator in cast(tuple[str, ...], check.parameters["indicators"]):
        count = case.bounds(CellName(indicator))
        if count and count.low > 0:
            detail = f"A closed month has zero {indicator}; correct it or leave out closed."
            yield Item(CellName(indicator).pointer, "count_in_closed_month", detail)


# ---- the calendar ------------------------------------------------------------------------------------


def _calendar(case: Case, check: Check) -> Iterator[Item]:
    """All of it or nothing: a report without site, month and day has no calendar."""
    if case.site is None or case.month is None or case.today is None:
        return
    if case.month >= Month.of(case.today):
        yield Item("", "month_not_ended", "The month has not ended where the site is; send the report when it has.")
    if not case.dictionary.in_force(case.month):
        detail = "This dictionary version is not in force for the month; use the one that is."
        yield Item("/dictionary", "dictionary_not_in_force", detail)
    if not case.site.is_open(case.month):
        yield Item("", "site_not_open", "The site was not open in the month; check the site and the month.")
    yield from _partial_month(case.report, case.site, case.month)
    yield from _windows(case, case.month)


def _partial_month(report: Report, site: Site, month: Month) -> Iterator[Item]:
    partial = report.about.partial_month
    if partial is None:
        return
    if partial.last_day > month.days:
        detail = "The last day lies after the end of the month; correct it."
        yield Item("/about/partial_month/last_day", "day_outside_month", detail)
    only_month = {"opening": site.opened, "closing": site.closed}
    if partial.reason in only_month and month != only_month[partial.reason]:
        detail = f"The month is not the one of the {partial.reason} of the site; correct the reason."
        yield Item("/about/partial_month/reason", "partial_month_disagrees", detail)


_MONTHS_IN = {PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


def _windows(case: Case, month: Month) -> Iterator[Item]:
    """What counts a quarter or a year comes with the report of its last month."""
    for indicator in case.dictionary.windowed:
        if indicator.id in case.totals and month.number % _MONTHS_IN[indicator.window]:
            detail = f"{indicator.id} comes with the last month of the {indicator.window}; leave it out here."
            yield Item(CellName(indicator.id).pointer, "not_last_month", detail)


def _parameter(check: Check, key: str) -> str:
    return cast(str, check.parameters[key])


EVALUATORS: Mapping[str, Evaluator] = {
    "calendar": _calendar,
    "closed": _closed,
    "compare": _compare,
    "confirmation": _confirmation,
    "count": _count,
    "dominant_category": _dominant_category,
    "multi": _multi,
    "multi_total": _multi_total,
    "partition": _partition,
    "stated": _stated,
    "subset": _subset,
    "unknown_share": _unknown_share,
    "zero_iff_zero": _zero_iff_zero,
    **earlier_months.EVALUATORS,
}
