"""The contract as a document: complete, valid, and the same as what the hub does."""

import json
import random
from copy import deepcopy

import pytest
from jsonschema import Draft202012Validator
from marshmallow import ValidationError
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from openapi.examples import load_example, operations
from schemas.reports import ReportBodySchema
from tests.arrows import ROOT
from tests.builders import EXAMPLE

CONTRACT = json.loads((ROOT / "openapi/v1.json").read_text())
OPERATIONS = list(operations(CONTRACT))
HEADERS = {"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}
BINARY = {"type": "string", "format": "binary"}
BODILESS = {
    "get_latest_availability",
    "get_latest_file",
    "get_latest_observations",
    "get_latest_release",
    "get_file",
    "get_template",
    "get_site_template",
    "delete_credential",
    "delete_webhook",
}

by_id = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation["operationId"])


def validator(pointer: str) -> Draft202012Validator:
    """An independent validator for a place in the contract."""
    contract = Resource(contents=CONTRACT, specification=DRAFT202012)
    registry = Registry().with_resource("urn:contract", contract)
    return Draft202012Validator({"$ref": f"urn:contract#{pointer}"}, registry=registry)


def check(schema: dict, value: object) -> None:
    contract = Resource(contents={**CONTRACT, "$id": "urn:contract"}, specification=DRAFT202012)
    absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:contract#/'))
    Draft202012Validator(absolute, registry=Registry().with_resource("urn:contract", contract)).validate(value)


def test_the_document_is_valid_openapi_3_1():
    validate(CONTRACT)
    assert CONTRACT["openapi"] == "3.1.0"


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for operation in OPERATIONS]
    assert len(ids) == len(set(ids))


@by_id
def test_every_operation_says_what_it_is_who_uses_it_and_why(operation):
    assert 5 < len(operation["summary"]) < 80
    assert "For " in operation["description"] or "The same facts" in operation["description"]
    assert operation["tags"]


@by_id
def test_every_operation_documents_its_refusals_as_problems_with_their_headers(operation):
    answers = operation["responses"]
    wanted = {"429"} | ({"401", "403"} if operation["security"] else set())
    wanted |= {"400", "413", "415", "422"} if "requestBody" in operation else set()
    assert wanted <= set(answers)
    for status, answer in answers.items():
        if status.startswith(("4", "5")):
            component = CONTRACT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            assert list(component["content"]) == ["application/problem+json"]
            assert HEADERS.get(status) in {None, *component.get("headers", {})}


@by_id
def test_every_operation_has_examples_that_validate(operation):
    example = load_example(operation["operationId"])
    if "requestBody" in operation:
        for content in operation["requestBody"]["content"].values():
            if content["schema"] != BINARY:
                check(content["schema"], content["example"])
    assert bool(example["answer"]) != (operation["operationId"] in BODILESS)
    answers = [answer for status, answer in operation["responses"].items() if status[0] == "2"]
    documented = {media_type: content for a in answers for media_type, content in a.get("content", {}).items()}
    for media_type, answer in example["answer"].items():
        check(documented[media_type]["schema"], answer)
        assert documented[media_type]["example"] == answer


def schemas_reached(schema: object, found: set[str]) -> set[str]:
    for reference in [part.split('"')[0] for part in json.dumps(schema).split("#/components/schemas/")[1:]]:
        if reference not in found:
            found.add(reference)
            schemas_reached(CONTRACT["components"]["schemas"][reference], found)
    return found


def test_requests_are_closed_and_answers_are_open():
    requests = schemas_reached([o.get("requestBody") for o in OPERATIONS], set())
    answers = schemas_reached([a for o in OPERATIONS for s, a in o["responses"].items() if s[0] == "2"], set())
    for name in requests | answers:
        schema = CONTRACT["components"]["schemas"][name]
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is (name not in requests), name


def mutated(chance: random.Random) -> object:
    """A report with nothing to three things changed somewhere."""
    report = deepcopy(EXAMPLE)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        place = report
        while True:
            key = chance.choice(list(place))
            if not isinstance(place[key], dict) or not place[key] or chance.random() < 0.3:
                break
            place = place[key]
        change(chance, place, key)
    return report


CELLS = [0, 1, 7, 5.0, 7.5, -1, 10_000_000, 10_000_001, True, None, "7", "", [], {}, {"lt": 2}, {"lt": 1}, {"lt": 5.0},
         {"lt": 5, "x": 1}, {"status": "not_collected"}, {"status": "hidden"}, {"status": None}, {"total": 3},
         {"total": {"lt": 4}, "by": {}}, {"by": {"gender": {"man": 1}}}, "2026.1", "unknown", "self_code", False,
         {"first_day": 2, "last_day": 9, "reason": "works"}, {"first_day": 2.0, "last_day": 32, "reason": "works"},
         {"first_day": 1, "last_day": 9, "reason": "x"}, [{"rule": "r03", "reason": "definition"}],
         [{"rule": "r99"}]]  # fmt: skip
NAMES = ["note", "closed", "revision_reason", "acknowledged", "total", "by", "age_band", "route_any", "station_hours",
         "visits_all", "participants_cumulative", "unknown", "partial_month", "ambulance"]  # fmt: skip


def change(chance: random.Random, place: dict, key: str) -> None:
    what = chance.random()
    if what < 0.25:
        del place[key]
    elif what < 0.6:
        place[key] = chance.choice(CELLS)
    else:
        place[chance.choice(NAMES)] = chance.choice(CELLS)


def test_an_independent_validator_agrees_with_the_hub_on_the_shape_of_a_thousand_reports():
    chance = random.Random(20260701)
    independent = validator("/components/schemas/ReportBody")
    agreed = {True: 0, False: 0}
    for _ in range(1000):
        report = mutated(chance)
        try:
            ReportBodySchema().load(deepcopy(report))
            accepted = True
        except ValidationError:
            accepted = False
        errors = [error.message for error in independent.iter_errors(report)]
        assert accepted == (not errors), (report, errors)
        agreed[accepted] += 1
    assert min(agreed.values()) > 150, agreed
