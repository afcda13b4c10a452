import pytest

from comparison.answers.pairs import compare_pairs
from comparison.reading.gate import DISAGREEMENTS
from domain.refusals import QueryInvalid
from tests.comparison.small_release import ask, measure, one_month, release

THREE = {"a": (20, 1000), "b": (30, 1500), "c": (40, 2000)}


def answer(*, counts=None, of=None, **about):
    cells, sites = one_month(**(counts or THREE))
    return compare_pairs(ask(release(cells, sites, **about), "2026-01", of=of))


def test_every_pair_has_its_own_verdict_and_reasons():
    found = answer(c={"visit_basis": "all"})
    assert [(pair.units, pair.comparability.status) for pair in found.pairs] == [
        (("a", "b"), "comparable"),
        (("a", "c"), "refused"),
        (("b", "c"), "refused"),
    ]
    assert found.comparability.status == "refused"
    assert [unit.comparability.status for unit in found.units] == ["comparable"] * 3


def test_a_pair_says_in_what_it_agrees_and_differs_whether_the_measure_asks_or_not():
    (pair, *_) = answer(b={"ems_policy": "other", "unique_method": "unknown"}).pairs
    assert pair.comparability.status == "comparable"
    assert pair.differs == ("ems_policy", "unique_method")
    assert set(pair.agrees) | set(pair.differs) == set(DISAGREEMENTS)


def test_what_should_agree_is_a_caution():
    found = answer(b={"ems_policy": "other"}, of=measure(should=("ems_policy",)))
    assert found.pairs[0].comparability.status == "caution"


def test_the_content_is_flat():
    content = answer(c={"visit_basis": "all"}).content
    assert content["must_agree"] == ["visit_basis"]
    assert content["pairs"][1]["status"] == "refused"
    assert content["pairs"][1]["reasons"][0]["code"] == "visit_basis_differs"
    assert set(content["pairs"][0]) == {"units", "status", "reasons", "agrees", "differs"}
    assert set(content["units"][0]) == {"unit", "status", "reasons"}


def test_more_pairs_than_can_be_read_are_refused():
    with pytest.raises(QueryInvalid) as caught:
        answer(counts={f"s{n:03}": (20, 1000) for n in range(101)})
    assert caught.value.items[0].code == "too_many"
