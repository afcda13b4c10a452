import pytest

from comparison.answers.heterogeneity import heterogeneity
from comparison.methods.random_effects import random_effects
from domain.dictionary import IntervalMethod
from domain.refusals import QueryInvalid
from tests.comparison.small_release import OVERDOSES, PERSONS, ask, measure, one_month, release, rows

ALIKE = {"a": (20, 1000), "b": (30, 1500), "c": (40, 2000)}
UNLIKE = {"a": (20, 1000), "b": (90, 1500), "c": (10, 2000), "d": (70, 900)}


def answer(view, **asked):
    return heterogeneity(ask(view, **{"period": "2026-01", **asked}))


def test_units_with_one_rate_do_not_differ():
    pooled = answer(release(*one_month(**ALIKE))).content["pooled"]
    assert (pooled["tau_squared"], pooled["i_squared"]) == (0, 0)
    assert pooled["value"] == pytest.approx(20)
    assert pooled["interval"][0] < 20 < pooled["interval"][1]
    assert pooled["q_p_value"] == pytest.approx(1)


def test_units_that_differ_have_a_wider_prediction_than_mean():
    pooled = answer(release(*one_month(**UNLIKE))).content["pooled"]
    assert pooled["tau_squared"] > 0 and 0.8 < pooled["i_squared"] < 1 and pooled["q_p_value"] < 1e-6
    (low, high), (least, most) = pooled["interval"], pooled["prediction"]
    assert least < low < pooled["value"] < high < most


def test_two_units_have_a_mean_and_no_prediction():
    pooled = answer(release(*one_month(a=(20, 1000), b=(90, 1500)))).content["pooled"]
    assert pooled["prediction"] is None
    assert pooled["value"] > 0


def test_hidden_units_are_left_out_named_and_bounded():
    found = answer(release(*one_month(**UNLIKE, h=("0-10", 800))))
    assert found.left_out == ("h",)
    assert found.pooled.units == 4
    assert found.rows[-1].bounds == (0, 12.5)


@pytest.mark.parametrize("counts", [{"a": (20, 1000)}, {"a": (20, 1000), "b": ("0-10", 90)}])
def test_one_unit_has_no_heterogeneity(counts):
    assert answer(release(*one_month(**counts))).content["pooled"] is None


def test_what_cannot_be_compared_is_not_pooled():
    cells, sites = one_month(**UNLIKE)
    found = answer(release(cells, sites, d={"visit_basis": "all"}))
    assert (found.comparability.status, found.pooled) == ("refused", None)


def test_a_month_of_persons_may_be_asked_for_as_nothing_is_added_up():
    cells, sites = one_month(**UNLIKE)
    persons = [row for unit in UNLIKE for row in rows({"2026-01": "200"}, unit, PERSONS)]
    assert answer(release(cells + persons, sites), of=measure(OVERDOSES, PERSONS, must=())).pooled.units == 4


def test_no_events_at_all_are_no_stumbling_block():
    found = random_effects([(0, 100), (0, 300), (0, 50)], IntervalMethod.POISSON)
    assert 0 < found.value < 0.05


def test_one_unit_alone_is_refused():
    with pytest.raises(ValueError):
        random_effects([(1, 2)], IntervalMethod.POISSON)


def test_a_measure_without_a_distribution_is_refused():
    with pytest.raises(QueryInvalid):
        answer(release(*one_month(**ALIKE)), of=measure(interval="none"))
