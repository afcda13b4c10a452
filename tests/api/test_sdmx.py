"""SDMX-REST through the door: who may ask, what is kept how long, what is refused, and what clients trip over."""

import csv
import io
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import import_module

import pytest

from actions.cut_release import cut_release
from actions.hub import Hub
from domain.periods import Month
from formats.sdmx import data_json, generic, structures, text
from tests.api.conftest import Door, door_of
from tests.api.test_ledger import retract
from tests.builders import STEWARD, furnished_hub, register_test_clients, report, rows_told, submit_and_accept
from tests.formats.made_up import (
    cells_in_adx,
    cells_in_generic,
    cells_in_sdmx_csv,
    cells_of,
)
from tests.formats.schemas import faults_in_adx, faults_in_sdmx
from wsgi import create_app

FLOW = "OPC_MONTHLY"
QUARTER = [Month(2026, 4), Month(2026, 5), Month(2026, 6)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> Iterator[Hub]:
    """A hub of the module's own: nothing here changes it, but for one test with a hub of its own."""
    made = furnished_hub(tmp_path_factory.mktemp("hub"))
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def release(hub) -> str:
    """A quarter of one site, and a month of a small one."""
    return cut(hub)


def cut(hub: Hub) -> str:
    for month in QUARTER:
        submit_and_accept(hub, "nyc-east", month, report(days=month.days))
    submit_and_accept(hub, "ri-providence", QUARTER[1], report(visits_consumption=2400, overdose_events=4))
    return cut_release(hub, by=STEWARD, publish=True)


@pytest.fixture(scope="module")
def callers(hub) -> Callable[[str], Door]:
    return callers_of(hub)


def callers_of(hub: Hub) -> Callable[[str], Door]:
    """Doors for the hub's clients, as the fixture `doors` has them."""
    clients, http = register_test_clients(hub), create_app(hub.settings, hub).test_client()
    return cache(partial(door_of, http, clients))


@pytest.fixture
def ask(callers, release):
    """Ask as a researcher for something below /sdmx/2.1."""
    return asking(callers("researcher"))


def asking(researcher: Door):
    return lambda what, **headers: researcher("GET", f"/sdmx/2.1/{what}", headers=headers)


def rows_of(answer) -> list[dict]:
    assert (answer.status_code, answer.content_type) == (200, text.MEDIA_TYPE), answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_structures_are_for_anybody_and_data_for_researchers(callers, release):
    nobody = callers("nobody")
    for base in ("/sdmx/2.1", f"/sdmx/2.1/releases/{release}"):
        assert nobody("GET", f"{base}/dataflow/any/{FLOW}/latest?references=all").status_code == 200
        assert nobody("GET", f"{base}/data/{FLOW}/all").status_code == 401
        assert callers("nyc")("GET", f"{base}/data/{FLOW}/all").status_code == 403


def test_the_whole_release_is_there_cell_by_cell(ask, hub, release):
    cells = cells_of(rows_told(hub, release))
    assert cells_in_generic(ask(f"data/{FLOW}").data) == cells
    assert cells_in_sdmx_csv(ask(f"releases/{release}/data/{FLOW}/all?format=csv").data) == cells


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", generic.MEDIA_TYPE),
        ("text/html", generic.MEDIA_TYPE),
        ("application/xml", generic.MEDIA_TYPE),
        ("application/vnd.sdmx.data+csv;version=1.0.0;labels=id", text.MEDIA_TYPE),
        ("text/csv", text.MEDIA_TYPE),
        ("application/vnd.sdmx.data+json;version=1.0.0, application/xml;q=0.5", data_json.MEDIA_TYPE),
        ("application/json;q=0.3, text/csv;q=0.7", text.MEDIA_TYPE),
    ],
)
def test_accept_chooses_the_form_and_format_wins_over_it(ask, accept, media_type):
    answer = ask(f"data/{FLOW}/M.site..overdose_events._T._T", Accept=accept)
    assert answer.content_type == media_type
    assert "Accept" in answer.headers["Vary"]
    assert ask(f"data/{FLOW}/all?format=csv", Accept=accept).content_type == text.MEDIA_TYPE


def test_a_key_and_times_narrow_what_is_told(ask):
    rows = rows_of(ask(f"data/{FLOW}/M.site+city..overdose_events+ems_calls._T._T?startPeriod=2026-05&format=csv"))
    assert {row["INDICATOR"] for row in rows} == {"overdose_events", "ems_calls"}
    assert {row["LEVEL"] for row in rows} == {"site", "city"}
    assert {row["TIME_PERIOD"] for row in rows} == {"2026-05", "2026-06"}
    assert {row["CATEGORY"] for row in rows} == {"_T"}
    all_sites = rows_of(ask(f"data/{FLOW}/Q._T._T.overdose_events..?format=csv"))
    assert {(row["FREQ"], row["TIME_PERIOD"], row["UNIT"]) for row in all_sites} <= {("Q", "2026-Q2", "_T")}


def test_what_is_hidden_has_no_value_one_status_and_its_bounds(ask):
    rows = rows_of(ask(f"data/{FLOW}/M.site.ri-providence.overdose_events._T._T?format=csv"))
    assert [(r["OBS_VALUE"], r["OBS_STATUS"], r["CONF_STATUS"], r["LOWER_BOUND"]) for r in rows] == [
        ("", "Q", "C", "0")
    ]


def test_where_nothing_matches_the_answer_is_an_empty_data_set(ask):
    for what in ("M.site.nowhere...", "M.....?startPeriod=2031", "X....."):
        answer = ask(f"data/{FLOW}/{what}")
        assert (answer.status_code, cells_in_generic(answer.data), faults_in_sdmx(answer.data)) == (200, {}, [])


def test_a_release_is_told_whole_or_not_at_all_by_when_it_was_updated(ask):
    assert len(rows_of(ask(f"data/{FLOW}/all?format=csv&updatedAfter=2026-07-15T11:59:59Z")))
    for after in ("2026-07-15T12:00:00Z", "2026-07-15T12:00:00", "2026-07-15T14:00:00%2B02:00", "2027-01-01"):
        assert rows_of(ask(f"data/{FLOW}/all?format=csv&updatedAfter={after}")) == []


@pytest.mark.parametrize(
    ("what", "status", "pointer"),
    [
        (f"data/{FLOW}/M.site", 422, "/path/key"),
        (f"data/{FLOW}?startPeriod=soon", 422, "/query/startPeriod"),
        (f"data/{FLOW}?startPeriod=2027&endPeriod=2026", 422, "/query/endPeriod"),
        (f"data/{FLOW}?updatedAfter=soon", 422, "/query/updatedAfter"),
        (f"data/{FLOW}?includeHistory=true", 422, "/query/includeHistory"),
        (f"data/{FLOW}?firstNObservations=0", 422, "/query/firstNObservations"),
        (f"data/{FLOW}?dimensionAtObservation=SEX", 422, "/query/dimensionAtObservation"),
        (f"data/{FLOW}?release=2026-07-15.1", 422, "/query/release"),
        ("data/ELSE/all", 404, None),
        ("dataflow/CROSSTALLY/ELSE", 404, None),
        (f"dataflow/CROSSTALLY/{FLOW}/2.0", 404, None),
        ("categoryscheme/all/all/latest", 404, None),
        (f"releases/2026-07-15.9/data/{FLOW}", 404, None),
    ],
)
def test_what_is_wrong_is_a_problem_that_says_where(ask, what, status, pointer):
    answer = ask(what)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert [item["pointer"] for item in answer.json["errors"]] == ([pointer] if pointer else [])


def test_shorter_paths_mean_all(ask):
    whole = ask("codelist/CROSSTALLY/all/latest").data
    assert {ask(what).data for what in ("codelist", "codelist/", "codelist/all", "codelist/X/all")} == {whole}
    assert ask(f"data/{FLOW}").data == ask(f"data/{FLOW}/all").data == ask(f"data/all,{FLOW},latest/...../all/").data


def test_a_release_by_its_path_is_kept_for_ever_and_the_newest_asked_for_again(ask, release):
    kept = ask(f"releases/{release}/data/{FLOW}/all")
    assert kept.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert kept.headers["X-Release"] == release
    again = ask(f"releases/{release}/data/{FLOW}/all", **{"If-None-Match": kept.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert ask(f"releases/{release}/dataflow").headers["Cache-Control"] == "public, max-age=31536000, immutable"
    newest = ask(f"data/{FLOW}/all")
    assert newest.headers["Cache-Control"] == "no-cache"
    assert ask(f"data/{FLOW}/all", **{"If-None-Match": newest.headers["ETag"]}).status_code == 304


def test_a_retracted_release_is_gone_here_too(tmp_path):
    hub = furnished_hub(tmp_path)
    release, callers = cut(hub), callers_of(hub)
    ask = asking(callers("researcher"))
    assert ask(f"releases/{release}/data/{FLOW}/all").status_code == 200
    retract(callers, release, "disclosure_risk")
    assert ask(f"releases/{release}/data/{FLOW}/all").status_code == 410
    assert ask(f"releases/{release}/dataflow").status_code == 410
    assert rows_of(ask(f"data/{FLOW}/all?format=csv")) == []
    assert ask("codelist/CROSSTALLY/CL_UNIT").content_type == structures.MEDIA_TYPE
    hub.database.close()


def test_a_long_answer_is_sent_as_it_is_made_and_is_the_same(ask, monkeypatch):
    whole = ask(f"data/{FLOW}/all")
    monkeypatch.setattr("domain.cube._BLOCK", 50)
    streamed = ask(f"data/{FLOW}/all")
    assert "Content-Length" not in streamed.headers
    assert streamed.data == whole.data


def test_what_is_made_at_once_is_refused_for_too_many_rows(ask, monkeypatch):
    monkeypatch.setattr(import_module("api.long_answers"), "MOST_PLACES", 20)
    for query in ("format=json", "dimensionAtObservation=UNIT"):
        assert ask(f"data/{FLOW}/all?{query}").json["errors"][0]["code"] == "too_many_rows"
        assert ask(f"data/{FLOW}/M.city..overdose_events._T._T?{query}").status_code == 200


def test_adx_of_a_release_has_its_published_counts_and_keeps_the_rules(callers, hub, release):
    door = callers("researcher")
    answer = door("GET", f"/v1/releases/{release}/observations?format=adx")
    assert (answer.content_type, faults_in_adx(answer.data)) == ("application/adx+xml", [])
    found = {cell: said for cell, said in cells_in_adx(answer.data).items() if said[1] == "published"}
    told = cells_of(rows_told(hub, release))
    assert found == {cell: said for cell, said in told.items() if said[1] == "published"}
    hidden = door("GET", f"/v1/releases/{release}/observations?format=adx&value_status=suppressed")
    assert (hidden.status_code, hidden.json["errors"][0]["code"]) == (422, "no_values")
