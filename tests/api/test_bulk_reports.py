"""Many reports at once: each for itself, in order, with the answer that it alone would have got."""

import json

import pytest
from sqlalchemy import text

from tests.builders import EXAMPLE, body, superuser
from tests.formats.reports.files import WRITERS

PATH = "/v1/reports"


def item(site: str = "nyc-east", month: str = "2026-05", report: object = EXAMPLE, **more: str) -> dict:
    return {"site": site, "month": month, "report": report, **more}


def stored(hub) -> int:
    with superuser(hub.database) as connection:
        return connection.scalar(text("select count(*) from revisions"))


def test_each_report_gets_its_own_answer_in_order(hub, doors):
    nyc = doors("nyc")
    current = nyc("PUT", "/v1/sites/nyc-north/reports/2026-03", json=EXAMPLE).headers["ETag"]
    answer = nyc(
        "POST",
        PATH,
        json={
            "items": [
                item(),
                item(report={**EXAMPLE, "note": "x"}),
                item("ri-providence"),
                item("ri-providence", "2026-04", report="broken"),
                item("nowhere"),
                item("nyc-north", "2026-03"),
                item("nyc-north", "2026-03"),
            ]
        },
    )
    assert answer.status_code == 422, "a site and month twice refuses the whole body"
    assert [error["pointer"] for error in answer.json["errors"]] == ["/items/1", "/items/6"]
    assert stored(hub) == 1
    answer = nyc(
        "POST",
        PATH,
        json={
            "items": [
                item(),
                item(month="2026-04", report={**body(days=30), "note": "x"}),
                item("ri-providence"),
                item("ri-providence", "2026-04", report="broken"),
                item("nowhere"),
                item("nyc-north", "2026-03", body(referrals_made=3)),
                item("nyc-north", "2026-04", body(days=31)),
                item("nyc-north", "2026-05", body(), if_match='"1-x"'),
                item("nyc-east", "2026-07"),
            ]
        },
    )
    assert answer.status_code == 200
    told = [(one["site"], one["month"], one["status"]) for one in answer.json["items"]]
    assert told == [
        ("nyc-east", "2026-05", 201),
        ("nyc-east", "2026-04", 422),
        ("ri-providence", "2026-05", 403),
        ("ri-providence", "2026-04", 403),
        ("", "2026-05", 404),
        ("nyc-north", "2026-03", 428),
        ("nyc-north", "2026-04", 422),
        ("nyc-north", "2026-05", 412),
        ("nyc-east", "2026-07", 422),
    ]
    problem = answer.json["items"][1]["problem"]
    assert problem["errors"][0]["pointer"] == "/items/1/report"
    assert problem["instance"] == "/v1/sites/nyc-east/reports/2026-04"
    assert answer.json["items"][0]["receipt"]["revision"] == 1
    assert stored(hub) == 2
    revised = item("nyc-north", "2026-03", body(referrals_made=3), if_match=current)
    answer = nyc("POST", PATH, json={"items": [revised]})
    assert (answer.json["items"][0]["status"], answer.json["items"][0]["receipt"]["revision"]) == (200, 2)


def test_what_is_the_id_of_no_site_is_pointed_at_and_not_repeated(doors):
    answer = doors("nyc")("POST", PATH, json={"items": [item(), item("jane-roe")]})
    told = answer.json["items"][1]
    assert (told["site"], told["status"], b"jane" in answer.data) == ("", 404, False)
    assert [(one["pointer"], one["code"]) for one in told["problem"]["errors"]] == [("/items/1/site", "unknown")]
    head = "site,month,indicator,breakdown,category,value,value_status,upper"
    sent = f"{head}\nnyc-east,2026-05,operating_days,,,31,,\nJane Roe,2026-05,operating_days,,,31,,"
    answer = doors("nyc")("POST", PATH, data=sent, content_type="text/csv")
    told = answer.json["items"][1]
    assert (told["site"], told["status"], b"Jane" in answer.data) == ("", 404, False)
    assert told["problem"]["errors"][0]["place"] == "line 3"


def test_csv_has_site_and_month_in_front(hub, doors):
    lines = WRITERS["text/csv"](EXAMPLE).decode().splitlines()
    rows = [f"site,month,{lines[0]}"]
    for site in ("nyc-east", "nyc-north"):
        rows += [f"{site},2026-05,{line}" for line in lines[1:] if site == "nyc-east" or "operating_days" not in line]
    answer = doors("nyc")("POST", PATH, data="\n".join(rows), content_type="text/csv")
    east, north = answer.json["items"]
    assert (east["status"], north["status"]) == (201, 422)
    (error,) = north["problem"]["errors"]
    assert (error["pointer"], error["code"]) == ("/indicators/operating_days", "missing")
    assert error["place"] == f"line {len(lines) + 1}", "where this report begins"


@pytest.mark.parametrize(
    ("data", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"items": []}', "application/json", 422),
        (b'{"items": [{}]}', "application/json", 422),
        (json.dumps({"items": [item(month="2026-13")]}).encode(), "application/json", 422),
        (json.dumps({"items": [item(month="2026-05\n")]}).encode(), "application/json", 422),
        (json.dumps({"items": [item(extra="x")]}).encode(), "application/json", 422),
        (json.dumps({"items": [item(if_match=7)]}).encode(), "application/json", 422),
        (b"site,month\n", "text/csv", 422),
        (b"site,month,indicator,breakdown,category,value,value_status,upper\nnyc-east,May-26,a,,,,,", "text/csv", 422),
        (b"<a/>", "application/adx+xml", 415),
        (b" " * (32 * 1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_a_body_that_is_no_list_of_reports_is_refused_whole(hub, doors, data, media_type, status):
    answer = doors("nyc")("POST", PATH, data=data, content_type=media_type)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert stored(hub) == 0


def test_more_than_a_mebibyte_is_taken_and_more_reports_than_allowed_are_not(doors):
    padded = json.dumps({"items": [item()]}).encode() + b" " * (2 * 1024 * 1024)
    assert doors("nyc")("POST", PATH, data=padded, content_type="application/json").json["items"][0]["status"] == 201
    many = {"items": [item(report=0, month=f"{2000 + n // 12}-{n % 12 + 1:02}") for n in range(1200)] * 5}
    answer = doors("nyc")("POST", PATH, json=many)
    assert (answer.status_code, "5000" in answer.json["detail"]) == (422, True)


def test_a_steward_and_a_stranger_send_nothing(doors):
    assert doors("steward")("POST", PATH, json={"items": [item()]}).status_code == 403
    assert doors("nobody")("POST", PATH, json={"items": [item()]}).status_code == 401


def test_an_empty_list_of_reports_in_csv_is_refused(doors):
    head = b"site,month,indicator,breakdown,category,value,value_status,upper\n"
    assert doors("nyc")("POST", PATH, data=head, content_type="text/csv").status_code == 422
