"""DHIS2 data value sets: values are strings, codes come from the dictionary, persons and comments stay out."""

import json
from copy import deepcopy

import pytest

from domain.refusals import ShapeInvalid
from formats.reports import dhis2_json
from tests.builders import EXAMPLE
from tests.formats.reports.files import DICTIONARIES, ORIGIN

WHOLE = json.loads(dhis2_json.write(EXAMPLE, ORIGIN))


def read(document: object):
    return dhis2_json.read(document, DICTIONARIES)


def with_value(**value: object) -> dict:
    document = deepcopy(WHOLE)
    document["dataValues"].append(value)
    return document


def test_what_was_written_is_read_back():
    sheet = read(WHOLE)
    assert (sheet.content, sheet.faults, sheet.site, sheet.month) == (EXAMPLE, (), "nyc-east", "2026-05")
    assert sheet.place_of("/indicators/operating_days/total") == "data value 8"


def test_values_are_strings_and_what_is_no_count_is_another_element():
    assert all(isinstance(value["value"], str) for value in WHOLE["dataValues"])
    assert {"dataElement": "ems_calls.upper", "value": "4"} in WHOLE["dataValues"]
    assert {"dataElement": "participants_unique.status", "value": "not_collected"} in WHOLE["dataValues"]
    inject = {"dataElement": "visits_consumption", "categoryOptionCombo": "route_any.inject", "value": "1622"}
    assert inject in WHOLE["dataValues"]
    assert (WHOLE["period"], WHOLE["orgUnit"]) == ("202605", "nyc-east")


def test_the_defaults_that_dhis2_writes_are_read():
    document = deepcopy(WHOLE)
    document |= {"completeDate": "2026-06-05", "attributeOptionCombo": "default"}
    for value in document["dataValues"]:
        value.setdefault("categoryOptionCombo", "default")
        value |= {"period": "202605", "orgUnit": "nyc-east", "attributeOptionCombo": "default"}
    assert read(document).content == EXAMPLE


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"dataElement": "ems_transports", "value": "<5"}, "not_a_number"),
        ({"dataElement": "ems_transports", "value": ""}, "not_a_number"),
        ({"dataElement": "ems_transports.status", "value": "7"}, "unknown_status"),
        ({"dataElement": "ems_transports.upper", "value": "few"}, "bound_missing"),
        ({"dataElement": "ems_calls", "value": "7"}, "twice"),
        ({"dataElement": "people", "value": "7"}, "unknown"),
        ({"dataElement": "ems_calls", "categoryOptionCombo": "sex.f", "value": "7"}, "unknown"),
        ({"dataElement": "about.note", "value": "x"}, "unknown"),
        (
            {"dataElement": "acknowledged.r13", "categoryOptionCombo": "acknowledged.definition", "value": "1"},
            "invalid",
        ),
    ],
)
def test_a_value_that_no_report_has_is_refused_with_its_number(value, code):
    place = f"data value {len(WHOLE['dataValues']) + 1}"
    assert [(item.code, item.place) for item in read(with_value(**value)).faults] == [(code, place)]


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"dataValues": {}},
        {**WHOLE, "dataSet": "OTHER"},
        {**WHOLE, "storedBy": "jdoe"},
        with_value(dataElement="ems_transports", value=7),
        with_value(dataElement="ems_transports", value="7", comment="J. D., 3 May"),
        with_value(dataElement="ems_transports", value="7", storedBy="jdoe"),
        with_value(dataElement="ems_transports", value="7", period="202604"),
        with_value(value="7"),
        {**WHOLE, "dataValues": ["x"]},
    ],
)
def test_another_document_is_refused_without_repeating_it(document):
    with pytest.raises(ShapeInvalid) as refused:
        read(document)
    assert "jdoe" not in str(vars(refused.value)) and "J. D." not in str(vars(refused.value))
