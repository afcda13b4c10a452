"""Path parameters: what is no id is no path."""

import re

import pytest
from flask import Flask

from domain.periods import Month
from openapi.converters import CONVERTERS, PatternConverter

GOOD = {
    "slug": ["a", "nyc-east-harlem", "1", "a" * 64],
    "month": ["2026-05", "1990-01", "2199-12"],
    "release": ["2026-07-01.1", "2026-07-01.12"],
    "name": ["observations.csv", "2026.1", "a", "site_months.v2.parquet"],
    "client": ["a", "nyc-data-manager", "A.b_c-1", "a" * 100],
    "webhook": ["wh-2f6c0d1e9b8a7f35", "wh-0000000000000000"],
    "credential": ["a", "9f2c41d0", "9UqZ_2bkFY58ocw0_s5xdd90Aajieu6cmqf1lJznhlo"],
    "sdmx": ["OPC_MONTHLY", "CROSSTALLY,OPC_MONTHLY,1.0", "OPC_MONTHLY/M.site.a+b..._T", "OPC_MONTHLY/all/all/"],
    "structure": ["dataflow", "codelist/", "dataflow/X/all/latest", "codelist/CROSSTALLY/CL_FREQ+CL_UNIT/1.0/"],
}
BAD = {
    "slug": ["A", "-a", "a-", "a--b", "a_b", "a.b", "é", "a" * 65, "a%0A", "a%00", "a%20", "..", "a;b", "%2e%2e"],
    "month": [
        "2026-5",
        "2026-13",
        "2026-00",
        "26-05",
        "2026-05-01",
        "2026-Q2",
        "1989-12",
        "2200-01",
        "0000-01",
        "2026-05%0A",
        "٢٠٢٦-٠٥",
    ],
    "release": ["2026-07-01", "2026-07-01.", "2026-07-01.1.1", "latest", "2026-07-01.1%0A", "2026-07-01.999999999"],
    "name": [".", "..", ".hidden", "a..b", "a%2Fb", "%2e%2e%2fkeys", "a%00", "a b", "a%0A", "a" * 65],
    "client": [".", "..", ".a", "-a", "_a", "a%2Fb", "user:a", "a%00", "a b", "a%0A", "é", "a" * 101],
    "webhook": [
        "wh-",
        "wh-2f6c0d1e9b8a7f3",
        "wh-2f6c0d1e9b8a7f355",
        "wh-2F6C0D1E9B8A7F35",
        "2f6c0d1e9b8a7f35",
        "wh-..",
    ],
    "credential": [".", "a.b", "a%2Fb", "a%00", "a b", "a%0A", "é", "a" * 65],
    "sdmx": ["", "a%00", "a b", "é", "a/b/c/d/e", "a(b", "%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fa", "a" * 4001],
    "structure": ["", "data", "dataflows", "dataflow/a/b/c/d", "dataflow/a%00", "x/dataflow"],
}


@pytest.fixture
def http():
    app = Flask("tests")
    app.url_map.converters.update(CONVERTERS)
    for name in CONVERTERS:
        app.add_url_rule(f"/{name}/<{name}:value>", endpoint=name, view_func=lambda value: repr(value))
    return app.test_client()


def cases(table):
    return [(name, value) for name, values in table.items() for value in values]


def test_every_converter_is_tried():
    assert set(GOOD) == set(BAD) == set(CONVERTERS)


@pytest.mark.parametrize(("name", "value"), cases(GOOD))
def test_an_id_is_found(http, name, value):
    assert http.get(f"/{name}/{value}").status_code == 200
    schema = CONVERTERS[name].schema(CONVERTERS[name])
    assert re.search(schema["pattern"], value) and len(value) <= schema["maxLength"]


@pytest.mark.parametrize(("name", "value"), cases(BAD))
def test_what_is_no_id_is_not_found(http, name, value):
    assert http.get(f"/{name}/{value}").status_code == 404


def test_a_view_gets_a_month(http):
    assert http.get("/month/2026-05").text == repr(Month(2026, 5))


def test_a_month_is_written_back():
    app = Flask("tests")
    app.url_map.converters.update(CONVERTERS)
    app.add_url_rule("/x/<month:month>", endpoint="x")
    with app.test_request_context():
        assert app.url_for("x", month=Month(2026, 5)) == "/x/2026-05"


@pytest.mark.parametrize("converter", CONVERTERS.values())
def test_the_example_matches_the_pattern_and_the_pattern_captures_nothing(converter: type[PatternConverter]):
    assert re.fullmatch(converter.regex, converter.example)
    assert re.compile(converter.regex).groups == 0
    assert not re.search(r"\\[dwszZA]|\(\?P", converter.regex)
