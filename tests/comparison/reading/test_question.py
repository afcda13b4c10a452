import pytest

from comparison.answers.rates import rates
from domain.dictionary import Level
from domain.load_dictionary import shipped_dictionaries
from domain.refusals import QueryInvalid
from tests.comparison.small_release import ask, one_month, release, site

SHIPPED = shipped_dictionaries()["2026.1"]


def refused(by=Level.SITE, period="2026-01", measure="od_per_100_participant_months"):
    view = release(*one_month(a=(20, 1000)))
    with pytest.raises(QueryInvalid) as caught:
        rates(ask(view, period, by, SHIPPED.measures_by_id[measure], dictionary=SHIPPED))
    return caught.value.items


@pytest.mark.parametrize("by, period", [(Level.SITE, "2026-Q1"), (Level.CITY, "2026-01"), (Level.ALL, "2026-01")])
def test_a_sum_of_persons_is_refused_with_what_there_is_in_its_place(by, period):
    (item,) = refused(by, period)
    assert item.code == "not_additive"
    assert "/v1/comparisons/persons?indicator=participants_unique gives bounds" in item.detail
    assert "participants_quarter or participants_year" in item.detail


def test_persons_that_no_operator_counts_over_longer_have_bounds_alone():
    details = [item.detail for item in refused(period="2026-Q1", measure="connected_share")]
    assert len(details) == 2
    assert any("indicator=participants_connected gives bounds." in detail for detail in details)


def test_days_have_no_bounds_of_persons():
    (item,) = refused(Level.CITY, measure="visits_per_day")
    assert "persons" not in item.detail


def test_named_units_alone_are_answered_and_judged():
    cells, sites = one_month(a=(20, 1000), b=(30, 1000), c=(9, 100))
    view = release(cells, sites, c={"visit_basis": "all"})
    assert rates(ask(view, "2026-01")).comparability.status == "refused"
    named = rates(ask(view, "2026-01", only=("b", "a")))
    assert [row.unit for row in named.rows] == ["a", "b"]
    assert named.comparability.status == "comparable"


def test_a_unit_is_one_of_its_level():
    view = release(*one_month(a=(20, 1000)))
    assert ask(view, by=Level.CITY, only=("here",)).places.units == ("here",)
    with pytest.raises(QueryInvalid):
        ask(view, by=Level.CITY, only=("a",))


def test_a_site_without_counts_can_be_named_and_has_no_row():
    cells, sites = one_month(a=(20, 1000))
    view = release(cells, (*sites, site("quiet")))
    assert rates(ask(view, "2026-01", only=("quiet",))).rows == ()
