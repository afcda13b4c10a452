from math import log

import pytest

from comparison.answers.zero_events import upper_limit, zero_events
from domain.refusals import QueryInvalid
from tests.comparison.small_release import OVERDOSES, PERSONS, ask, measure, one_month, release, rows


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
