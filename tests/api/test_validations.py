"""Reports judged without being sent: what is answered, what it is worked out from, and that nothing is kept."""

import json
import time
from threading import Thread

import pytest
from sqlalchemy import text

from actions import validate_report as module
from actions.change_operator import change_operator
from actions.cut_release import cut_release
from actions.preview_release import preview_report
from domain.access import SYSTEM
from domain.periods import Month
from domain.preconditions import ANY, Preconditions
from domain.report_content import report_from_content
from tests.builders import (
    MAY,
    STEWARD,
    body,
    make_hub,
    operator_principal,
    report,
    submit,
    submit_and_accept,
    superuser,
)
from tests.domain.generated import consistent_report
from wsgi import create_app

URL = "/v1/validations"
ANY_STATE = Preconditions(if_match=frozenset({ANY}))
FORMS = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/adx+xml",
         "application/vnd.crosstally.dhis2+json")  # fmt: skip
HERE = f"{URL}?site=nyc-east&month=2026-05"


@pytest.fixture
def judge(doors):
    def send(url=URL, **options):
        answer = doors("nobody")("POST", url, **options)
        assert answer.status_code == 200
        return answer.json

    return send


def fates(judged) -> dict[str, tuple[str, str | None]]:
    return {
        cell["pointer"].removeprefix("/indicators/"): (cell["status"], cell["reason"]) for cell in judged["preview"]
    }


def test_anybody_learns_what_the_public_would_see_of_each_count(judge):
    judged = judge(json=body(overdose_events=4))
    seen = fates(judged)
    assert judged["findings"] == []
    assert seen["referrals_made/total"] == ("published", None)
    assert seen["overdose_events/total"] == ("suppressed", "small")
    assert seen["ems_calls/total"] == ("suppressed", "sent_as_bound")
    assert seen["deaths_overdose_onsite/total"] == ("not_published", "not_planned")
    assert "participants_unique/total" not in seen, "there is no count"
    assert {cell["detail"] != "" for cell in judged["preview"] if cell["status"] != "published"} == {True}


def test_every_count_of_a_report_is_told_of_once_and_in_its_order(judge):
    sent = consistent_report(7)
    told = [cell["pointer"] for cell in judge(json=sent.content)["preview"]]
    assert sorted(told) == sorted(name.pointer for name, _ in sent.cells())
    assert len(told) == len(set(told)) > 300


def test_counts_of_a_quarter_and_a_year_are_told_of_too(judge):
    seen = fates(judge(json=body(participants_quarter=80, participants_year=4)))
    assert (seen["participants_quarter/total"], seen["participants_year/total"]) == (
        ("published", None),
        ("suppressed", "small"),
    )


def test_warnings_and_errors_are_findings_and_with_an_error_there_is_no_preview(judge):
    warned = judge(json=body(ems_transports=9, ems_calls=2))
    assert {finding["level"] for finding in warned["findings"]} == {"warning"}
    assert warned["preview"] and warned["no_preview"] is None
    wrong = judge(json=body(operating_hours=800))
    assert [(f["rule"], f["level"], f["pointer"]) for f in wrong["findings"]] == [
        ("r05", "error", "/indicators/operating_hours/total")
    ]
    assert (wrong["preview"], wrong["no_preview"]["reason"]) == (None, "errors")


def test_the_calendar_is_judged_with_a_site_and_a_month_alone(judge):
    assert judge(HERE, json=body())["findings"] == []
    assert judge(json=body(days=30))["findings"] == []
    for month, code in (("2026-07", "month_not_ended"), ("2010-01", "site_not_open")):
        found = judge(f"{URL}?site=nyc-east&month={month}", json=body())["findings"]
        assert ("r26", "error", code) in {(f["rule"], f["level"], f["code"]) for f in found}


def test_with_its_site_a_report_is_judged_by_what_its_operator_agreed_to(judge, hub):
    assert fates(judge(HERE, json=body()))["deaths_overdose_onsite/total"] == ("published", None)
    assert fates(judge(HERE, json=body(referrals_made=15)))["referrals_made/total"] == ("published", None)
    change_operator(hub, by=SYSTEM, operator="nyc", changes={"k": 20}, preconditions=ANY_STATE)
    assert fates(judge(HERE, json=body(referrals_made=15)))["referrals_made/total"] == ("suppressed", "small")
    assert fates(judge(json=body(referrals_made=15)))["referrals_made/total"] == ("published", None)


def test_what_a_release_has_told_of_the_month_stays_told(judge, hub):
    submit_and_accept(hub, "nyc-east", MAY, report(overdose_events=4))
    cut_release(hub, by=STEWARD, publish=True)
    assert fates(judge(HERE, json=body(overdose_events=400)))["overdose_events/total"] == (
        "suppressed",
        "hidden_before",
    )
    assert fates(judge(json=body(overdose_events=400)))["overdose_events/total"] == ("published", None)


def test_it_is_the_preview_that_an_operator_gets_of_what_it_sent(judge, hub):
    submit(hub, "nyc-east", MAY, report(overdose_events=4))
    cells = preview_report(hub, by=operator_principal("nyc"), site="nyc-east", month=MAY)
    seen = fates(judge(HERE, json=body(overdose_events=4)))
    assert {cell.key.name.pointer.removeprefix("/indicators/"): cell.is_shown for cell in cells} == {
        pointer: status == "published" for pointer, (status, _) in seen.items()
    }


def test_nothing_is_stored_or_written_down_whoever_asks(doors, hub):
    def rows():
        with superuser(hub.database) as connection:
            tables = connection.scalars(text("select name from sqlite_master where type = 'table'")).all()
            return {table: connection.scalar(text(f"select count(*) from {table}")) for table in tables}

    clients = [doors(name) for name in ("nobody", "nyc", "steward")]
    before = rows()
    for client in clients:
        for sent in (body(), body(operating_hours=800), {**body(), "note": "x"}, [{"name": "Jane"}]):
            assert client("POST", HERE, json=sent).status_code in (200, 422)
    assert rows() == before


@pytest.mark.parametrize(
    ("url", "options", "status", "code"),
    [
        (URL, {"json": {**body(), "note": "x"}}, 422, "shape-invalid"),
        (URL, {"json": [{"name": "Jane"}]}, 422, "line-list"),
        (URL, {"data": b"{", "content_type": "application/json"}, 400, "unreadable"),
        (URL, {"data": b"<a/>", "content_type": "application/xml"}, 415, "unsupported-media-type"),
        (URL, {"data": b" " * 1_100_000, "content_type": "application/json"}, 413, "body-too-large"),
        (f"{URL}?site=nyc-east", {"json": body()}, 422, "query-invalid"),
        (f"{URL}?month=2026-05", {"json": body()}, 422, "query-invalid"),
        (f"{URL}?site=nyc-east&month=05/26", {"json": body()}, 422, "query-invalid"),
        (f"{URL}?place=nyc-east", {"json": body()}, 422, "query-invalid"),
        (f"{URL}?site=nowhere&month=2026-05", {"json": body()}, 404, "not-found"),
    ],
)
def test_what_is_wrong_with_a_request_is_told_as_for_a_report_that_is_sent(doors, url, options, status, code):
    answer = doors("nobody")("POST", url, **options)
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (status, code)


def test_who_has_many_reports_judged_waits_and_does_everything_else_meanwhile(tmp_path):
    hub = make_hub(tmp_path, validation_rate_limit="2 per minute")
    http = create_app(hub.settings, hub).test_client()
    codes = [http.post(URL, json=body(operating_hours=800)).status_code for _ in range(3)]
    refused = http.post(URL, json=body())
    assert codes == [200, 200, 429]
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    assert http.get("/v1/sites").status_code == 200
    hub.database.close()


def test_a_preview_that_takes_too_long_is_left_out_and_the_findings_are_told(hub):
    long = report_from_content(json.loads(json.dumps(consistent_report(3).content)))
    began = time.monotonic()
    judged = module.validate_report(hub, report=long, patience=0.05)
    assert judged.preview == "too_long"
    assert judged.findings is not None
    assert time.monotonic() - began < 5


def test_one_preview_is_made_at_a_time_and_nobody_waits_for_ever(hub):
    with module._ONE_AT_A_TIME:
        assert module.validate_report(hub, report=report(), patience=0.05).preview == "busy"
        waiting = []
        thread = Thread(target=lambda: waiting.append(module.validate_report(hub, report=report(), patience=30)))
        thread.start()
    thread.join()
    assert waiting[0].preview


def test_a_report_that_no_release_could_take_is_told_so(hub, monkeypatch):
    monkeypatch.setattr(module, "preview_counts", lambda *_: [])
    judged = module.validate_report(hub, report=report(), site="nyc-east", month=MAY)
    assert {(cell.status, cell.reason) for cell in judged.preview} == {("suppressed", "held_back")}


def test_no_other_month_or_revision_is_looked_at(judge, hub):
    before = judge(HERE, json=body(referrals_made=96))
    submit_and_accept(hub, "nyc-east", MAY, report(overdose_events=7))
    submit_and_accept(hub, "nyc-east", Month(2026, 4), report(days=30, referrals_made=9))
    assert judge(HERE, json=body(referrals_made=96)) == before


def test_a_report_is_judged_in_any_of_its_forms(judge, doors):
    nyc = doors("nyc")
    nyc("PUT", "/v1/sites/nyc-east/reports/2026-05", json=body(ems_transports=9, ems_calls=2))
    in_json = judge(json=body(ems_transports=9, ems_calls=2))
    for kind in FORMS:
        file = nyc("GET", "/v1/sites/nyc-east/reports/2026-05", headers={"Accept": kind}).data
        judged = judge(data=file, content_type=kind)
        assert judged["preview"] == in_json["preview"]
        assert [finding["rule"] for finding in judged["findings"]] == [f["rule"] for f in in_json["findings"]]
        assert any(finding.get("place") for finding in judged["findings"]) or "json" in kind


def test_a_raw_list_in_a_file_is_refused_as_that(doors):
    rows = b"client_id,visit_date,age\n" + b"".join(b"P-%05d,2026-05-%02d,34\n" % (n, n) for n in range(1, 20))
    answer = doors("nobody")("POST", URL, data=rows, content_type="text/csv")
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (422, "line-list")
    assert {item["code"] for item in answer.json["errors"]} == {"identifier_column", "timestamps"}
    assert "P-0" not in answer.text and "visit_date" not in answer.text
