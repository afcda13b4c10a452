from dataclasses import replace

import pytest

from comparison.answers.standardized import Way, standardizable, standardized
from comparison.methods.standardization import Stratum, direct, expected_events, indirect
from comparison.reading.question import Question
from domain.dictionary import Level
from domain.load_dictionary import shipped_dictionaries
from domain.periods import MonthRange
from domain.refusals import QueryInvalid
from domain.release import Observation
from tests.comparison.small_release import release, site

SHIPPED = shipped_dictionaries()["2026.1"]
PER_EPISODE = SHIPPED.measures_by_id["od_per_1000_episodes"]
ROUTES = SHIPPED.by_id["overdose_events"].codes("route")
SITES = (site("a"), site("b"))

# (overdoses, episodes) by route: a smokes, b injects; the rates by route are the same.
A = {"inject": (20, 1000), "smoke": (15, 3000)}
B = {"inject": (60, 3000), "smoke": (5, 1000)}


def cells(unit, by_route, month="2026-01"):
    by_route = {route: by_route.get(route, (0, 0)) for route in ROUTES}
    for place, indicator in enumerate(("overdose_events", "consumption_episodes")):
        counts = {route: pair[place] for route, pair in by_route.items()}
        shown = None if None in counts.values() else sum(counts.values())
        yield observation(
            unit, month, indicator, "", "", sum(filter(None, counts.values())) if shown is None else shown
        )
        for route, count in counts.items():
            yield observation(unit, month, indicator, "route", route, count)


def observation(unit, month, indicator, breakdown, category, count):
    hidden = {"value": None, "value_status": "suppressed", "lower": 0, "upper": 10}
    told = hidden if count is None else {"value": count, "value_status": "published"}
    return Observation("site", unit, "here", "", month, indicator, breakdown, category, **told)


def answer(way=Way.DIRECT, breakdown="route", measure=PER_EPISODE, sites=SITES, about=None, **units):
    rows = [cell for unit, by_route in units.items() for cell in cells(unit, by_route)]
    asked = MonthRange.parse("2026-01")
    view = release(rows, sites, **(about or {}))
    return standardized(Question(measure, Level.SITE, asked, view, SHIPPED), breakdown, way)


def test_the_same_rates_in_another_mix_become_the_same():
    found = answer(a=A, b=B)
    assert [round(row.rate.value, 2) for row in found.rows] == [8.75, 16.25]
    assert [row.value for row in found.rows] == pytest.approx([12.5, 12.5])
    for row in found.rows:
        assert row.interval[0] < row.value < row.interval[1]


def test_indirectly_events_stand_beside_those_expected():
    found = answer(Way.INDIRECT, a=A, b=B)
    assert [row.expected for row in found.rows] == pytest.approx([35, 65])
    assert [row.ratio for row in found.rows] == pytest.approx([1, 1])
    assert [row.value for row in found.rows] == pytest.approx([12.5, 12.5])
    assert found.rows[0].ratio_interval[0] < 1 < found.rows[0].ratio_interval[1]


def test_the_standard_are_all_units_together():
    standard = {of["category"]: (of["numerator"], of["denominator"]) for of in answer(a=A, b=B).content["standard"]}
    assert (standard["inject"], standard["smoke"], standard["oral"]) == ((80, 4000), (20, 4000), (0, 0))


@pytest.mark.parametrize("way", Way)
def test_a_hidden_stratum_refuses_its_unit_alone_and_has_no_part_in_the_standard(way):
    found = answer(way, a=A, b=B, c={**A, "oral": (None, 20)}, sites=(*SITES, site("c")))
    assert found.rows[2].value is None
    assert found.rows[2].warnings == ("hidden_stratum",)
    assert [row.value for row in found.rows[:2]] == pytest.approx([12.5, 12.5])


def test_a_stratum_that_a_unit_does_not_have_cannot_be_weighted_and_can_be_expected():
    only_smoke = {"smoke": (15, 3000)}
    direct_row, indirect_row = (answer(way, a=only_smoke, b=B).rows[0] for way in Way)
    assert (direct_row.value, direct_row.warnings) == (None, ("empty_stratum",))
    assert indirect_row.ratio == pytest.approx(1)


def test_a_breakdown_that_was_not_given_says_so():
    given = [cell for cell in cells("a", A) if not cell.breakdown] + list(cells("b", B))
    question = Question(PER_EPISODE, Level.SITE, MonthRange.parse("2026-01"), release(given, SITES), SHIPPED)
    found = standardized(question, "route", Way.DIRECT)
    assert (found.rows[0].value, found.rows[0].warnings) == (None, ("missing_stratum",))


def test_what_cannot_be_compared_is_not_standardized():
    found = answer(a=A, b=B, about={"b": {"overdose_definition": "wider"}})
    assert (found.comparability.status, found.content["standard"]) == ("refused", [])
    assert [row.value for row in found.rows] == [None, None]


@pytest.mark.parametrize("measure, breakdown", [("od_per_1000_visits", "route"), ("od_per_1000_episodes", "gender")])
def test_a_breakdown_that_does_not_cut_both_counts_is_refused_with_those_that_do(measure, breakdown):
    with pytest.raises(QueryInvalid) as caught:
        answer(measure=SHIPPED.measures_by_id[measure], breakdown=breakdown, a=A, b=B)
    assert "od_per_1000_episodes by route" in caught.value.items[0].detail


def test_persons_have_no_common_standard():
    per_person = replace(PER_EPISODE, denominator=replace(PER_EPISODE.denominator, indicator="participants_unique"))
    with pytest.raises(QueryInvalid) as caught:
        answer(measure=per_person, a=A, b=B)
    assert caught.value.items[0].code == "not_additive"


def test_only_rates_of_whole_breakdowns_can_be_standardized():
    fit = {measure.id: standardizable(measure, SHIPPED) for measure in SHIPPED.measures}
    assert {name: of for name, of in fit.items() if of} == {"od_per_1000_episodes": ("route",)}


def test_without_events_the_interval_is_that_of_the_worst_stratum():
    found = direct([Stratum(0, 100), Stratum(0, 1000)], [1, 1])
    assert (found.value, found.interval[0]) == (0, 0)
    assert found.interval[1] == pytest.approx(3.6888794541139363 / 200)


def test_one_stratum_has_the_crude_rate_and_garwoods_interval():
    found = direct([Stratum(22, 420)], [5])
    assert (found.value, *found.interval) == pytest.approx((22 / 420, 0.032826863981499074, 0.079305391397917244))


def test_impossible_standards_are_refused():
    with pytest.raises(ValueError):
        direct([Stratum(0, 0)], [1])
    with pytest.raises(ValueError):
        expected_events([Stratum(1, 10)], [Stratum(0, 0)])
    with pytest.raises(ValueError):
        indirect(3, 0)
