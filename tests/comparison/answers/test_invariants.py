"""What holds for every release: sums agree at every level, what is said of hidden counts is true of the real ones."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from comparison.answers.funnel import Adjustment, funnel
from comparison.answers.rates import rates
from comparison.answers.ratios import Contrast, ratios
from comparison.answers.trends import trends
from comparison.answers.zero_events import upper_limit, zero_events
from comparison.methods.limits import position
from comparison.methods.ratio_tests import rate_ratio
from domain.dictionary import Level
from domain.periods import Month, MonthRange, PeriodKind, Year
from tests.comparison.small_release import OVERDOSES, VISITS, ask, measure, one_month, release, row, site

SITES = (site("a"), site("b"), site("c", city="there"))
MONTHS = list(MonthRange.parse("2026"))
UNITS = {
    Level.SITE: {"a": "a", "b": "b", "c": "c"},
    Level.CITY: {"a": "here", "b": "here", "c": "there"},
    Level.ALL: dict.fromkeys("abc", "all"),
}
COUNTS = st.integers(0, 60)
TRUTHS = st.fixed_dictionaries({unit: st.tuples(st.integers(0, 40), st.integers(20, 900)) for unit in "abcd"})


def whole_release(truth):
    """All rows of every level and period, published, from the counts of (site, month)."""
    periods = [*MONTHS, *dict.fromkeys(month.quarter for month in MONTHS), Year(2026)]
    cells = []
    for (level, unit_of), period, indicator in product(UNITS.items(), periods, (OVERDOSES, VISITS)):
        for unit in dict.fromkeys(unit_of.values()):
            members = [name for name in unit_of if unit_of[name] == unit]
            total = sum(truth[name, month][indicator] for name in members for month in period.months)
            cells.append(row(str(period), str(total), unit, indicator, level))
    return release(cells, SITES)


@st.composite
def truths(draw):
    cells = list(product("abc", MONTHS))
    drawn = draw(st.lists(st.tuples(COUNTS, COUNTS), min_size=len(cells), max_size=len(cells)))
    return {cell: {OVERDOSES: a, VISITS: 100 + n} for cell, (a, n) in zip(cells, drawn, strict=True)}


@settings(max_examples=25, deadline=None)
@given(truths(), st.integers(1, 12), st.integers(1, 12))
def test_counts_that_add_up_agree_at_every_level_over_any_months(truth, one, other):
    period = MonthRange(Month(2026, min(one, other)), Month(2026, max(one, other)))
    view = whole_release(truth)
    by_level = {level: rates(ask(view, str(period), by=level)) for level in Level}
    for side, indicator in (("numerator", OVERDOSES), ("denominator", VISITS)):
        real = sum(truth[name, month][indicator] for name in "abc" for month in period)
        for answer in by_level.values():
            assert sum(getattr(found, side) for found in answer.rows) == real == getattr(answer.pooled, side)


@settings(max_examples=8, deadline=None)
@given(truths(), st.sampled_from(PeriodKind))
def test_the_points_of_a_series_add_up_to_the_period(truth, step):
    for found in trends(ask(whole_release(truth), "2026"), step).rows:
        real = sum(truth[found.unit, month][OVERDOSES] for month in MONTHS)
        assert sum(rate.numerator for rate in found.rates) == real


@st.composite
def hidden(draw):
    """True counts of four sites, and a release in which some are hidden within bounds that contain them."""
    truth = draw(TRUTHS)
    shown = {unit: tuple(_cell(draw, count) for count in counts) for unit, counts in truth.items()}
    return truth, release(*one_month(**shown))


def _cell(draw, count):
    low, high = max(0, count - draw(st.integers(0, 12))), count + draw(st.integers(0, 12))
    return draw(st.sampled_from([str(count), str(count), f"{low}-{high}", f"{low}-"]))


def within(bounds, value):
    low, high = bounds
    return low <= value * (1 + 1e-12) and (high is None or value <= high * (1 + 1e-12))


def rate(counts):
    return 1000 * counts[0] / counts[1]


@settings(max_examples=40, deadline=None)
@given(hidden())
def test_the_bounds_of_a_ratio_contain_that_of_the_true_counts(drawn):
    truth, view = drawn
    for found in ratios(ask(view, "2026-01"), Contrast.PAIRS).rows:
        first, second = truth[found.unit], truth[found.reference]
        if found.status == "given":
            assert found.value == rate_ratio(first, second).value
        elif found.bounds and second[0]:
            assert within(found.bounds, rate(first) / rate(second))


@settings(max_examples=40, deadline=None)
@given(hidden())
def test_the_place_of_a_hidden_unit_in_a_funnel_is_that_of_its_true_rate(drawn):
    truth, view = drawn
    for point in funnel(ask(view, "2026-01"), Adjustment.MULTIPLICATIVE).points:
        if point.position != "withheld":
            real = rate(truth[point.rate.unit])
            assert point.position == position(real, point.limits_95, point.limits_99_8)


@settings(max_examples=40, deadline=None)
@given(hidden())
def test_the_limit_of_hidden_events_is_no_lower_than_that_of_the_true_ones(drawn):
    truth, view = drawn
    for found in zero_events(ask(view, "2026-01")).rows:
        if found.upper:
            assert found.upper.value >= upper_limit(measure(), *truth[found.rate.unit]).value * (1 - 1e-12)


@settings(max_examples=40, deadline=None)
@given(hidden())
def test_the_bounds_of_all_contain_the_rate_of_all(drawn):
    truth, view = drawn
    pooled = rates(ask(view, "2026-01")).pooled
    if pooled and pooled.bounds:
        everything = [sum(counts[side] for counts in truth.values()) for side in (0, 1)]
        assert within(pooled.bounds, rate(everything))
    if pooled:
        assert bool(pooled.left_out) == (pooled.bounds is not None)
