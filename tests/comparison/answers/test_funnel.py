import pytest

from comparison.answers.funnel import Adjustment, funnel
from comparison.methods.limits import INNER, exact_limits
from domain.dictionary import IntervalMethod
from domain.refusals import QueryInvalid
from tests.comparison.small_release import OVERDOSES, PERSONS, ask, measure, one_month, release, rows

ALIKE = {"a": (20, 1000), "b": (30, 1500), "c": (39, 2000), "d": (11, 500)}
UNLIKE = {"a": (20, 1000), "b": (90, 1500), "c": (39, 2000), "d": (2, 500), "e": (100, 4000), "f": (3, 900)}


def answer(view, adjustment=Adjustment.MULTIPLICATIVE, **asked):
    return funnel(ask(view, **{"period": "2026-01", **asked}), adjustment)


def points(found):
    return {point.rate.unit: point for point in found.points}


def test_units_that_are_alike_lie_within_exact_limits():
    found = answer(release(*one_month(**ALIKE)))
    assert (found.target.numerator, found.target.value) == (100, 20)
    assert not found.dispersion.found
    assert {point.position for point in found.points} == {"within"}
    low, high = exact_limits(IntervalMethod.POISSON, 0.02, 1000, INNER)
    assert points(found)["a"].limits_95 == pytest.approx((1000 * low, 1000 * high))


def test_a_unit_far_away_is_outside():
    found = answer(release(*one_month(**ALIKE, far=(1, 1500))), Adjustment.NONE)
    assert points(found)["far"].position == "below_99_8"
    assert points(found)["a"].position == "within"


def test_limits_are_moved_away_where_units_vary_by_more_than_chance():
    view = release(*one_month(**UNLIKE))
    plain, by_phi, by_tau = (answer(view, Adjustment(of)) for of in ("none", "multiplicative", "additive"))
    assert plain.dispersion.found and not plain.adjusted and by_phi.adjusted and by_tau.adjusted
    assert by_phi.content["over_dispersion"]["phi"] > 1
    for unit in UNLIKE:
        low, high = points(plain)[unit].limits_95
        for wider in (points(by_phi)[unit].limits_95, points(by_tau)[unit].limits_95):
            assert wider[0] <= low and wider[1] > high
            assert wider[0] >= 0
    assert points(plain)["b"].position == "above_99_8"


def test_a_hidden_unit_has_no_part_in_the_target_and_its_place_only_where_it_is_certain():
    found = answer(release(*one_month(**ALIKE, low=("0-3", 1500), somewhere=("0-60", 1500), unknown=(5, "20-900"))))
    assert found.target.numerator == 100
    assert points(found)["low"].position == "below_99_8"
    assert points(found)["low"].rate.bounds == (0, 2)
    assert points(found)["somewhere"].position == "withheld"
    assert (points(found)["unknown"].position, points(found)["unknown"].limits_95) == ("withheld", None)


def test_an_open_bound_leaves_the_place_open():
    found = answer(release(*one_month(**ALIKE, x=("0-", 1500))))
    assert points(found)["x"].position == "withheld"


@pytest.mark.parametrize("counts", [{"a": (20, 1000), "b": (30, 1500)}, {"a": (0, 10), "b": (0, 10), "c": (0, 10)}])
def test_without_three_units_and_an_event_there_are_no_limits(counts):
    found = answer(release(*one_month(**counts)))
    assert (found.target, found.dispersion) == (None, None)
    assert {point.position for point in found.points} == {"withheld"}


def test_what_cannot_be_compared_has_no_target():
    cells, sites = one_month(**ALIKE)
    found = answer(release(cells, sites, d={"visit_basis": "all"}))
    assert (found.comparability.status, found.target) == ("refused", None)
    assert [point.limits_95 for point in found.points] == [None] * 4


def test_persons_over_sites_are_no_target():
    cells, sites = one_month(**ALIKE)
    persons = [row for unit in ALIKE for row in rows({"2026-01": "200"}, unit, PERSONS)]
    with pytest.raises(QueryInvalid) as caught:
        answer(release(cells + persons, sites), of=measure(OVERDOSES, PERSONS, must=()))
    assert "heterogeneity" in caught.value.items[0].detail


def test_a_measure_without_a_distribution_has_no_limits():
    with pytest.raises(QueryInvalid) as caught:
        answer(release(*one_month(**ALIKE)), of=measure(interval="none"))
    assert caught.value.items[0].code == "no_interval"


def test_limits_of_a_share_end_at_the_whole():
    counts = {"a": (97, 100), "b": (96, 100), "c": (60, 100), "d": (99, 100), "e": (100, 100)}
    of = measure(factor=1, interval="binomial")
    found = answer(release(*one_month(**counts)), of=of)
    assert found.adjusted
    assert all(0 <= point.limits_99_8[0] and point.limits_99_8[1] <= 1 for point in found.points)
