"""From accepted reports to a release that everyone reads, through the doors."""

import csv
import hashlib
import io

import pytest
import rfc8785

from actions.read_report import read_report
from actions.request_release import request_release
from auth.keys import is_signed
from domain.periods import Month
from domain.release import COLUMNS
from tests.builders import MAY, STEWARD, operator_principal, report, submit_and_accept


@pytest.fixture
def cut(hub, doors, work):
    """Accept reports, cut and publish through the door, and answer the job."""

    def run(reports: dict, publish: bool = True) -> dict:
        for (site, month), sent in reports.items():
            submit_and_accept(hub, site, month, sent)
        answer = doors("steward")("POST", "/v1/releases", json={"publish": publish})
        assert answer.status_code == 202
        work()
        return doors("steward")("GET", answer.headers["Location"]).json

    return run


SMALL = report(
    visits_consumption=60, overdose_events=4, operating_hours=90, participants_connected=15, referrals_made=20
)


def rows_of(doors, release: str, **query: str) -> list[dict]:
    page = doors("researcher")("GET", f"/v1/releases/{release}/observations", query_string=query)
    assert page.status_code == 200, page.json
    return page.json["items"]


def test_an_accepted_report_is_published_in_a_signed_release(cut, http, hub):
    job = cut({("nyc-east", MAY): report()})
    assert (job["state"], job["progress"]) == ("succeeded", 1.0)
    found = http.get("/v1/releases/latest")
    assert (found.status_code, found.location) == (307, f"/v1/releases/{job['result']['release']}")
    answer = http.get(found.location)
    manifest = answer.json
    assert manifest["reports"] == [{"site": "nyc-east", "month": "2026-05", "status": "included", "revised": False}]
    assert manifest["attack"]["breaches"] == 0
    assert manifest["attack"]["attackers"] == ["anyone", "nyc"]
    assert manifest["previous"] is None
    assert answer.data == rfc8785.dumps(manifest)
    assert "immutable" in answer.headers["Cache-Control"]


def test_the_signature_verifies_with_the_public_key_alone(tmp_path, hub, cut, http):
    from auth.keys import release_keys

    object.__setattr__(hub, "sign", release_keys(hub.settings).sign)
    cut({("nyc-east", MAY): report()})
    manifest = http.get("/v1/releases/latest", follow_redirects=True).json
    signature = manifest.pop("signature")
    keys = http.get("/.well-known/release-keys.json").json
    assert is_signed(rfc8785.dumps(manifest), signature, keys)
    manifest["counts"]["published"] += 1
    assert not is_signed(rfc8785.dumps(manifest), signature, keys)


def test_the_artefacts_are_what_the_manifest_says(cut, http):
    cut({("nyc-east", MAY): report()})
    manifest = http.get("/v1/releases/latest", follow_redirects=True).json
    assert {entry["name"] for entry in manifest["artefacts"]} >= {"observations.csv", "sites.json", "dictionary.json"}
    for entry in manifest["artefacts"]:
        answer = http.get(entry["url"])
        assert (len(answer.data), hashlib.sha256(answer.data).hexdigest()) == (entry["bytes"], entry["sha256"])
        assert answer.content_type == entry["media_type"]
    assert http.get(f"/v1/releases/{manifest['id']}/files/hub.db").status_code == 404


def test_a_cached_file_is_not_sent_again(cut, http):
    cut({("nyc-east", MAY): report()})
    url = http.get("/v1/releases/latest", follow_redirects=True).json["artefacts"][0]["url"]
    again = http.get(url, headers={"If-None-Match": http.get(url).headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"]


def test_four_overdoses_in_sixty_visits_are_told_to_nobody(cut, doors, http, hub):
    reports = {(site, MAY): report() for site in ("nyc-east", "sf-tenderloin")} | {("ri-providence", MAY): SMALL}
    release = cut(reports)["result"]["release"]
    rows = rows_of(doors, release, indicator="overdose_events")
    hidden = next(row for row in rows if row["unit"] == "ri-providence" and not row["breakdown"])
    assert (hidden["value"], hidden["value_status"]) == (None, "suppressed")
    shown = {row["level"]: row["value"] for row in rows if not row["breakdown"]}
    assert shown["all"] is None, "31 + 31 + 4 less the two sites that are shown would be the four"
    rates = http.get("/v1/comparisons/rates?measure=od_per_1000_visits&period=2026-05").json
    row = next(row for row in rates["rows"] if row["unit"] == "ri-providence")
    assert (row["numerator"], row["value"], row["stability"]) == (None, None, "withheld")
    assert row["bounds"][0] <= 4 * 1000 / 60
    assert row["bounds"][1] is None or row["bounds"][1] >= 11 * 1000 / 60
    assert rates["pooled"]["numerator"] == 62


def test_a_draft_is_nobodys_to_read_until_it_is_published(cut, doors, http):
    release = cut({("nyc-east", MAY): report()}, publish=False)["result"]["release"]
    assert http.get(f"/v1/releases/{release}").status_code == 404
    assert http.get(f"/v1/releases/{release}/files/observations.csv").status_code == 404
    assert http.get("/readyz").status_code == 503
    published = doors("steward")("POST", f"/v1/releases/{release}/publish")
    assert (published.status_code, published.json["id"]) == (200, release)
    assert doors("steward")("POST", f"/v1/releases/{release}/publish").status_code == 409
    assert http.get("/readyz").json == {"status": "ready", "release": release}


def test_a_second_release_adds_a_month_and_names_the_first(cut, http):
    first = cut({("nyc-east", MAY): report()})["result"]["release"]
    second = cut({("nyc-east", Month(2026, 4)): report(days=30)})["result"]["release"]
    listed = http.get("/v1/releases").json["items"]
    assert [entry["id"] for entry in listed] == [second, first]
    manifest = http.get(f"/v1/releases/{second}")
    assert manifest.json["previous"] == {"id": first, "sha256": listed[1]["sha256"]}
    assert hashlib.sha256(http.get(f"/v1/releases/{first}").data).hexdigest() == listed[1]["sha256"]


@pytest.mark.parametrize(("corrected", "shown", "status"), [(140, 140, "included"), (99, 97, "correction_pending")])
def test_a_large_correction_is_made_and_a_small_one_waits(hub, cut, http, corrected, shown, status):
    cut({("nyc-east", MAY): report()})
    current = read_report(hub, by=operator_principal("nyc"), site="nyc-east", month=MAY).revision.etag
    revised = report(referrals_made=corrected, revision_reason="error")
    submit_and_accept(hub, "nyc-east", MAY, revised, if_match=frozenset({current}))
    release = cut({})["result"]["release"]
    manifest = http.get(f"/v1/releases/{release}").json
    assert manifest["reports"] == [{"site": "nyc-east", "month": "2026-05", "status": status, "revised": True}]
    rows = http.get(f"/v1/releases/{release}/files/observations.csv").text.splitlines()
    assert f"site,nyc-east,new-york,nyc,2026-05,referrals_made,,,{shown},published,," in rows


def test_a_withdrawn_report_leaves_the_next_release_and_no_earlier_one(cut, doors, http):
    place = "/v1/sites/nyc-east/reports/2026-05"
    first = cut({("nyc-east", MAY): report(), ("sf-tenderloin", MAY): report()})["result"]["release"]
    files = f"/v1/releases/{first}/files/observations.csv"
    manifest, rows = http.get(f"/v1/releases/{first}").data, http.get(files).data
    etag = doors("nyc")("GET", place).headers["ETag"]
    gone = doors("nyc")("DELETE", place, headers={"If-Match": etag}).headers["ETag"]
    second = cut({})["result"]["release"]
    used = http.get(f"/v1/releases/{second}").json["reports"]
    assert [(entry["site"], entry["status"]) for entry in used] == [("sf-tenderloin", "included")]
    assert {row["unit"] for row in rows_of(doors, second) if row["level"] == "site"} == {"sf-tenderloin"}
    assert (http.get(f"/v1/releases/{first}").data, http.get(files).data) == (manifest, rows)
    again = {**report(referrals_made=140).content, "revision_reason": "error"}
    assert doors("nyc")("PUT", place, json=again, headers={"If-Match": gone}).json["revision"] == 2
    doors("steward")("POST", f"{place}/review", json={"revision": 2, "decision": "accept"})
    third = cut({})["result"]["release"]
    back = http.get(f"/v1/releases/{third}").json["reports"][0]
    assert back == {"site": "nyc-east", "month": "2026-05", "status": "included", "revised": True}
    assert {row["unit"] for row in rows_of(doors, third) if row["level"] == "site"} == {"nyc-east", "sf-tenderloin"}


def test_without_accepted_reports_there_is_no_release(cut, http):
    job = cut({})
    assert job["state"] == "failed"
    assert job["result"]["detail"] == "There is no accepted report whose month has settled."
    assert http.get("/v1/releases/latest").status_code == 404
    assert http.get("/v1/comparisons/rates?measure=od_per_1000_visits&period=2026").status_code == 404


def test_only_who_may_publish_cuts(doors):
    assert doors("nyc")("POST", "/v1/releases", json={"publish": True}).status_code == 403
    assert doors("nobody")("POST", "/v1/releases", json={}).status_code == 401


def test_asking_again_while_a_cut_waits_answers_the_same_job(doors):
    steward = doors("steward")
    first, again, other = (
        steward("POST", "/v1/releases", json={"publish": publish}).json["id"] for publish in (True, True, False)
    )
    assert first == again != other


def test_a_job_is_read_by_who_may_publish(hub, doors):
    job = request_release(hub, by=STEWARD, publish=False)
    assert doors("steward")("GET", f"/v1/jobs/{job.id}").json["state"] == "queued"
    assert doors("nyc")("GET", f"/v1/jobs/{job.id}").status_code == 403
    assert doors("steward")("GET", "/v1/jobs/0000").status_code == 404


def test_observations_are_filtered_and_paged_without_gap_or_repeat(cut, doors):
    release = cut({("nyc-east", MAY): report(), ("nyc-north", MAY): report(referrals_made=150)})["result"]["release"]
    whole = rows_of(doors, release)
    assert tuple(whole[0]) == COLUMNS or set(whole[0]) == set(COLUMNS)
    paged, cursor = [], None
    while cursor is not None or not paged:
        query = {"limit": 7, **({"cursor": cursor} if cursor else {})}
        answer = doors("researcher")("GET", f"/v1/releases/{release}/observations", query_string=query)
        assert ("Link" in answer.headers) == (answer.json["next"] is not None)
        paged += answer.json["items"]
        cursor = answer.json["next"]
    assert paged == whole
    totals = rows_of(doors, release, breakdown="total", level="city", indicator="referrals_made,overdose_events")
    assert {(row["indicator"], row["value"]) for row in totals} == {("referrals_made", 247), ("overdose_events", 62)}
    assert rows_of(doors, release, period="2025") == []
    assert len(rows_of(doors, release, period="2026-05", unit="nyc-east")) > 5


def test_csv_is_chosen_by_accept_or_format_and_is_never_paged(cut, doors):
    release = cut({("nyc-east", MAY): report()})["result"]["release"]
    researcher = doors("researcher")
    url = f"/v1/releases/{release}/observations"
    for answer in (
        researcher("GET", url, headers={"Accept": "text/csv"}),
        researcher("GET", url, query_string={"format": "csv", "limit": 1}),
    ):
        assert answer.content_type.startswith("text/csv")
        lines = list(csv.reader(io.StringIO(answer.text)))
        assert tuple(lines[0]) == COLUMNS
        assert len(lines) - 1 == len(rows_of(doors, release))


@pytest.mark.parametrize(
    "query", ["citty=x", "indicator=visits", "level=country", "period=2026-13", "limit=0", "cursor=x"]
)
def test_a_wrong_query_is_refused_with_its_parameter(cut, doors, query):
    release = cut({("nyc-east", MAY): report()})["result"]["release"]
    answer = doors("researcher")("GET", f"/v1/releases/{release}/observations?{query}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"].startswith(f"/query/{query.partition('=')[0]}")


def test_observations_need_the_scope(cut, doors):
    release = cut({("nyc-east", MAY): report()})["result"]["release"]
    assert doors("nyc")("GET", f"/v1/releases/{release}/observations").status_code == 403


def test_no_answer_to_the_public_holds_an_unpublished_count(hub, cut, http):
    submit_and_accept(hub, "ri-providence", MAY, SMALL)
    cut({("nyc-east", MAY): report()})
    from tests.builders import submit

    submit(hub, "sf-tenderloin", MAY, report(visits_consumption=98_765))
    for path in ("/v1/sites", "/v1/operators", "/v1/releases", "/openapi.json", "/v1/dictionary"):
        assert "98765" not in http.get(path).text
    manifest = http.get("/v1/releases/latest", follow_redirects=True)
    assert "98765" not in manifest.text
