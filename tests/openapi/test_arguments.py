"""Bodies and queries: the order of refusals, and where each error points."""

import io
import json

import pytest
from flask import Flask

from domain.refusals import QueryInvalid
from openapi.arguments import LONGEST_KEPT, MAX_BODY, MOST_KEPT, ArgumentsParser
from openapi.shape_items import MAX_ITEMS, shape_items
from schemas.requests import PageQuerySchema, RevisionQuerySchema
from tests.auth.conftest import CHUNKED
from tests.openapi.conftest import SMALL

URL = "/v1/things/nyc-east/2026-05"
THING = {"label": "x"}


def problem(answer) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.json["type"].rpartition("/")[2]


def errors(answer) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in answer.json["errors"]]


@pytest.fixture
def put(http, bearer):
    def send(data=None, content_type="application/json", **options):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        options = {"headers": bearer, **options}
        return http.put(options.pop("url", URL), data=body, content_type=content_type, **options)

    return send


def chunked(body: bytes) -> dict:
    """A body without Content-Length, as the server hands over what came in chunks."""
    return {"input_stream": io.BytesIO(body), "environ_overrides": CHUNKED}


def test_a_good_body_reaches_the_view(put):
    assert put(THING).json == {"label": "x nyc-east Month(year=2026, number=5)"}


@pytest.mark.parametrize(
    "kind",
    ["application/json; charset=utf-8", "application/json; charset=UTF8", "application/vnd.x+json", "APPLICATION/JSON"],
)
def test_json_has_several_names(put, kind):
    assert put(THING, kind).status_code == 200


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "json",
        "application/jsonx",
        "image/x+json",
        "",
    ],
)
def test_another_media_type_is_refused(put, kind):
    assert problem(put(THING, kind)) == (415, "unsupported-media-type")


def test_a_compressed_body_is_refused(put, bearer):
    assert problem(put(THING, headers={**bearer, "Content-Encoding": "gzip"})) == (415, "unsupported-media-type")


@pytest.mark.parametrize("kind", ["application/json", None])
def test_an_empty_body_is_unreadable_where_one_is_needed(put, kind):
    assert problem(put(b"", kind)) == (400, "unreadable")


def test_a_body_that_need_not_be_there_need_not_be_there(http):
    assert http.post("/v1/options").json == {"dry": False}
    assert http.post("/v1/options", json={"dry": True}).json == {"dry": True}
    assert problem(http.post("/v1/options", data=b"dry=1", content_type="text/plain")) == (
        415,
        "unsupported-media-type",
    )


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b'{"label":"x","label":"x"}', b'{"label":NaN}', b"[" * 200, b'{"label":' + b"9" * 50 + b"}"]
)
def test_an_unreadable_body_is_told_from_a_wrong_one(put, body):
    assert problem(put(body)) == (400, "unreadable")


@pytest.mark.parametrize("body", [[], "x", 1, None, True])
def test_a_body_of_another_type_is_wrong_as_a_whole(put, body):
    answer = put(body)
    assert problem(answer) == (422, "shape-invalid")
    assert errors(answer) == [("", "invalid")]


def padded(length: int) -> bytes:
    return json.dumps(THING).encode().ljust(length)


def test_a_body_may_be_as_long_as_its_limit_and_no_longer(put, http, bearer):
    assert put(padded(SMALL)).status_code == 200
    for length in (SMALL + 1, SMALL + 2, MAX_BODY):
        assert problem(put(padded(length))) == (413, "body-too-large")
    for length, status in ((SMALL, 200), (SMALL + 1, 413), (SMALL + 2, 413), (MAX_BODY, 413)):
        answer = http.put(URL, headers=bearer, content_type="application/json", **chunked(padded(length)))
        assert answer.status_code == status


def test_the_default_limit_is_a_mebibyte(http):
    def post(length: int):
        return http.post("/v1/options", data=b"{}".ljust(length), content_type="application/json")

    assert post(MAX_BODY).status_code == 200
    assert problem(post(MAX_BODY + 1)) == (413, "body-too-large")


def test_the_first_thing_wrong_is_the_one_told(http, put, bearer):
    long, rubbish = padded(SMALL + 1), b"{" * 10
    assert http.put(URL, data=long).status_code == 401
    assert http.put("/v1/things/NO/2026-05", data=long).status_code == 404
    assert http.post(URL, data=long).status_code == 405
    assert put(long, "text/plain").status_code == 413
    assert put(rubbish, "text/plain").status_code == 415
    assert put(rubbish).status_code == 400
    assert put({}).status_code == 422


def test_a_token_without_the_scope_is_refused_before_the_body_is_read(http, bearer_of):
    answer = http.put(URL, data=padded(SMALL + 1), headers=bearer_of("steward"))
    assert problem(answer) == (403, "scope-missing")


def test_each_error_points_at_its_place(put):
    answer = put({"parts": [{"name": "x"}, {"name": "longer", "size": None, "si/z~e": 1}], "": 1})
    assert problem(answer) == (422, "shape-invalid")
    assert set(errors(answer)) == {
        ("", "unknown"),
        ("/label", "missing"),
        ("/parts/1/name", "invalid"),
        ("/parts/1/size", "null"),
        ("/parts/1", "unknown"),
    }
    assert [error["detail"] for error in answer.json["errors"] if error["code"] == "unknown"] == [
        "Member 3 of this object is unknown; see the schema for those it has.",
        "Member 2 of this object is unknown; see the schema for those it has.",
    ]


@pytest.mark.parametrize("name", ["jane.doe@example.org", "Jane Doe", "P-00017", "nobody", "", "_schema"])
def test_a_name_that_the_schema_does_not_know_could_be_that_of_a_person_and_is_not_repeated(put, name):
    answer = put({**THING, name: "Jane", "parts": [{"name": "x", name: 1}]})
    assert problem(answer) == (422, "shape-invalid")
    assert not name or name not in answer.text


def test_what_may_be_meant_is_told():
    (item,) = shape_items({"overdose_event": ["Unknown field."]}, "/indicators", {"overdose_event": 1})
    assert item.pointer == "/indicators"
    assert item.detail == "Member 1 of this object is unknown; overdose_events may be meant."
    (item,) = shape_items({"qzword": ["Unknown field."]})
    assert item.detail == "A member of this object is unknown; see the schema for those it has."


def test_names_that_the_schema_knows_are_written_as_steps_of_a_pointer():
    (item,) = shape_items({"si/z~e": ["Wrong."]})
    assert item.pointer == "/si~1z~0e"


def test_a_message_about_a_whole_object_points_at_the_object():
    (item,) = shape_items({"parts": {0: {"_schema": ["Does not add up."]}}})
    assert (item.pointer, item.detail) == ("/parts/0", "Does not add up.")


def test_a_thousand_errors_are_not_all_told(put, http, bearer):
    answer = http.post("/v1/options", json={f"field{n}": 1 for n in range(1000)})
    assert problem(answer) == (422, "shape-invalid")
    assert len(answer.json["errors"]) == MAX_ITEMS


def test_an_unknown_query_parameter_is_refused(http):
    answer = http.get("/v1/things?citty=x")
    assert problem(answer) == (422, "query-invalid")
    assert errors(answer) == [("/query/citty", "unknown")]


def test_a_wrong_query_parameter_is_pointed_at(http):
    assert errors(http.get("/v1/things?period=2026-05")) == [("/query/period", "invalid")]


def test_a_query_parameter_given_twice_is_refused_unless_it_is_a_list(http):
    answer = http.get("/v1/things?period=2026&period=2026")
    assert problem(answer) == (422, "query-invalid")
    assert errors(answer) == [("/query/period", "twice")]
    assert http.get("/v1/things?city=a&city=b&period=2026").json == {"label": "['a', 'b'] 2026"}


@pytest.mark.parametrize("query", ["%ff=%ff", "%00=1", "period=%00", "&&=&", "period=2026%0A", "citty[]=1", "a" * 5000])
def test_no_query_breaks_the_reader(http, query):
    assert http.get(f"/v1/things?{query}").status_code in (200, 422)


def test_the_same_query_means_the_same_again_whatever_was_made_of_it():
    parser, seen = ArgumentsParser(), []
    with Flask("things").test_request_context("/?limit=7"):
        for _ in range(2):
            found = parser.parse(PageQuerySchema, location="query")
            seen.append(dict(found))
            found.clear()
    assert seen == [{"limit": 7}, {"limit": 7}]


def test_the_same_query_is_refused_again(http):
    for _ in range(2):
        assert errors(http.get("/v1/things?citty=x")) == [("/query/citty", "unknown")]


def test_the_same_query_is_read_by_the_schema_of_its_view():
    parser = ArgumentsParser()
    with Flask("things").test_request_context("/"):
        assert parser.parse(PageQuerySchema, location="query") == {"limit": 1000}
        assert parser.parse(RevisionQuerySchema, location="query") == {"limit": 100, "beyond": 0}


def test_what_is_remembered_of_queries_is_bounded():
    parser, app = ArgumentsParser(), Flask("things")
    for number in range(1, MOST_KEPT + 20):
        with app.test_request_context(f"/?cursor={number}"):
            assert parser.parse(PageQuerySchema, location="query")["cursor"] == str(number)
    with app.test_request_context(f"/?cursor={'0' * LONGEST_KEPT}"), pytest.raises(QueryInvalid):
        parser.parse(PageQuerySchema, location="query")
    assert len(parser._queries) <= MOST_KEPT
