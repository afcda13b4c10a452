"""The ledger through the doors: retraction, what changed, the release of a day, citing."""

import hashlib

import pytest

from actions.cut_release import cut_release
from domain.release import COLUMNS
from tests.builders import STEWARD, furnish, make_hub
from tests.ledger import MONTHS, accept, publish_releases, with_keys
from tests.openapi.test_contract import CONTRACT, check

RATES = "/v1/comparisons/rates?measure=od_per_1000_visits&period=2026"


@pytest.fixture
def hub(tmp_path):
    made = with_keys(furnish(make_hub(tmp_path)))
    yield made
    made.database.close()


@pytest.fixture
def chain(hub) -> list[str]:
    """Three releases, of 2026-07-15, -16 and -17."""
    return publish_releases(hub, 3)


def retract(doors, release: str, reason: str = "disclosure_risk"):
    return doors("steward")("POST", f"/v1/releases/{release}/retract", json={"reason": reason})


def test_a_retraction_is_published_and_is_then_the_latest(doors, chain, http):
    answer = retract(doors, chain[2])
    assert (answer.status_code, answer.location) == (201, "/v1/releases/2026-07-18.1")
    assert answer.json["retracts"] == {"id": chain[2], "reason": "disclosure_risk"}
    assert http.get("/v1/releases/latest").location == answer.location
    assert http.get(answer.location).data == answer.data
    for entry in answer.json["artefacts"]:
        content = http.get(entry["url"]).data
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert content == http.get(f"/v1/releases/{chain[1]}/files/{entry['name']}").data


def test_what_is_retracted_as_a_risk_answers_410_and_keeps_its_manifest(doors, chain, http):
    before = http.get(f"/v1/releases/{chain[2]}").data
    cached = http.get(f"/v1/releases/{chain[2]}/files/observations.csv").headers["ETag"]
    retract(doors, chain[2])
    for url in (
        f"/v1/releases/{chain[2]}/observations",
        f"/v1/releases/{chain[2]}/files/observations.csv",
        f"/v1/releases/{chain[2]}/diff/{chain[1]}",
        f"{RATES}&release={chain[2]}",
    ):
        answer = doors("researcher")("GET", url, headers={"If-None-Match": cached})
        assert (answer.status_code, answer.content_type) == (410, "application/problem+json")
        assert answer.json["detail"] == f"The release {chain[2]} was retracted by 2026-07-18.1: disclosure_risk."
        assert answer.headers["Cache-Control"] == "no-store"
    assert http.get(f"/v1/releases/{chain[2]}").data == before
    assert http.get(RATES).json["release"]["id"] == "2026-07-18.1"


def test_what_is_retracted_as_wrong_is_still_read(doors, chain, http):
    retract(doors, chain[2], "data_error")
    assert http.get(f"/v1/releases/{chain[2]}/files/observations.csv").status_code == 200
    assert doors("researcher")("GET", f"/v1/releases/{chain[2]}/observations").status_code == 200
    assert http.get(f"{RATES}&release={chain[2]}").status_code == 200


def test_a_retraction_that_can_not_be_is_refused(doors, chain, hub):
    accept(hub, MONTHS[3])
    draft = cut_release(hub, by=STEWARD, publish=False)
    made = retract(doors, chain[0]).json["id"]
    codes = {release: retract(doors, release).status_code for release in (draft, chain[0], made, "2026-01-01.1")}
    assert codes == {draft: 409, chain[0]: 409, made: 409, "2026-01-01.1": 404}
    assert retract(doors, chain[1], "because").status_code == 422
    assert doors("steward")("POST", f"/v1/releases/{chain[1]}/retract", json={}).status_code == 422
    for name, code in (("researcher", 403), ("nyc", 403), ("nobody", 401)):
        answer = doors(name)("POST", f"/v1/releases/{chain[1]}/retract", json={"reason": "legal"})
        assert answer.status_code == code


def test_the_list_tells_retractions_and_how_to_cite(doors, chain, http):
    made = retract(doors, chain[0], "legal").json
    items = {item["id"]: item for item in http.get("/v1/releases").json["items"]}
    assert (items[made["id"]]["retracts"], items[made["id"]]["retracted_by"]) == (chain[0], None)
    assert (items[chain[0]]["retracts"], items[chain[0]]["retracted_by"]) == (None, made["id"])
    assert {item["reason"] for item in items.values()} == {None, "legal"}
    for release, item in items.items():
        manifest = http.get(f"/v1/releases/{release}").json
        assert item["citation"] == manifest["citation"]
        assert item["url"] in item["citation"]
        assert item["published_at"][:10] in item["citation"]


def test_the_release_of_a_day_is_the_newest_when_the_day_ended(http, chain, hub):
    def of(day: str) -> str | None:
        answer = http.get(f"/v1/releases/latest?as_of={day}")
        assert answer.status_code in (307, 404)
        return answer.location and answer.location.rpartition("/")[2]

    assert of("2026-07-14") is None
    assert [of(f"2026-07-{day}") for day in (15, 16, 17, 18)] == [*chain, chain[2]]
    assert (of("0001-01-01"), of("9999-12-31")) == (None, chain[2])
    hub.clock.at = hub.clock.at.replace(hour=23, minute=59, second=59, microsecond=999_999)
    accept(hub, MONTHS[3])
    last = cut_release(hub, by=STEWARD, publish=True)
    assert (of("2026-07-18"), of("2026-07-17")) == (last, chain[2])


@pytest.mark.parametrize(
    "query", ["as_of=2026-7-1", "as_of=20260701", "as_of=2026-W01-1", "as_of=2026-02-30", "as_of=", "asof=2026-07-01"]
)
def test_a_wrong_day_and_an_unknown_parameter_are_refused(http, chain, query):
    answer = http.get(f"/v1/releases/latest?{query}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == f"/query/{query.partition('=')[0]}"


def rows(doors, release: str) -> dict[tuple, dict]:
    items = doors("researcher")("GET", f"/v1/releases/{release}/observations?limit=10000").json["items"]
    key = [name for name in COLUMNS[:8] if name != "operator"]
    return {tuple(row[name] for name in key): {name: row[name] for name in COLUMNS[8:]} for row in items}


def test_the_difference_is_that_of_the_rows_page_by_page(doors, http, chain):
    url = f"/v1/releases/{chain[2]}/diff/{chain[0]}"
    whole = http.get(url).json
    before, after = rows(doors, chain[0]), rows(doors, chain[2])
    assert whole["summary"] == {"added": len(after.keys() - before.keys()), "removed": 0, "changed": 0}
    assert whole["summary"]["added"] > 50
    assert (whole["release"], whole["earlier"], whole["next"]) == (chain[2], chain[0], None)
    paged, following = [], f"{url}?limit=7"
    while following:
        answer = http.get(following)
        assert answer.json["summary"] == whole["summary"]
        paged += answer.json["items"]
        following = answer.headers["Link"].partition(">")[0][1:] if "Link" in answer.headers else None
        assert (following is None) == (answer.json["next"] is None)
    assert paged == whole["items"]
    assert all(item["before"] is None and item["after"] for item in paged)


def test_a_retraction_of_everything_removes_every_row(doors, http, hub):
    (first,) = publish_releases(hub, 1)
    made = retract(doors, first, "data_error").json["id"]
    found = http.get(f"/v1/releases/{made}/diff/{first}").json
    assert found["summary"] == {"added": 0, "removed": len(rows(doors, first)), "changed": 0}
    assert all(item["after"] is None for item in found["items"])


def test_a_difference_may_be_kept_for_ever(http, chain):
    url = f"/v1/releases/{chain[1]}/diff/{chain[0]}"
    answer = http.get(url)
    assert "immutable" in answer.headers["Cache-Control"]
    assert http.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert http.get(f"{url}?cursor=99999").json["items"] == []


def test_a_difference_needs_two_releases_in_order(http, chain):
    for release, earlier, code in (
        (chain[0], chain[1], 422),
        (chain[1], chain[1], 422),
        (chain[1], "2026-01-01.1", 404),
        ("2026-01-01.1", chain[1], 404),
        (chain[1], "latest", 404),
        (chain[1], f"{chain[0]}?limit=0", 422),
        (chain[1], f"{chain[0]}?unit=x", 422),
    ):
        answer = http.get(f"/v1/releases/{release}/diff/{earlier}")
        assert (release, earlier, answer.status_code) == (release, earlier, code)


def test_manifests_are_what_the_contract_says(doors, chain, http):

    retract(doors, chain[2])
    schema = CONTRACT["components"]["schemas"]["Manifest"]
    for item in http.get("/v1/releases").json["items"]:
        check(schema, http.get(item["url"]).json)
