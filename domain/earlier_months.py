"""The checks that look at other months of the same site.

What another month counted is what its current revision says. Months under another version of the dictionary are
left out, since the same words may count something else there. What is missing is not judged; of what is hidden,
what is certain is told.

How a total compares with the months before is asked of whole months alone: a closed month or a part of one says
nothing about what is usual. In such a month itself only what is too much is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import cast

from domain.dictionary import CellName, Check
from domain.evaluate import Bounds, Case, Usual, bounds_of, sum_of
from domain.outliers import Side, beyond_median, beyond_prediction, jumped
from domain.periods import PeriodKind
from domain.refusals import Item
from domain.report import Count, Missing, Report

# ---- a stock, and what is added to it ----------------------------------------------------------------


_BELOW_BEFORE = (
    "{} is below that of the month before and never falls; correct it, revise that month if it is wrong, or say "
    "dedup_fix in revision_reason if persons counted twice were merged."
)
_MERGED = (
    "{} is below that of the month before, which dedup_fix explains; acknowledge the warning if it is by as much as "
    "was merged."
)
_ABOVE_AFTER = "{} is above that of the month after and never falls; check both and revise the wrong one."


def _falls(case: Case, check: Check) -> Iterator[Item]:
    name, before = CellName(str(check.parameters["indicator"])), case.month_before(1)
    if before and _surely_below(case.bounds(name), case.bounds_in(before, name)):
        words = _MERGED if check.is_waived_by(case.report.revision_reason) else _BELOW_BEFORE
        yield Item(name.pointer, "below_month_before", words.format(name.indicator))


def _falls_after(case: Case, check: Check) -> Iterator[Item]:
    name, after = CellName(str(check.parameters["indicator"])), _not_waived(case.following, check)
    if after and _surely_below(case.bounds_in(after, name), case.bounds(name)):
        yield Item(name.pointer, "above_month_after", _ABOVE_AFTER.format(name.indicator))


def _surely_below(count: Bounds | None, earlier: Bounds | None) -> bool:
    return bool(count and earlier and count.high < earlier.low)


def _difference(case: Case, check: Check) -> Iterator[Item]:
    stock, flow = (CellName(str(check.parameters[key])) for key in ("stock", "flow"))
    before = case.month_before(1)
    if before and _surely_apart(case.bounds_in(before, stock), case.bounds(flow), case.bounds(stock)):
        detail = f"{stock.indicator} did not grow by {flow.indicator} since the month before; check both."
        yield Item(stock.pointer, "growth_differs", detail)


def _difference_after(case: Case, check: Check) -> Iterator[Item]:
    stock, flow = (CellName(str(check.parameters[key])) for key in ("stock", "flow"))
    after = _not_waived(case.following, check)
    if after and _surely_apart(case.bounds(stock), case.bounds_in(after, flow), case.bounds_in(after, stock)):
        detail = f"{stock.indicator} does not lead to that of the month after; check it, and revise the wrong one."
        yield Item(stock.pointer, "growth_after_differs", detail)


def _not_waived(report: Report | None, check: Check) -> Report | None:
    return report if report and not check.is_waived_by(report.revision_reason) else None


def _surely_apart(was: Bounds | None, added: Bounds | None, now: Bounds | None) -> bool:
    """Whether a stock surely did not grow by the flow."""
    if was is None or added is None or now is None:
        return False
    return now.low > was.high + added.high or now.high < was.low + added.low


# ---- sums over some months ---------------------------------------------------------------------------


def _trailing(case: Case, check: Check) -> Iterator[Item]:
    months = cast(int, check.parameters["months"])
    others = [case.month_before(back) for back in range(1, months)]
    reports = [case.report, *(report for report in others if report)]
    if len(reports) < months:
        return
    indicator, limit, breakdown = (str(check.parameters[key]) for key in ("indicator", "limit", "breakdown"))
    counted, most = (_over(case, reports, id, breakdown) for id in (indicator, limit))
    for category in [code for code in counted if code in most]:
        if counted[category].low > most[category].high:
            detail = f"Over {months} months there are more {indicator} than {limit} of {category}; "
            name = CellName(indicator, breakdown, category)
            yield Item(name.pointer, "more_than_made", f"{detail}check both by {breakdown}.")


def _over(case: Case, reports: Sequence[Report], indicator: str, breakdown: str) -> Mapping[str, Bounds]:
    """The bounds of each category over all the reports, but for those that one of them lacks."""
    tallies = [report.indicators.get(indicator) for report in reports]
    given = [tally.by[breakdown] for tally in tallies if tally and breakdown in tally.by]
    if len(given) < len(reports):
        return {}
    sums = {code: sum_of([bounds_of(cells.get(code), case.unit(indicator)) for cells in given]) for code in given[0]}
    return {code: bounds for code, bounds in sums.items() if bounds}


# ---- what is usual -----------------------------------------------------------------------------------

Judge = Callable[[Count, Usual], Side | None]


def _jump(check: Check) -> Judge:
    factor = cast(int, check.parameters["factor"])
    return lambda count, usual: jumped(count.low, count.high, usual.low, usual.high, factor)


def _prediction(check: Check) -> Judge:
    coverage = cast(float, check.parameters["coverage"])
    return _where_told(lambda count, usual: beyond_prediction(count.low, count.high, usual.lows, coverage))


def _robust_z(check: Check) -> Judge:
    score = cast(float, check.parameters["score"])
    return _where_told(lambda count, usual: beyond_median(count.low, count.high, usual.lows, score))


def _where_told(judge: Judge) -> Judge:
    """With a month that is hidden, nothing is certain of how they vary."""
    return lambda count, usual: judge(count, usual) if usual.lows is usual.highs else None


_WORDS = {
    "jump": {
        Side.ABOVE: "{} is more than {factor} times the median of the last {months} months",
        Side.BELOW: "{} is less than 1/{factor} of the median of the last {months} months",
    },
    "prediction": {
        Side.ABOVE: "{} is more than the last {months} months predict",
        Side.BELOW: "{} is less than the last {months} months predict",
    },
    "robust_z": {
        Side.ABOVE: "{} is much farther above the median of the last {months} months than these are",
        Side.BELOW: "{} is much farther below the median of the last {months} months than these are",
    },
}


def _unusual(judge_by: Callable[[Check], Judge], case: Case, check: Check) -> Iterator[Item]:
    """The totals that a judge finds far from the months before, where they or these are no small counts."""
    months, fewest, minimum = (cast(int, check.parameters[key]) for key in ("months", "minimum_months", "minimum"))
    judge = judge_by(check)
    for indicator, usual in case.usual(months).items():
        count = case.report.indicators[indicator].total
        if len(usual.lows) < fewest or isinstance(count, Missing) or max(count.low, usual.low) < minimum:
            continue
        side = judge(count, usual)
        if side and _is_judged(case, check, indicator, side):
            words = _WORDS[check.kind][side].format(indicator, **check.parameters)
            detail = f"{words}; check it, then correct it or acknowledge the warning."
            yield Item(CellName(indicator).pointer, f"far_{side.value}", detail)


def _is_judged(case: Case, check: Check, indicator: str, side: Side) -> bool:
    """Whether it matters: of a month that was not whole too little does not, nor what the check leaves out."""
    if side is Side.BELOW and not case.report.is_whole:
        return False
    left_out = cast(tuple[str, ...], check.parameters["except"])
    return indicator not in left_out and case.dictionary.by_id[indicator].window is PeriodKind.MONTH


Evaluator = Callable[[Case, Check], Iterable[Item]]

EVALUATORS: Mapping[str, Evaluator] = {
    "difference": _difference,
    "difference_after": _difference_after,
    "falls": _falls,
    "falls_after": _falls_after,
    "jump": partial(_unusual, _jump),
    "prediction": partial(_unusual, _prediction),
    "robust_z": partial(_unusual, _robust_z),
    "trailing": _trailing,
}
