"""The compiled schema and the schema itself: the same report of every body, or the same refusal."""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from domain.report import COUNT_MAX, Report
from schemas.compiled import NOT_RIGHT, compile_schema
from schemas.reports import REPORT_SCHEMAS, ReportBodySchema
from tests.builders import EXAMPLE
from tests.domain.generated import arbitrary_report, consistent_report, hide_some, lose_some

SCHEMA = REPORT_SCHEMAS["2026.1"]()
READ = compile_schema(SCHEMA)
NASTY = (
    None, True, False, 0, -1, 5.0, 5.5, -0.0, 1e300, COUNT_MAX, COUNT_MAX + 1, 10**30,
    "", "5", "unknown", "r13", [], {}, [[]], {"lt": 5}, {"lt": 5.0}, {"lt": 1}, {"lt": True},
    {"lt": 5, "x": 1}, {"status": "not_collected"}, {"status": []},
    {"total": 1}, {"total": 1, "by": {}}, {"by": {}}, [{"rule": "r13", "reason": "definition"}],
    [{"rule": "r13", "reason": "definition"}] * 2, {"first_day": 3.0, "last_day": 31, "reason": "opening"},
    {"first_day": 31, "last_day": 3, "reason": "opening"},
)  # fmt: skip
ADDED = ("closed", "revision_reason", "acknowledged", "comment", "total", "by", "unknown", "visits_all", "gender")


def bodies(seed: int) -> dict:
    """A report as JSON: of all indicators, with bounds and gaps, or of no sense at all."""
    make = (
        lambda: consistent_report(seed),
        lambda: hide_some(consistent_report(seed), seed),
        lambda: lose_some(consistent_report(seed), seed),
        lambda: arbitrary_report(seed),
    )[seed % 4]
    return json.loads(json.dumps(make().content))


def mutate(body: dict, random: Random) -> None:
    """Change, remove or add one member somewhere."""
    inner = [value for value in body.values() if isinstance(value, dict)]
    if inner and random.random() < 0.8:
        return mutate(random.choice(inner), random)
    name = random.choice([*body, *ADDED])
    match random.randrange(3):
        case 0:
            body.pop(name, None)
        case 1:
            body[name] = deepcopy(random.choice(NASTY))
        case 2:
            items = list(body.items())
            random.shuffle(items)
            body.clear()
            body.update(items)


def by_schema(body: dict) -> Report | dict:
    try:
        return SCHEMA.load(body)
    except ValidationError as error:
        return error.messages_dict


def compiled(body: dict) -> Report | None:
    try:
        return READ(body)
    except NOT_RIGHT:
        return None


def assert_agree(body: dict) -> None:
    slow, quick = by_schema(body), compiled(body)
    if not isinstance(slow, Report):
        assert quick is None
        return
    assert quick == slow and quick.packed == slow.packed
    # Findings are told in the order of the cells, which is the dictionary's and not the sender's.
    assert list(quick.cells()) == list(slow.cells())


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_every_right_body_is_read_the_quick_way(seed):
    body = bodies(seed)
    assert_agree(body)
    assert compiled(body) is not None or seed % 4 == 3


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_a_mutated_body_is_read_or_refused_alike(seed, mutations):
    random = Random(seed)
    body = deepcopy(EXAMPLE) if seed % 2 else bodies(seed)
    for _ in range(mutations):
        mutate(body, random)
    assert_agree(body)


@pytest.mark.parametrize("value", NASTY, ids=str)
@pytest.mark.parametrize(
    "path",
    ["about", "about/partial_month", "about/provisional", "about/visit_basis", "indicators", "closed", "acknowledged",
     "indicators/operating_hours/total", "indicators/visits_consumption", "indicators/visits_consumption/by",
     "indicators/visits_consumption/by/route_any", "indicators/visits_consumption/by/route_any/smoke"],
)  # fmt: skip
def test_any_value_at_any_place_is_read_or_refused_alike(path, value):
    body = deepcopy(EXAMPLE)
    *folders, name = path.split("/")
    place = body
    for folder in folders:
        place = place[folder]
    place[name] = deepcopy(value)
    assert_agree(body)


@pytest.mark.parametrize("body", [None, [], 5, "x", {}, {"dictionary": "2026.1"}])
def test_what_is_no_report_is_refused_alike(body):
    assert compiled(body) is None


@pytest.mark.parametrize("path", ["indicators", "about"])
def test_the_errors_of_a_body_are_those_of_the_schema(path):
    body = deepcopy(EXAMPLE)
    body[path]["surplus"] = 1
    with pytest.raises(ValidationError) as told:
        ReportBodySchema().load(body)
    assert told.value.messages_dict == by_schema(body) == {path: {"surplus": ["Unknown field."]}}
