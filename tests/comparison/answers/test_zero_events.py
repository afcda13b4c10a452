from math import log

import pytest

from comparison.answers.zero_events import upper_limit, zero_events
from domain.dictionary import Level
from domain.load_dictionary import shipped_dictionaries
from domain.refusals import QueryInvalid
from tests.comparison.small_release import OVERDOSES, PERSONS, VISITS, ask, measure, one_month, release, rows, site


def answer(view, **asked):
    return zero_events(ask(view, **{"period": "2026-01", **asked}))


def test_none_in_so_many_is_about_three_over_so_many():
    (row,) = answer(release(*one_month(a=(0, 14210)))).rows
    assert row.is_zero
    assert row.upper.value == pytest.approx(1000 * -log(0.05) / 14210, rel=1e-12)
    assert row.upper.one_in == pytest.approx(14210 / -log(0.05))


def test_the_sentence_never_says_there_is_no_risk():
    statement = answer(release(*one_month(a=(0, 14210)))).rows[0].upper.statement
    assert "none in 14,210" in statement and "one in 4,743" in statement
    assert "can't be ruled out" in statement and "not the absence of risk" in statement


def test_more_exposure_rules_out_more():
    a, b = answer(release(*one_month(a=(0, 1000), b=(0, 9000)))).rows
    assert a.upper.value > b.upper.value > 0


def test_events_that_were_seen_have_a_limit_above_their_rate():
    (row,) = answer(release(*one_month(a=(3, 1000)))).rows
    assert not row.is_zero
    assert row.upper.value > row.rate.value == 3


def test_hidden_events_have_the_limit_of_as_many_as_there_may_be():
    view = release(*one_month(hidden=("0-10", 1000), known=(10, 1000)))
    hidden, known = answer(view).rows
    assert (hidden.is_zero, hidden.rate.bounds) == (False, (0, 10))
    assert hidden.upper.value == known.upper.value
    assert "at most 10" in hidden.upper.statement


def test_hidden_exposure_is_taken_at_its_least():
    least, known = answer(release(*one_month(a=(0, "400-900"), b=(0, 400)))).rows
    assert least.upper.value == known.upper.value


@pytest.mark.parametrize("counts", [("0-", 1000), (0, "0-900"), (0, 0)])
def test_where_nothing_bounds_the_rate_there_is_no_limit(counts):
    assert answer(release(*one_month(a=counts))).rows[0].upper is None


def test_none_at_several_sites_is_none_in_all_of_them():
    found = answer(release(*one_month(a=(0, 1000), b=(0, 9000), c=("0-10", 500))))
    assert found.pooled.value == pytest.approx(1000 * -log(0.05) / 10000)
    assert found.left_out == ("c",)


def test_what_cannot_be_compared_is_not_added_up():
    cells, sites = one_month(a=(0, 1000), b=(0, 9000))
    assert answer(release(cells, sites, b={"visit_basis": "all"})).pooled is None


def test_persons_of_several_sites_are_not_added_up_either():
    cells, sites = one_month(a=(0, 1000), b=(0, 1000))
    persons = rows({"2026-01": "200"}, "a", PERSONS) + rows({"2026-01": "100"}, "b", PERSONS)
    found = answer(release(cells + persons, sites), of=measure(OVERDOSES, PERSONS, must=()))
    assert [row.is_zero for row in found.rows] == [True, True]
    assert found.pooled is None


def test_a_share_of_none_has_its_exact_limit_and_one_of_all_is_open_to_the_whole():
    of = measure(factor=1, interval="binomial")
    assert upper_limit(of, 0, 40).value == pytest.approx(1 - 0.05 ** (1 / 40))
    assert upper_limit(of, 40, 40).value == 1


def test_a_rate_above_one_is_not_one_in_anything():
    assert "one in" not in upper_limit(measure(factor=1), 900, 40).statement


def test_a_measure_without_a_distribution_has_no_limit():
    with pytest.raises(QueryInvalid):
        answer(release(*one_month(a=(0, 1000))), of=measure(interval="none"))


DEATHS = "deaths_overdose_onsite"
SHIPPED = shipped_dictionaries()["2026.1"]
PER_VISITS = SHIPPED.measures_by_id["deaths_per_100000_visits"]
EVERY_MONTH = {f"2025-{number:02}": "100" for number in range(1, 13)}


def by_the_year(unit="a", deaths="0", visits=EVERY_MONTH, level=Level.SITE):
    """Visits of every month, and deaths of the year alone."""
    return rows(visits, unit, VISITS, level) + rows({"2025": deaths}, unit, DEATHS, level)


def of_2025(view, period="2025", by=Level.SITE):
    return zero_events(ask(view, period, by, PER_VISITS, dictionary=SHIPPED))


def test_deaths_that_are_published_by_the_year_have_the_limit_of_the_year():
    (row,) = of_2025(release(by_the_year())).rows
    assert (row.is_zero, row.rate.numerator, row.rate.denominator) == (True, 0, 1200)
    assert row.upper.value == upper_limit(PER_VISITS, 0, 1200).value
    assert (row.rate.months_contributing, row.rate.months_expected, row.rate.warnings) == (12, 12, ())


def test_deaths_of_the_year_stand_beside_those_of_the_months_at_another_site():
    monthly = rows(EVERY_MONTH, "b", VISITS) + rows(dict.fromkeys(EVERY_MONTH, "0"), "b", DEATHS)
    found = of_2025(release(by_the_year() + monthly, (site("a"), site("b"))))
    assert [(row.rate.unit, row.rate.months_contributing) for row in found.rows] == [("a", 12), ("b", 12)]
    assert found.pooled.value == upper_limit(PER_VISITS, 0, 2400).value


@pytest.mark.parametrize("period", ["2025-01..2025-11", "2025-07..2026-06", "2025-Q4"])
def test_deaths_of_a_year_say_nothing_of_a_part_of_it(period):
    assert of_2025(release(by_the_year()), period).rows == ()


def test_deaths_of_one_year_are_not_set_beside_the_visits_of_more():
    (row,) = of_2025(release(by_the_year(visits={**EVERY_MONTH, "2026-01": "100"})), "2025-01..2026-01").rows
    assert (row.rate.warnings, row.upper) == (("different_coverage",), None)


def test_a_month_without_a_report_is_not_one_of_those_behind_the_deaths_of_its_year():
    visits = {month: count for month, count in EVERY_MONTH.items() if month != "2025-08"}
    found = of_2025(release(by_the_year(visits=visits)))
    (row,) = found.rows
    assert (row.rate.months_contributing, row.rate.months_expected, row.is_zero) == (11, 12, True)
    assert [reason.code for reason in found.comparability.reasons] == ["incomplete"]


def test_visits_that_were_not_counted_in_a_month_are_not_those_of_the_year():
    (row,) = of_2025(release(by_the_year(visits={**EVERY_MONTH, "2025-08": "-"}))).rows
    assert (row.rate.warnings, row.upper) == (("different_coverage",), None)


@pytest.mark.parametrize("level, unit", [(Level.CITY, "here"), (Level.ALL, "all")])
def test_deaths_that_only_a_city_or_all_together_tell_by_the_year_are_those_of_all_their_sites(level, unit):
    visits = rows(EVERY_MONTH, "a", VISITS) + rows(EVERY_MONTH, "b", VISITS)
    together = by_the_year(unit, "0", dict.fromkeys(EVERY_MONTH, "200"), level)
    (row,) = of_2025(release(visits + together, (site("a"), site("b"))), by=level).rows
    assert (row.rate.denominator, row.rate.months_contributing, row.rate.warnings) == (2400, 24, ())


def test_how_the_months_of_a_year_were_counted_is_judged_as_well():
    sites = (site("a"), site("b"))
    view = release(by_the_year() + by_the_year("b"), sites, b={"visit_basis": "all"})
    assert of_2025(view).comparability.status == "refused"
