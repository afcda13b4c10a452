import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.answers.rates import rates
from comparison.methods.intervals import binomial_interval, poisson_interval
from comparison.reading.question import Question
from domain.dictionary import Level
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month, MonthRange
from domain.refusals import QueryInvalid
from domain.release import Observation
from tests.comparison.small_release import (
    DAYS,
    DICTIONARY,
    NALOXONE,
    OVERDOSES,
    PERSONS,
    VISITS,
    measure,
    release,
    rows,
    site,
    table,
)

SHARE = measure(NALOXONE, OVERDOSES, factor=1, interval="binomial", must=())
PER_PERSON = measure(OVERDOSES, PERSONS, factor=100, must=())


def answer(view, period="2026-01..2026-02", by=Level.SITE, of=None):
    asked = MonthRange.parse(period)
    return rates(Question(of or measure(), by, asked, view, DICTIONARY))


def share_table(naloxone, overdoses):
    return rows({"2026-01": naloxone}, indicator=NALOXONE) + rows({"2026-01": overdoses}, indicator=OVERDOSES)


def only_row(view, **asked):
    (found,) = answer(view, **asked).rows
    return found


TWO_SITES = table({"2026-01": "30", "2026-02": "20"}, {"2026-01": "1000", "2026-02": "1500"}, "b") + table(
    {"2026-01": "10", "2026-02": "2"}, {"2026-01": "400", "2026-02": "600"}, "a"
)
SITES = (site("b"), site("a"))


def test_the_answer_has_exactly_the_published_shape():
    low, high = poisson_interval(12, 1000)
    content = json.loads(json.dumps(answer(release(TWO_SITES, SITES)).content))
    assert list(content) == ["measure", "period", "comparability", "rows", "pooled"]
    assert content["measure"] == {
        "id": "overdose_events_by_visits_consumption",
        "label": "A measure",
        "factor": 1000,
        "interval_method": "exact Poisson (Garwood), 95 %",
    }
    assert content["period"] == "2026-01..2026-02"
    assert content["comparability"] == {"status": "comparable", "reasons": []}
    assert content["rows"][0] == {
        "unit": "a",
        "level": "site",
        "numerator": 12,
        "denominator": 1000,
        "value": 12.0,
        "interval": [1000 * low, 1000 * high],
        "stability": "unstable",
        "bounds": None,
        "months_contributing": 2,
        "months_expected": 2,
        "warnings": [],
    }
    low, high = poisson_interval(62, 3500)
    pooled = {"numerator": 62, "denominator": 3500, "value": 62000 / 3500, "interval": [1000 * low, 1000 * high]}
    assert content["pooled"] == {**pooled, "stability": "stable", "left_out": [], "bounds": None}


def test_rows_are_sorted_by_unit():
    assert [row.unit for row in answer(release(TWO_SITES, SITES)).rows] == ["a", "b"]


def test_a_published_zero_has_the_rate_zero_and_an_upper_bound():
    row = only_row(release(table({"2026-01": "0"}, {"2026-01": "1000"})))
    assert (row.value, row.interval[0], row.stability) == (0, 0, "unstable")
    assert row.interval[1] == pytest.approx(3.6889, abs=1e-4)


def test_quarters_are_used_where_they_say_more():
    overdoses = {"2026-01": "0-10", "2026-02": "20", "2026-03": "15", "2026-Q1": "41"}
    visits = {"2026-01": "100", "2026-02": "200", "2026-03": "300"}
    row = only_row(release(table(overdoses, visits)), period="2026-Q1")
    assert (row.numerator, row.denominator, row.stability) == (41, 600, "stable")


def test_a_hidden_numerator_gives_bounds_and_no_value():
    row = only_row(release(table({"2026-01": "2-10"}, {"2026-01": "1000"})))
    assert (row.numerator, row.denominator, row.value, row.interval) == (None, 1000, None, None)
    assert (row.bounds, row.stability) == ((2.0, 10.0), "withheld")


def test_a_hidden_denominator_gives_bounds_and_no_value():
    row = only_row(release(table({"2026-01": "20"}, {"2026-01": "400-1000"})))
    assert (row.numerator, row.denominator, row.value, row.bounds) == (20, None, None, (20.0, 50.0))


@pytest.mark.parametrize(
    "overdoses, visits, bounds",
    [
        ("3-", "1000", (3, None)),
        ("3-10", "200-", (0, 50)),
        ("3-10", "0-100", (30, None)),
        ("0-", "0-", (0, None)),
    ],
)
def test_where_nothing_limits_the_rate_the_upper_bound_is_open(overdoses, visits, bounds):
    assert only_row(release(table({"2026-01": overdoses}, {"2026-01": visits}))).bounds == bounds


@pytest.mark.parametrize(
    "naloxone, overdoses, bounds",
    [("2-10", "20", (0.1, 0.5)), ("2-", "20", (0.1, 1)), ("2-10", "4-8", (0.25, 1)), ("0-10", "0-10", (0, 1))],
)
def test_a_share_is_at_most_one(naloxone, overdoses, bounds):
    assert only_row(release(share_table(naloxone, overdoses)), of=SHARE).bounds == bounds


def test_a_share_has_the_binomial_interval():
    row = only_row(release(share_table("26", "100")), of=SHARE)
    assert (row.value, row.interval) == (0.26, binomial_interval(26, 100))


@pytest.mark.parametrize("naloxone, overdoses", [("21", "20"), ("21-30", "20"), ("21-", "3-20")])
def test_a_numerator_above_its_denominator_is_no_share(naloxone, overdoses):
    row = only_row(release(share_table(naloxone, overdoses)), of=SHARE)
    assert (row.value, row.interval, row.bounds) == (None, None, None)
    assert row.warnings == ("numerator_exceeds_denominator",)


def test_a_rate_may_be_above_one():
    row = only_row(release(table({"2026-01": "21"}, {"2026-01": "20"})), of=measure(factor=1))
    assert (row.value, row.warnings) == (1.05, ())


def test_without_exposure_there_is_no_rate():
    row = only_row(release(table({"2026-01": "0"}, {"2026-01": "0"})))
    assert (row.numerator, row.denominator, row.value, row.bounds) == (0, 0, None, None)
    assert (row.warnings, row.stability) == (("no_exposure",), "withheld")


def test_a_measure_without_an_interval_has_a_value_all_the_same():
    found = answer(release(TWO_SITES, SITES), of=measure(interval="none"))
    assert [(row.value, row.interval) for row in found.rows] == [(12, None), (20, None)]
    assert (found.pooled.value, found.pooled.interval) == (62000 / 3500, None)
    assert found.content["measure"]["interval_method"] == "none"


def test_counts_of_different_months_are_not_divided():
    row = only_row(release(table({"2026-01": "30"}, {"2026-01": "1000", "2026-02": "1000"})))
    assert (row.numerator, row.denominator, row.value, row.bounds) == (30, 2000, None, None)
    assert (row.warnings, row.months_contributing, row.stability) == (("different_coverage",), 1, "withheld")


def test_counts_of_different_months_have_no_bounds_either():
    row = only_row(release(table({"2026-01": "0-10"}, {"2026-01": "1000", "2026-02": "1000"})))
    assert (row.numerator, row.bounds, row.warnings) == (None, None, ("different_coverage",))


def test_counts_of_different_sites_of_a_city_are_not_divided():
    both = table({"2026-01": "30"}, {"2026-01": "1000"}, "a") + table({"2026-01": "-"}, {"2026-01": "500"}, "b")
    city = table({"2026-01": "30"}, {"2026-01": "1500"}, "here", Level.CITY)
    row = only_row(release(both + city, SITES), by=Level.CITY)
    assert (row.value, row.warnings, row.months_contributing) == (None, ("different_coverage",), 1)


@pytest.mark.parametrize("visits", [{}, {"2026-01": "-"}, {"2026-02": "1000"}])
def test_a_unit_without_both_counts_has_no_row(visits):
    found = answer(release(table({"2026-01": "30"}, visits)))
    assert (found.rows, found.pooled) == ((), None)


def test_months_outside_the_range_do_not_count():
    view = release(table({"2025-12": "99", "2026-01": "30"}, {"2025-12": "99", "2026-01": "1000"}))
    row = only_row(view)
    assert (row.numerator, row.denominator, row.months_contributing) == (30, 1000, 1)


def test_expected_months_are_those_in_which_the_site_was_open():
    view = release(table({"2026-02": "30"}, {"2026-02": "1000"}), (site("a", opened=Month(2026, 2)),))
    found = answer(view, period="2026-01..2026-03")
    assert (found.rows[0].months_contributing, found.rows[0].months_expected) == (1, 2)
    assert [reason.code for reason in found.comparability.reasons] == ["incomplete"]


def test_the_months_of_a_city_are_site_months():
    city = table({"2026-01": "40", "2026-02": "22"}, {"2026-01": "1400", "2026-02": "2100"}, "here", Level.CITY)
    row = only_row(release(TWO_SITES + city, SITES), by=Level.CITY)
    assert (row.unit, row.level, row.numerator) == ("here", "city", 62)
    assert (row.months_contributing, row.months_expected) == (4, 4)


def test_all_sites_together_are_one_row():
    total = table({"2026-01": "40"}, {"2026-01": "1400"}, "all", Level.ALL)
    row = only_row(release(TWO_SITES + total, SITES), by=Level.ALL)
    assert (row.unit, row.numerator, row.months_contributing, row.months_expected) == ("all", 40, 2, 4)


def test_only_rows_with_a_value_are_pooled():
    hidden = table({"2026-01": "0-10"}, {"2026-01": "9000"}, "c")
    found = answer(release(TWO_SITES + hidden, (*SITES, site("c"))), period="2026-01")
    assert (found.pooled.numerator, found.pooled.denominator) == (40, 1400)


def test_nothing_is_pooled_where_no_row_has_a_value():
    assert answer(release(table({"2026-01": "0-10"}, {"2026-01": "1000"}))).pooled is None


def test_nothing_is_pooled_where_the_comparison_is_refused():
    found = answer(release(TWO_SITES, SITES, b={"visit_basis": "all"}))
    assert (found.comparability.status, found.pooled) == ("refused", None)
    assert [row.value for row in found.rows] == [12, 20]


def test_a_caution_still_pools():
    found = answer(release(TWO_SITES, SITES, b={"ems_policy": "other"}), of=measure(should=("ems_policy",)))
    assert found.comparability.status == "caution"
    assert found.pooled is not None


def test_only_contributing_reports_are_compared():
    left_out = table({"2026-02": "-"}, {"2026-02": "900"}, "c")
    view = release(TWO_SITES + left_out, (*SITES, site("c")), c={"visit_basis": "all"})
    assert answer(view).comparability.status == "comparable"


def test_synthetic_rows_say_so():
    view = release(TWO_SITES, (site("a", synthetic=True), site("b", synthetic=True)))
    assert [row.warnings for row in answer(view).rows] == [("synthetic",), ("synthetic",)]


def test_synthetic_and_real_are_never_pooled():
    found = answer(release(TWO_SITES, (site("a", synthetic=True), site("b"))))
    assert (found.comparability.status, found.pooled) == ("refused", None)


def refusal(of, **asked):
    with pytest.raises(QueryInvalid) as caught:
        answer(release(TWO_SITES, SITES), of=of, **asked)
    return caught.value


@pytest.mark.parametrize("of", [PER_PERSON, measure(PERSONS, VISITS)])
def test_persons_are_never_added_up_over_months(of):
    refused = refusal(of)
    assert [(item.pointer, item.code) for item in refused.items] == [("/query/period", "not_additive")]
    assert "one month at a time" in refused.items[0].detail


@pytest.mark.parametrize("level", [Level.CITY, Level.ALL])
def test_persons_are_never_added_up_over_sites(level):
    refused = refusal(PER_PERSON, by=level, period="2026-01")
    assert [item.pointer for item in refused.items] == ["/query/by"]
    assert "by=site" in refused.items[0].detail


def test_every_impossible_sum_is_named_at_once():
    refused = refusal(measure(PERSONS, DAYS), by=Level.CITY)
    assert [(item.pointer, item.detail.split()[0]) for item in refused.items] == [
        ("/query/period", PERSONS),
        ("/query/by", PERSONS),
        ("/query/by", DAYS),
    ]


def test_days_open_add_up_over_months_and_not_over_sites():
    per_day = measure(VISITS, DAYS, factor=1)
    view = release(
        rows({"2026-01": "620", "2026-02": "560"}, indicator=VISITS)
        + rows({"2026-01": "31", "2026-02": "28"}, indicator=DAYS)
    )
    assert only_row(view, of=per_day).value == 20
    assert [item.pointer for item in refusal(per_day, by=Level.CITY).items] == ["/query/by"]


def test_persons_of_one_month_and_site_have_a_rate_that_is_not_pooled():
    persons = rows({"2026-01": "200"}, "a", PERSONS) + rows({"2026-01": "300"}, "b", PERSONS)
    found = answer(release(TWO_SITES + persons, SITES), period="2026-01", of=PER_PERSON)
    assert [row.value for row in found.rows] == [5, 10]
    assert found.pooled is None


SHIPPED = shipped_dictionaries()["2026.1"]


@pytest.mark.parametrize("shipped", SHIPPED.measures, ids=lambda measure: measure.id)
def test_every_shipped_measure_is_answered_for_a_month_and_site(shipped):
    counts = ((shipped.numerator, 3), (shipped.denominator, 60))
    table = [
        Observation(
            "site", "a", "here", "operator", "2026-01", name.indicator, name.breakdown, name.category, n, "published"
        )
        for name, n in counts
    ]
    asked = MonthRange.parse("2026-01")
    found = rates(Question(shipped, Level.SITE, asked, release(table), SHIPPED))
    assert [row.value for row in found.rows] == [shipped.factor * 3 / 60]


@st.composite
def hidden_pairs(draw):
    """True counts of two months, and a table whose bounds contain them."""
    numerators = draw(st.tuples(st.integers(0, 40), st.integers(0, 40)))
    denominators = draw(st.tuples(st.integers(0, 90), st.integers(0, 90)))
    return sum(numerators), sum(denominators), _hidden(draw, numerators), _hidden(draw, denominators)


def _hidden(draw, truths):
    cells = {}
    for month, truth in zip(("2026-01", "2026-02"), truths, strict=True):
        low = max(0, truth - draw(st.integers(0, 12)))
        high = draw(st.one_of(st.just(""), st.integers(truth, truth + 12)))
        cells[month] = draw(st.sampled_from([str(truth), f"{low}-{high}"]))
    return cells


@given(hidden_pairs(), st.sampled_from(["poisson", "binomial", "none"]))
def test_the_bounds_contain_the_rate_of_the_true_counts(drawn, interval):
    numerator, denominator, above, below = drawn
    row = only_row(
        release(table(above, below)), of=measure(factor=1000 if interval != "binomial" else 1, interval=interval)
    )
    if not denominator or (interval == "binomial" and numerator > denominator):
        assert row.value is None
        return
    truth = (1000 if interval != "binomial" else 1) * numerator / denominator
    if row.value is not None:
        assert row.value == truth
    else:
        low, high = row.bounds
        assert low <= truth and (high is None or truth <= high)
