"""Reports through the door: receipts, and every documented way of being refused."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import event, text

from actions.confirm_report import confirm_report
from domain.lifecycle import Deed
from openapi.problems import declared_scopes
from tests.builders import MAY, body, operator_principal, superuser

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


def test_what_a_report_takes_is_one_durable_transaction(hub, doors):
    """The audit line is in it, and nothing else about the request is written: SQLite syncs once, at its end."""
    nyc = doors("nyc")
    sent, syncs = [], []

    def watch(connection, *_):
        connection.set_trace_callback(None)
        syncs.append(connection.execute("PRAGMA synchronous").fetchone()[0])
        connection.set_trace_callback(sent.append)

    event.listen(hub.database.engine, "checkout", watch)
    assert nyc("PUT", PLACE, json=body()).status_code == 201
    assert sent.count("COMMIT") == sent.count("BEGIN IMMEDIATE") == 1 and set(syncs) == {2}


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
    assert {"GET", "PUT", "DELETE"} <= set(answer.headers["Allow"].split(", "))


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


def changed_places(answer) -> list[str]:
    assert (answer.status_code, answer.content_type) == (412, "application/problem+json")
    return [item["pointer"] for item in answer.json["errors"]]


def test_who_was_second_is_told_what_changed_and_the_current_etag_and_no_count(doors):
    nyc = doors("nyc")
    known = nyc("PUT", PLACE, json=body()).headers["ETag"]
    current = nyc("PUT", PLACE, json=body(referrals_made=4711), headers={"If-Match": known}).headers["ETag"]
    late = nyc("PUT", PLACE, json=body(participants_connected=45), headers={"If-Match": known})
    assert changed_places(late) == ["/indicators/referrals_made/total"]
    assert late.headers["ETag"] == current
    assert "4711" not in late.text
    merged = body(referrals_made=4711, participants_connected=45)
    assert nyc("PUT", PLACE, json=merged, headers={"If-Match": late.headers["ETag"]}).json["revision"] == 3


@pytest.mark.parametrize(
    "tag", ['"2-0"', '"1-0000"', '"9-00"', '"0-0"', '"99999999999999999999-0"', '"²-0"', '""', "x"]
)
def test_of_an_etag_that_no_revision_has_only_the_current_one_is_told(doors, tag):
    nyc = doors("nyc")
    current = nyc("PUT", PLACE, json=body()).headers["ETag"]
    late = nyc("PUT", PLACE, json=body(referrals_made=98), headers={"If-Match": tag.encode().decode("latin-1")})
    assert changed_places(late) == []
    assert late.headers["ETag"] == current


def test_the_etag_of_another_report_tells_nothing_of_this_one(doors):
    nyc = doors("nyc")
    other = nyc("PUT", "/v1/sites/nyc-north/reports/2026-05", json=body(referrals_made=5)).headers["ETag"]
    nyc("PUT", PLACE, json=body())
    assert changed_places(nyc("PUT", PLACE, json=body(referrals_made=98), headers={"If-Match": other})) == []
    missing = nyc("PUT", "/v1/sites/nyc-east/reports/2026-03", json=body(), headers={"If-Match": other})
    assert (changed_places(missing), "ETag" in missing.headers) == ([], False)


def test_a_report_is_withdrawn_kept_and_sent_again(hub, doors):
    nyc, steward = doors("nyc"), doors("steward")
    etag = nyc("PUT", PLACE, json=body()).headers["ETag"]
    assert nyc("DELETE", PLACE).status_code == 428
    assert nyc("DELETE", PLACE, headers={"If-Match": '"9-9"'}).status_code == 412
    gone = nyc("DELETE", PLACE, headers={"If-Match": etag})
    assert (gone.status_code, gone.json["state"], gone.json["revision"]) == (200, "withdrawn", 1)
    read = nyc("GET", PLACE)
    assert (read.json["state"], read.json["report"]) == ("withdrawn", body())
    assert read.headers["ETag"] == gone.headers["ETag"] == gone.json["etag"] != etag
    again = nyc("DELETE", PLACE, headers={"If-Match": gone.headers["ETag"]})
    assert (again.status_code, again.json["detail"]) == (
        409,
        "The report is withdrawn and can't be withdrawn; it can be revised.",
    )
    assert [entry["state"] for entry in steward("GET", "/v1/reports?state=withdrawn").json["items"]] == ["withdrawn"]
    assert steward("GET", "/v1/reports?state=submitted").json["items"] == []
    assert nyc("PUT", PLACE, json=body()).status_code == 428
    assert nyc("PUT", PLACE, json=body(), headers={"If-Match": gone.headers["ETag"]}).json["revision"] == 2
    assert stored(hub) == 2


def test_what_was_never_sent_is_not_withdrawn_nor_what_is_anothers(doors):
    anything = {"If-Match": "*"}
    assert doors("nyc")("DELETE", PLACE, headers=anything).status_code == 404
    doors("nyc")("PUT", PLACE, json=body())
    assert doors("ri")("DELETE", PLACE, headers=anything).status_code == 403
    assert doors("steward")("DELETE", PLACE, headers=anything).status_code == 403
    assert doors("nobody")("DELETE", PLACE, headers=anything).status_code == 401


def test_a_death_is_confirmed_through_the_door_and_shown_with_who_did(hub, doors):
    nyc, steward = doors("nyc"), doors("steward")
    nyc("PUT", PLACE, json=body(deaths_overdose_onsite=1))
    accept = {"revision": 1, "decision": "accept"}
    refused = steward("POST", f"{PLACE}/review", json=accept)
    assert (refused.status_code, [item["code"] for item in refused.json["errors"]]) == (409, ["confirmation_needed"])
    assert nyc("POST", f"{PLACE}/confirmation", json={"revision": 1}).status_code == 403
    assert doors("ri")("POST", f"{PLACE}/confirmation", data=b"{").status_code == 403
    assert steward("POST", f"{PLACE}/confirmation", json={"revision": 2}).status_code == 409
    confirm_report(hub, by=replace(operator_principal("nyc"), id="user:second"), site="nyc-east", month=MAY, revision=1)
    assert steward("POST", f"{PLACE}/review", json=accept).json["state"] == "accepted"
    (made,) = nyc("GET", PLACE).json["confirmations"]
    assert made["confirmed_by"] == "user:second"


def pages(door, path: str) -> list[dict]:
    """The items of every page of a list, one after the other."""
    items, cursor = [], None
    while True:
        page = door("GET", path, query_string={"limit": 2, **({"cursor": cursor} if cursor else {})}).json
        assert len(page["items"]) <= 2
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


def test_long_lists_come_in_pages_that_neither_skip_nor_repeat(doors):
    places = [("nyc-east", "2026-03"), ("nyc-north", "2026-03"), ("nyc-east", "2026-05"), ("nyc-north", "2026-05")]
    for site, month in reversed(places):
        doors("nyc")("PUT", f"/v1/sites/{site}/reports/{month}", json=body())
    doors("ri")("PUT", "/v1/sites/ri-providence/reports/2026-05", json=body())
    listed = [(entry["site"], entry["month"]) for entry in pages(doors("steward"), "/v1/reports")]
    assert listed == [*places, ("ri-providence", "2026-05")]
    assert [(entry["site"], entry["month"]) for entry in pages(doors("nyc"), "/v1/reports")] == places
    etag = "*"
    for referrals in (98, 99, 100, 101):
        etag = doors("nyc")("PUT", PLACE, json=body(referrals_made=referrals), headers={"If-Match": etag}).headers[
            "ETag"
        ]
    assert [item["revision"] for item in pages(doors("nyc"), f"{PLACE}/revisions")] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "query",
    ["state=superseded", "state=", "cursor=x", "cursor=2026-13/x", "limit=0", "limit=1001", "cursor=", "page=2"],
)
def test_a_query_that_means_nothing_is_refused(doors, query):
    assert doors("steward")("GET", f"/v1/reports?{query}").status_code == 422


def test_the_doors_ask_for_the_scopes_that_the_table_of_a_reports_life_names(http):
    views = {
        "reports.put_report": {*Deed.SEND.scopes, *Deed.REVISE.scopes},
        "reports.delete_report": {*Deed.WITHDRAW.scopes},
        "reports.post_confirmation": {*Deed.CONFIRM.scopes},
        "reports.post_review": {*Deed.ACCEPT.scopes, *Deed.RETURN.scopes},
    }
    found = {name: set(declared_scopes(http.application.view_functions[name])) for name in views}
    assert found == views
