"""The rows of a release through the door: filtered, in every form, and what there is to filter."""

import csv
import io
import json
from importlib import import_module

import pandas as pd
import pytest

from actions.cut_release import cut_release
from domain.cube import CODES
from domain.periods import Month
from tests.api.test_ledger import retract
from tests.builders import STEWARD, report, rows_told, submit_and_accept

QUARTER = [Month(2026, 4), Month(2026, 5), Month(2026, 6)]
DAY = "2026-07-15"


@pytest.fixture
def release(hub) -> str:
    """A quarter of one site, and a month of a small one."""
    for month in QUARTER:
        submit_and_accept(hub, "nyc-east", month, report(days=month.days))
    submit_and_accept(hub, "ri-providence", QUARTER[1], report(visits_consumption=2400, overdose_events=4))
    return cut_release(hub, by=STEWARD, publish=True)


@pytest.fixture
def ask(doors, release):
    """Ask for rows of the release."""
    researcher = doors("researcher")

    def run(query: str = "", what: str = "observations", **headers: str):
        return researcher("GET", f"/v1/releases/{release}/{what}?{query}", headers=headers)

    return run


def rows_of(ask, query: str) -> list[dict]:
    answer = ask(f"{query}&limit=10000")
    assert (answer.status_code, answer.json["next"]) == (200, None), answer.json
    return answer.json["items"]


@pytest.mark.parametrize(
    ("query", "column", "admitted"),
    [
        ("level=city,all", "level", {"city", "all"}),
        ("unit=nyc-east", "unit", {"nyc-east"}),
        ("unit=nyc-east&unit=ri-providence", "unit", {"nyc-east", "ri-providence"}),
        ("city=providence", "city", {"providence"}),
        ("operator=ri,nyc", "operator", {"ri", "nyc"}),
        ("indicator=overdose_events&indicator=ems_calls,referrals_made", "indicator", {"overdose_events", "ems_calls"}),
        ("breakdown=total", "breakdown", {""}),
        ("breakdown=overdose_type", "breakdown", {"overdose_type"}),
        ("category=opioid,smoke", "category", {"opioid", "smoke"}),
        ("value_status=suppressed", "value_status", {"suppressed"}),
        ("value_status=published,suppressed", "value_status", {"published", "suppressed"}),
        ("period=2026-04..2026-05", "period", {"2026-04", "2026-05"}),
        ("period_kind=quarter,year", "period", {"2026-Q2"}),
        ("period=last-2-months", "period", {"2026-05", "2026-06"}),
        ("period=last-quarter", "period", {"2026-04", "2026-05", "2026-06", "2026-Q2"}),
        ("period=last-1-quarters&period_kind=quarter", "period", {"2026-Q2"}),
        ("period=last-year", "period", set()),
    ],
)
def test_every_column_is_a_filter(ask, query, column, admitted):
    rows, kept = rows_of(ask, ""), rows_of(ask, query)
    if column == "indicator":
        admitted = {*admitted, "referrals_made"}
    assert kept == [row for row in rows if row[column] in admitted]
    assert bool(kept) == bool(admitted)


def test_filters_are_taken_together(ask):
    query = "level=site&indicator=overdose_events&breakdown=total&period=2026-05"
    assert [(row["unit"], row["value_status"]) for row in rows_of(ask, query)] == [
        ("nyc-east", "published"),
        ("ri-providence", "suppressed"),
    ]
    assert rows_of(ask, f"{query}&value_status=not_collected") == []


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("citty=x", "did you mean city?"),
        ("status=published", "did you mean value_status?"),
        ("periods=2026", "did you mean period?"),
        (
            "xyzzy=1",
            "there are: bom, breakdown, category, city, cursor, format, indicator, level, limit, operator, period",
        ),
    ],
)
def test_an_unknown_parameter_is_refused_with_what_may_be_meant(ask, query, hint):
    answer = ask(query)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "unknown")
    assert hint in answer.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "period=last-0-months",
        "period=last-months",
        "period=last-241-months",
        "period=next-month",
        "unit=",
        "period=2026&period=2025",
    ],
)
def test_what_is_no_filter_is_refused(ask, query):
    answer = ask(query)
    assert (answer.status_code, answer.json["errors"][0]["pointer"].split("/")[2]) == (422, query.partition("=")[0])


def test_every_form_says_the_same(ask, hub, release):
    told = rows_told(hub, release)
    as_csv = list(csv.DictReader(io.StringIO(ask("format=csv").text)))
    assert [tuple(row.values())[:8] for row in as_csv] == [
        (r.level, r.unit, r.city, r.operator, r.period, *r.key.name.words) for r in told
    ]
    frame = pd.read_parquet(io.BytesIO(ask("format=parquet").data))
    assert frame.value.dropna().tolist() == [row.value for row in told if row.value is not None]
    assert frame.value_status.tolist() == [row.value_status for row in told]
    dataset = ask("format=jsonstat").json
    assert len(dataset["value"]) + len(dataset["status"]) == len(told)
    assert dataset["extension"]["release"] == release


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("text/csv", "text/csv"),
        ("application/vnd.json-stat+json", "application/vnd.json-stat+json"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        ("application/adx+xml", "application/adx+xml"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
    ],
)
def test_accept_chooses_the_form(ask, accept, answered):
    answer = ask(Accept=accept)
    assert answer.mimetype == answered
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"


def test_a_form_that_is_made_at_once_is_refused_for_too_many_rows(ask, monkeypatch):
    monkeypatch.setattr(import_module("api.long_answers"), "MOST_PLACES", 20)
    for form in ("jsonstat", "parquet"):
        answer = ask(f"format={form}")
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "too_many_rows")
        assert ask(f"format={form}&indicator=overdose_events&level=city&breakdown=total").status_code == 200
    assert len(ask("format=csv").text.splitlines()) > 21


def test_a_long_csv_is_sent_as_it_is_made_with_a_tag_of_its_own(ask, monkeypatch):
    monkeypatch.setattr("domain.cube._BLOCK", 50)
    streamed = ask("format=csv")
    assert "Content-Length" not in streamed.headers
    other = ask("format=csv&level=site")
    assert len({answer.headers["ETag"] for answer in (streamed, other)}) == 2
    again = ask("format=csv", **{"If-None-Match": streamed.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", streamed.headers["ETag"])
    monkeypatch.undo()
    assert ask("format=csv").data == streamed.data


def test_an_answer_of_a_release_is_kept_for_ever_and_by_its_reader_alone(ask):
    answer = ask("level=city")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    again = ask("level=city", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert not answer.headers["ETag"].startswith("W/")


def test_comparisons_may_be_kept_where_they_name_their_release(http, release):
    url = "/v1/comparisons/rates?measure=od_per_1000_visits&period=last-2-months"
    named, latest, of_day = (http.get(url + more) for more in (f"&release={release}", "", f"&as_of={DAY}"))
    assert named.data == latest.data == of_day.data
    assert named.json["period"] == "2026-05..2026-06"
    assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert latest.headers["Cache-Control"] == of_day.headers["Cache-Control"] == "no-cache"
    assert http.get(url, headers={"If-None-Match": latest.headers["ETag"]}).status_code == 304
    assert http.get(f"{url}&release={release}&as_of={DAY}").status_code == 422
    assert http.get(f"{url}&as_of=2026-01-01").status_code == 404


@pytest.mark.parametrize("what", ["observations", "availability", "files/observations.parquet"])
def test_the_latest_and_that_of_a_day_lead_to_the_release_with_what_was_asked(http, release, what):
    query = "" if what.startswith("files") else "unit=nyc-east%2Cri-providence&period=last-2-months"
    for asked in ("", f"as_of={DAY}"):
        found = http.get(f"/v1/releases/latest/{what}?{'&'.join(filter(None, (query, asked)))}")
        place = f"/v1/releases/{release}/{what}"
        assert (found.status_code, found.location) == (307, f"{place}?{query.replace('%2C', ',')}" if query else place)
    assert http.get(f"/v1/releases/latest/{what}?as_of=2026-01-01").status_code == 404
    assert http.get(f"/v1/releases/latest/{what}?citty=x").status_code == 422


def test_what_there_is_is_counted_from_the_rows(ask, hub, release):
    told = rows_told(hub, release)
    answer = ask("limit=10000", "availability").json
    assert (answer["release"], answer["months"]) == (release, {"first": "2026-04", "last": "2026-06"})
    kinds = {"published": "published", "suppressed": "suppressed"}
    counted: dict = {}
    for row in told:
        place = (row.level, row.unit, row.city, row.operator, row.period, row.indicator)
        numbers = counted.setdefault(place, {"published": 0, "suppressed": 0, "missing": 0})
        numbers[kinds.get(row.value_status, "missing")] += 1
    names = ("level", "unit", "city", "operator", "period", "indicator")
    assert answer["items"] == [{**dict(zip(names, place, strict=True)), **n} for place, n in counted.items()]
    assert sum(answer["summary"].values()) == len(told)
    assert set(CODES) >= {row.value_status for row in told}


def test_what_there_is_is_paged_without_gap_or_repeat_and_filtered(ask):
    whole = ask("limit=10000", "availability").json["items"]
    paged, cursor = [], ""
    while True:
        answer = ask(f"limit=7{cursor}", "availability")
        paged += answer.json["items"]
        if answer.json["next"] is None:
            break
        cursor = f"&cursor={answer.json['next']}"
        assert cursor.strip("&") in answer.headers["Link"]
    assert paged == whole
    narrow = ask("unit=ri-providence&indicator=overdose_events&period=2026-05", "availability").json
    assert [(item["published"], item["suppressed"]) for item in narrow["items"]] == [
        (0, narrow["summary"]["suppressed"])
    ]


def test_what_there_is_is_told_to_anybody_and_of_a_retracted_release_to_nobody(http, doors, release):
    url = f"/v1/releases/{release}/availability"
    assert http.get(url).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    retract(doors, release)
    assert http.get(url).status_code == 410


def test_an_empty_release_has_no_last_month(doors, http, release):
    empty = json.loads(retract(doors, release).data)["id"]
    answer = http.get(f"/v1/releases/{empty}/availability?period=last-month")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "no_such_period")
    plain = http.get(f"/v1/releases/{empty}/availability").json
    assert (plain["items"], plain["months"]) == ([], {"first": None, "last": None})


def test_an_answer_says_in_its_headers_what_its_body_has_no_room_for(ask, http, release):
    metadata = f"/v1/releases/{release}/files/observations.csv-metadata.json"
    for answer in (ask("format=csv"), http.get(f"/v1/releases/{release}/files/observations.csv")):
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
        assert answer.headers["X-Release"] == release
        assert answer.headers["Link"] == f'<{metadata}>; rel="describedby"; type="application/csvm+json"'
    assert http.get(metadata).json["url"] == "observations.csv"
    assert "Link" not in ask("format=jsonstat").headers


def test_a_csv_for_excel_has_a_byte_order_mark_ahead_and_is_else_the_same(ask, http, release, monkeypatch):
    mark, place = b"\xef\xbb\xbf", f"/v1/releases/{release}/files/observations.csv"
    assert ask("format=csv&bom=1").data == mark + ask("format=csv").data
    assert ask("format=csv&bom=0").data == ask("format=csv").data
    assert http.get(f"{place}?bom=1").data == mark + http.get(place).data
    assert http.get(f"{place}?bom=1").headers["ETag"] != http.get(place).headers["ETag"]
    assert http.get("/v1/releases/latest/files/observations.csv?bom=1").location == f"{place}?bom=1"
    for answer in (
        ask("bom=1"),
        ask("format=parquet&bom=1"),
        http.get(f"/v1/releases/{release}/files/sites.json?bom=1"),
    ):
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/query/bom")
    monkeypatch.setattr("domain.cube._BLOCK", 50)
    assert ask("format=csv&bom=1&level=site,city").data == mark + ask("format=csv&level=site,city").data
