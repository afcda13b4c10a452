"""Reports through the door: receipts, and every documented way of being refused."""

import json

import pytest
from sqlalchemy import text

from tests.builders import body, superuser

PLACE = "/v1/sites/nyc-east/reports/2026-05"


def stored(hub) -> int:
    with superuser(hub.database) as connection:
        return connection.scalar(text("select count(*) from revisions"))


def test_a_report_is_received_with_its_number_and_etag(doors):
    answer = doors("nyc")("PUT", PLACE, json=body())
    assert answer.status_code == 201
    assert answer.json == {
        "site": "nyc-east",
        "month": "2026-05",
        "revision": 1,
        "state": "submitted",
        "etag": answer.headers["ETag"],
        "findings": [],
    }


def test_a_report_is_revised_with_its_etag_and_read_back(doors):
    nyc = doors("nyc")
    etag = nyc("PUT", PLACE, json=body()).headers["ETag"]
    assert nyc("PUT", PLACE, json=body()).status_code == 200
    answer = nyc("PUT", PLACE, json=body(referrals_made=98), headers={"If-Match": etag})
    assert (answer.status_code, answer.json["revision"]) == (200, 2)
    read = nyc("GET", PLACE)
    assert read.json["report"] == body(referrals_made=98)
    assert read.headers["ETag"] == answer.headers["ETag"]
    assert [item["state"] for item in nyc("GET", f"{PLACE}/revisions").json["items"]] == ["superseded", "submitted"]
    assert nyc("GET", f"{PLACE}/revisions/1").json["report"] == body()
    assert nyc("GET", f"{PLACE}/revisions/3").status_code == 404


def test_a_steward_accepts_what_the_queue_shows(doors):
    doors("nyc")("PUT", PLACE, json=body())
    steward = doors("steward")
    (entry,) = steward("GET", "/v1/reports?state=submitted").json["items"]
    assert entry == {"site": "nyc-east", "month": "2026-05", "state": "submitted", "revision": 1}
    assert steward("GET", PLACE).json["report"] == body()
    answer = steward("POST", f"{PLACE}/review", json={"revision": 1, "decision": "accept"})
    assert (answer.status_code, answer.json["state"]) == (200, "accepted")
    again = steward("POST", f"{PLACE}/review", json={"revision": 1, "decision": "return", "reasons": ["sums"]})
    assert (again.status_code, again.content_type) == (409, "application/problem+json")


def without(*path: str) -> dict:
    document = body()
    target = document
    for step in path[:-1]:
        target = target[step]
    del target[path[-1]]
    return document


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


BAD = {
    "wrong type": (json.dumps(body(referrals_made="97")).encode(), 422, "/indicators/referrals_made/total"),
    "unknown field": (json.dumps({**body(), "note": "x"}).encode(), 422, ""),
    "unknown code": (json.dumps({**body(), "closed": "holiday"}).encode(), 422, "/closed"),
    "core indicator missing": (
        json.dumps(without("indicators", "ems_calls")).encode(),
        422,
        "/indicators/ems_calls",
    ),
    "parts that do not sum": (
        json.dumps(body(overdose_events=31) | {}).replace('"referrals_made"', '"referrals_made"').encode(),
        None,
        None,
    ),
    "no json": (b"{", 400, None),
    "not utf-8": (b'{"a": "\xff"}', 400, None),
    "a name twice": (b'{"dictionary": "2026.1", "dictionary": "2026.1"}', 400, None),
    "not a number": (b'{"dictionary": NaN}', 400, None),
    "a number of many digits": (b'{"dictionary": ' + b"9" * 5000 + b"}", 400, None),
    "deep": (nested(17), 400, None),
    "bottomless": (nested(100_000), 400, None),
    "a list": (b"[]", 422, ""),
    "too large": (b" " * (1024 * 1024 + 1), 413, None),
    "empty": (b"", 400, None),
}
del BAD["parts that do not sum"]


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_a_problem_with_pointers_and_stores_nothing(hub, doors, case):
    content, status, pointer = BAD[case]
    answer = doors("nyc")("PUT", PLACE, data=content, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["type"].startswith("http://127.0.0.1:8000/problems/")
    if pointer is not None:
        assert pointer in [item["pointer"] for item in answer.json["errors"]]
    assert stored(hub) == 0


def test_parts_that_do_not_sum_are_pointed_at(hub, doors):
    document = body()
    document["indicators"]["overdose_events"]["by"]["overdose_type"]["opioid"] = 19
    answer = doors("nyc")("PUT", PLACE, json=document)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"].startswith("/indicators/overdose_events/by/overdose_type")
    assert stored(hub) == 0


@pytest.mark.parametrize("month", ["2026-07", "2026-08", "2031-01"])
def test_the_current_and_a_future_month_are_refused(hub, doors, month):
    answer = doors("nyc")("PUT", f"/v1/sites/nyc-east/reports/{month}", json=body(days=28))
    assert answer.status_code == 422
    assert stored(hub) == 0


def test_a_body_in_another_media_type_is_refused(doors):
    answer = doors("nyc")("PUT", PLACE, data="<report/>", content_type="application/xml")
    assert answer.status_code == 415
    assert "text/csv" in answer.json["detail"], "those that are read are named"


def test_another_operators_site_is_refused_before_the_body_is_read(hub, doors):
    answer = doors("nyc")("PUT", "/v1/sites/ri-providence/reports/2026-05", data=b"{", content_type="text/plain")
    assert answer.status_code == 403
    assert doors("nyc")("GET", "/v1/sites/ri-providence/reports/2026-05").status_code == 404
    assert stored(hub) == 0


def test_a_reader_may_not_write_and_a_stranger_may_not_read(doors):
    refused = doors("steward")("PUT", PLACE, json=body())
    assert refused.status_code == 403
    assert 'scope="reports:write"' in refused.headers["WWW-Authenticate"]
    stranger = doors("nobody")("GET", PLACE)
    assert stranger.status_code == 401
    assert "error" not in stranger.headers["WWW-Authenticate"]


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", ""])
def test_a_forged_token_is_refused(http, token):
    answer = http.put(PLACE, json=body(), headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/v1/sites/nyc-east/reports/2026-13", "/v1/sites/nowhere/reports/2026-05", "/v2"])
def test_what_is_not_there_is_not_found(doors, path):
    answer = doors("nyc")("PUT" if "sites" in path else "GET", path, json=body())
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_method_that_is_not_there_is_named_with_those_that_are(doors):
    answer = doors("nyc")("PATCH", PLACE, json=body())
    assert answer.status_code == 405
    assert {"GET", "PUT"} <= set(answer.headers["Allow"].split(", "))


def test_preconditions_have_their_own_answers(doors):
    nyc = doors("nyc")
    nyc("PUT", PLACE, json=body(), headers={"If-None-Match": "*"})
    changed = body(referrals_made=98)
    assert nyc("PUT", PLACE, json=changed).status_code == 428
    assert nyc("PUT", PLACE, json=changed, headers={"If-Match": '"1-0"'}).status_code == 412
    assert nyc("PUT", PLACE, json=changed, headers={"If-None-Match": "*"}).status_code == 412


def test_a_refused_body_is_in_no_log_and_no_answer(doors, caplog):
    document = {**body(), "name": "Planted-Word-4711"}
    answer = doors("nyc")("PUT", PLACE, json=document)
    assert answer.status_code == 422
    assert "Planted-Word-4711" not in answer.text + caplog.text
