import pytest

from comparison.answers.ratios import Contrast, ratios
from domain.dictionary import Level
from domain.refusals import QueryInvalid
from tests.comparison.small_release import (
    NALOXONE,
    OVERDOSES,
    PERSONS,
    ask,
    measure,
    one_month,
    release,
    rows,
    site,
    table,
)

SHARE = measure(NALOXONE, OVERDOSES, factor=1, interval="binomial", must=())


def answer(view, contrast=Contrast.PAIRS, **asked):
    return ratios(ask(view, **{"period": "2026-01", **asked}), contrast)


def test_every_pair_is_given_once_with_its_exact_interval():
    found = answer(release(*one_month(a=(20, 1000), b=(40, 1000), c=(30, 3000))))
    assert [(row.unit, row.reference) for row in found.rows] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [row.value for row in found.rows] == [0.5, 2, 4]
    for row in found.rows:
        assert row.interval[0] < row.value < row.interval[1]
        assert row.status == "given"


def test_the_p_values_are_adjusted_for_their_number():
    content = answer(release(*one_month(a=(20, 1000), b=(40, 1000), c=(30, 3000)))).content
    assert content["adjustment"] == {"method": "Holm", "comparisons": 3}
    assert (content["statistic"], content["method"]) == ("rate_ratio", "exact conditional binomial, 95 %")
    smallest = min(content["rows"], key=lambda row: row["p_value"])
    assert smallest["p_adjusted"] == pytest.approx(3 * smallest["p_value"])
    assert all(row["p_adjusted"] >= row["p_value"] for row in content["rows"])


def test_a_pair_that_counts_visits_differently_gets_no_ratio_and_the_others_do():
    cells, sites = one_month(a=(20, 1000), b=(40, 1000), c=(30, 3000))
    found = answer(release(cells, sites, c={"visit_basis": "all"}))
    refused = [row for row in found.rows if row.status == "refused"]
    assert [(row.unit, row.reference) for row in refused] == [("a", "c"), ("b", "c")]
    for row in refused:
        assert (row.value, row.interval, row.p_value, row.bounds) == (None, None, None, None)
        assert [reason.code for reason in row.comparability.reasons] == ["visit_basis_differs"]
    assert found.rows[0].value == 0.5
    assert found.comparability.status == "caution"
    assert found.content["adjustment"]["comparisons"] == 1


def test_where_every_pair_is_refused_so_is_the_whole():
    cells, sites = one_month(a=(20, 1000), b=(40, 1000))
    assert answer(release(cells, sites, b={"visit_basis": "all"})).comparability.status == "refused"


@pytest.mark.parametrize(
    "a, b, bounds",
    [
        ((20, 1000), ("2-10", 1000), (2, 10)),
        (("2-10", 1000), (20, 1000), (0.1, 0.5)),
        (("0-10", 1000), ("0-10", 1000), (0, None)),
        (("3-", 1000), (20, 1000), (0.15, None)),
    ],
)
def test_where_a_count_is_hidden_the_ratio_is_withheld_and_lies_between_bounds(a, b, bounds):
    (row,) = answer(release(*one_month(a=a, b=b))).rows
    assert (row.status, row.value, row.p_value) == ("withheld", None, None)
    assert row.bounds == pytest.approx(bounds)


def test_a_pair_without_a_rate_has_neither_ratio_nor_bounds():
    (row,) = answer(release(*one_month(a=(0, 0), b=(40, 1000)))).rows
    assert (row.status, row.value, row.bounds, row.warnings) == ("withheld", None, None, ("no_exposure",))


def test_against_no_events_the_ratio_is_open():
    (row,) = answer(release(*one_month(a=(8, 1000), b=(0, 1000)))).rows
    assert (row.status, row.value, row.interval[1]) == ("given", None, None)
    assert row.interval[0] > 1


def share_cells(**counts):
    return [
        row
        for unit, (naloxone, overdoses) in counts.items()
        for row in rows({"2026-01": str(naloxone)}, unit, NALOXONE) + rows({"2026-01": str(overdoses)}, unit, OVERDOSES)
    ]


def test_shares_are_compared_by_their_odds():
    found = answer(release(share_cells(a=(20, 100), b=(30, 100)), (site("a"), site("b"))), of=SHARE)
    assert found.content["statistic"] == "odds_ratio"
    assert found.rows[0].value == pytest.approx(0.584912, abs=1e-6)


def test_hidden_shares_have_bounds_of_their_odds():
    found = answer(release(share_cells(a=("10-20", 100), b=(50, 100)), (site("a"), site("b"))), of=SHARE)
    assert found.rows[0].bounds == pytest.approx((10 / 90, 20 / 80))


def test_a_share_that_may_be_the_whole_has_open_odds():
    found = answer(release(share_cells(a=("10-20", 20), b=(50, 100)), (site("a"), site("b"))), of=SHARE)
    assert found.rows[0].bounds == pytest.approx((1, None))


def test_a_measure_without_an_interval_has_a_ratio_alone():
    found = answer(release(*one_month(a=(20, 1000), b=(40, 1000))), of=measure(interval="none"))
    assert (found.rows[0].value, found.rows[0].interval, found.rows[0].p_adjusted) == (0.5, None, None)


def test_each_against_the_rest_leaves_itself_out_and_names_who_is_hidden():
    view = release(*one_month(a=(20, 1000), b=(40, 1000), c=(30, 3000), d=("0-10", 500)))
    found = answer(view, Contrast.REST)
    assert [(row.unit, row.reference) for row in found.rows] == [("a", "rest"), ("b", "rest"), ("c", "rest")]
    assert found.rows[0].value == pytest.approx((20 / 1000) / (70 / 4000))
    assert found.left_out == ("d",)


def test_against_the_rest_nothing_is_given_where_one_counts_otherwise():
    cells, sites = one_month(a=(20, 1000), b=(40, 1000), c=(30, 3000))
    found = answer(release(cells, sites, c={"visit_basis": "all"}), Contrast.REST)
    assert found.comparability.status == "refused"
    assert {row.status for row in found.rows} == {"refused"}


def test_alone_there_is_no_rest():
    assert answer(release(*one_month(a=(20, 1000))), Contrast.REST).rows == ()


def test_units_can_be_named():
    view = release(*one_month(a=(20, 1000), b=(40, 1000), c=(30, 3000)))
    assert [(row.unit, row.reference) for row in answer(view, only=("c", "a")).rows] == [("a", "c")]


def test_a_unit_that_is_not_there_is_refused():
    with pytest.raises(QueryInvalid) as caught:
        answer(release(*one_month(a=(20, 1000))), only=("a", "zoo"))
    assert [(item.pointer, item.code) for item in caught.value.items] == [("/query/unit", "unknown")]
    assert "zoo" in caught.value.items[0].detail


def test_more_pairs_than_can_be_read_are_refused_with_what_to_do():
    view = release(*one_month(**{f"s{n:03}": (20, 1000) for n in range(41)}))
    with pytest.raises(QueryInvalid) as caught:
        answer(view)
    assert "contrast=rest" in caught.value.items[0].detail
    assert len(answer(view, Contrast.REST).rows) == 41


def test_persons_are_compared_pair_by_pair_and_never_added_up_to_a_rest():
    cells, sites = one_month(a=(20, 1000), b=(40, 1000))
    persons = rows({"2026-01": "200"}, "a", PERSONS) + rows({"2026-01": "100"}, "b", PERSONS)
    view, of = release(cells + persons, sites), measure(OVERDOSES, PERSONS, factor=100, must=())
    assert answer(view, of=of).rows[0].value == 0.25
    with pytest.raises(QueryInvalid) as caught:
        answer(view, Contrast.REST, of=of)
    assert caught.value.items[0].code == "not_additive"


def test_of_all_sites_together_there_is_no_pair():
    cells, sites = one_month(a=(20, 1000), b=(40, 1000))
    total = table({"2026-01": "60"}, {"2026-01": "2000"}, "all", Level.ALL)
    assert answer(release(cells + total, sites), by=Level.ALL).rows == ()
