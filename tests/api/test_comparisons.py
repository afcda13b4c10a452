"""The doors of the comparisons: what they take, what they answer, and what they refuse."""

import re
from itertools import product
from math import isfinite

import pytest

from actions.cut_release import cut_release
from comparison.answers.funnel import Adjustment
from comparison.answers.ratios import Contrast
from comparison.answers.standardized import Way
from domain.periods import Month, PeriodKind
from schemas import comparisons as shapes
from tests.builders import MAY, STEWARD, report, submit_and_accept

OD = "measure=od_per_1000_visits&period=2026-04..2026-05"
ASKED = {
    f"rates?{OD}": shapes.RatesSchema,
    f"rates?{OD}&by=city": shapes.RatesSchema,
    f"rates?{OD}&by=all": shapes.RatesSchema,
    f"ratios?{OD}": shapes.RatiosSchema,
    f"ratios?{OD}&contrast=rest&by=city": shapes.RatiosSchema,
    "ratios?measure=ems_share&period=2026-05": shapes.RatiosSchema,
    f"funnel?{OD}&adjustment=additive": shapes.FunnelSchema,
    f"trends?{OD}": shapes.TrendsSchema,
    f"trends?{OD}&by=all": shapes.TrendsSchema,
    "standardized?measure=od_per_1000_episodes&period=2026-05&breakdown=route": shapes.StandardizedSchema,
    f"heterogeneity?{OD}": shapes.HeterogeneitySchema,
    f"zero-events?{OD}": shapes.ZeroEventsSchema,
    "zero-events?measure=deaths_per_100000_visits&period=2026-05": shapes.ZeroEventsSchema,
    f"comparability?{OD}": shapes.ComparabilityAnswerSchema,
    "persons?indicator=participants_connected&period=2026-04..2026-05&by=city": shapes.PersonsSchema,
}
NAMES = sorted({path.partition("?")[0] for path in ASKED})


@pytest.fixture
def released(hub):
    """A release of two months of three sites, one of them with a count that is hidden."""
    for month, days in ((Month(2026, 4), 30), (MAY, 31)):
        for site, overdoses in (("nyc-east", 40), ("ri-providence", 25), ("sf-tenderloin", 3)):
            submit_and_accept(hub, site, month, report(days=days, overdose_events=overdoses))
    return cut_release(hub, by=STEWARD, publish=True)


def numbers(content):
    if isinstance(content, dict | list):
        for inner in content.values() if isinstance(content, dict) else content:
            yield from numbers(inner)
    elif isinstance(content, float):
        yield content


def test_every_comparison_answers_in_its_documented_shape_and_names_its_release(http, released):
    for path, shape in ASKED.items():
        got = http.get(f"/v1/comparisons/{path}")
        assert got.status_code == 200, (path, got.json)
        assert shape().validate(got.json) == {}, path
        assert got.json["release"]["id"] in got.json["release"]["url"]
        assert all(map(isfinite, numbers(got.json)))


def test_a_release_can_be_named_and_one_that_is_not_there_is_not_found(http, released):
    release = http.get(f"/v1/comparisons/rates?{OD}").json["release"]["id"]
    for path in ASKED:
        latest, named = (http.get(f"/v1/comparisons/{path}&release={of}") for of in ("latest", release))
        assert latest.data == named.data
        assert http.get(f"/v1/comparisons/{path}&release=2000-01-01.1").status_code == 404


def test_before_the_first_release_there_is_nothing_to_compare(http):
    assert {http.get(f"/v1/comparisons/{path}").status_code for path in ASKED} == {404}


def test_a_hidden_count_is_withheld_with_bounds_and_never_missing(http, released):
    rows = {row["unit"]: row for row in http.get(f"/v1/comparisons/rates?{OD}").json["rows"]}
    assert rows["sf-tenderloin"]["stability"] == "withheld"
    assert rows["sf-tenderloin"]["bounds"] is not None
    for row in http.get(f"/v1/comparisons/ratios?{OD}").json["rows"]:
        assert (row["status"] == "withheld") == ("sf-tenderloin" in (row["unit"], row["reference"]))
        assert (row["bounds"] is None) == (row["status"] == "given")
    assert http.get(f"/v1/comparisons/rates?{OD}").json["pooled"]["left_out"] == ["sf-tenderloin"]


WRONG = {
    "measur=x": "/query/measur",
    "period=2026-13": "/query/period",
    "by=country": "/query/by",
    "release=../x": "/query/release",
    "by=site&by=city": "/query/by",
}


def test_what_is_not_a_parameter_is_refused_by_name(http):
    for name, (query, pointer) in product(NAMES, WRONG.items()):
        got = http.get(f"/v1/comparisons/{name}?{query}")
        assert (got.status_code, got.content_type) == (422, "application/problem+json")
        assert pointer in [item["pointer"] for item in got.json["errors"]], (name, query)


def test_units_and_measures_that_are_not_there_are_refused(http, released):
    for path in (path for path in ASKED if not path.startswith("persons")):
        wrong = (f"{path}&unit=zoo", re.sub(r"measure=\w+", "measure=luck", path))
        unit, measure = (http.get(f"/v1/comparisons/{asked}") for asked in wrong)
        assert unit.status_code == measure.status_code == 422
        assert measure.json["errors"][0]["pointer"] == "/query/measure"
        assert unit.json["errors"][0]["pointer"] == "/query/unit"


def test_a_sum_of_persons_is_refused_with_the_way_to_their_bounds(http, released):
    for name in ("rates", "ratios", "heterogeneity", "zero-events", "comparability"):
        got = http.get(f"/v1/comparisons/{name}?measure=connected_share&period=2026-04..2026-05")
        assert got.status_code == 422
        details = [item["detail"] for item in got.json["errors"] if item["code"] == "not_additive"]
        assert any("/v1/comparisons/persons?indicator=participants_connected" in detail for detail in details)


def test_persons_of_two_months_lie_between_bounds(http, released):
    path = "/v1/comparisons/persons?indicator=participants_connected&period=2026-04..2026-05"
    for row in http.get(path).json["rows"]:
        assert (row["exact"], row["bounds"]) == (None, [44, 88])


@pytest.mark.parametrize(
    "schema, field, choices",
    [
        (shapes.RatiosQuerySchema, "contrast", Contrast),
        (shapes.FunnelQuerySchema, "adjustment", Adjustment),
        (shapes.TrendsQuerySchema, "step", PeriodKind),
        (shapes.StandardizedQuerySchema, "method", Way),
    ],
)
def test_what_can_be_asked_is_what_there_is(schema, field, choices):
    assert set(schema().fields[field].validate.choices) == {choice.value for choice in choices}
