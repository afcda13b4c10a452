"""Webhooks by API: who manages whose, what is told once, what is written down."""

import pytest

from actions.webhooks.deliver import deliver_announcements
from tests.api.test_administration import admin, change, lines, manager  # noqa: F401 - fixtures

PATH = "/v1/webhooks"
NEW = {
    "label": "Data office",
    "url": "https://data.example.org/hook",
    "events": ["release.published", "report.accepted", "report.accepted"],
}


@pytest.fixture
def own(manager):  # noqa: F811
    """The door of nyc's admin, and a webhook of nyc."""
    door = manager("nyc")
    return door, door("POST", PATH, json=NEW)


def test_an_operators_admin_registers_reads_changes_and_removes_its_own(own):
    door, made = own
    assert made.status_code == 201 and made.headers["Cache-Control"] == "no-store"
    told, place = made.json, made.headers["Location"]
    secret = told.pop("secret")
    assert secret.startswith("whsec_") and told["operator"] == "nyc"
    assert told["events"] == ["report.accepted", "release.published"]
    shown = door("GET", place)
    assert shown.json == told and secret not in shown.text
    assert door("GET", PATH).json["items"] == [shown.json]
    changed = change(door, place, {"url": "https://other.example.org/", "disabled": True})
    assert (changed.json["url"], changed.json["disabled_for"]) == ("https://other.example.org/", "administrator")
    assert change(door, place, {"disabled": False}).json["disabled_for"] is None
    assert door("DELETE", place).status_code == 204
    assert door("GET", place).status_code == 404 and door("GET", PATH).json["items"] == []


def test_nobody_sees_or_manages_those_of_another_operator(own, manager, doors):  # noqa: F811
    place = own[1].headers["Location"]
    other = manager("ri", sites=("ri-providence",))
    assert other("GET", PATH).json["items"] == []
    attempts = [
        other("GET", place),
        other("PATCH", place, json={"disabled": True}, headers={"If-Match": "*"}),
        other("DELETE", place),
        other("POST", f"{place}/secret", json={}),
        other("POST", f"{place}/test"),
        other("GET", f"{place}/deliveries"),
    ]
    assert [answer.status_code for answer in attempts] == [404] * 6
    assert other("POST", PATH, json={**NEW, "operator": "nyc"}).status_code == 403
    assert other("POST", PATH, json={**NEW, "operator": None}).status_code == 403
    assert doors("nyc")("GET", PATH).status_code == 403
    assert own[0]("GET", place).json["disabled"] is False


def test_the_hubs_administrator_manages_all_and_has_webhooks_of_the_hubs_own(own, admin):  # noqa: F811
    made = admin("POST", PATH, json={**NEW, "events": ["release.published"]})
    assert (made.status_code, made.json["operator"]) == (201, None)
    assert admin("POST", PATH, json={**NEW, "operator": "sf"}).json["operator"] == "sf"
    assert [item["operator"] for item in admin("GET", PATH).json["items"]] == [None, "nyc", "sf"]
    refused = admin("POST", PATH, json=NEW)
    assert refused.status_code == 422 and refused.json["errors"][0]["pointer"] == "/events"
    assert admin("POST", PATH, json={**NEW, "operator": "nobody"}).json["errors"][0]["pointer"] == "/operator"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "http://data.example.org"}, "/url"),
        ({"url": "https://10.0.0.1/x"}, "/url"),
        ({"url": "https://data.example.org/\r\nX: y"}, "/url"),
        ({"events": []}, "/events"),
        ({"events": ["report.deleted"]}, "/events/0"),
        ({"label": ""}, "/label"),
        ({"secret": "whsec_AAAA"}, ""),
        ({"disabled": True}, ""),
    ],
)
def test_what_can_not_be_is_refused_with_its_place(manager, wrong, pointer):  # noqa: F811
    answer = manager("nyc")("POST", PATH, json={**NEW, **wrong})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


def test_a_change_needs_the_current_tag(own):
    door, made = own
    place = made.headers["Location"]
    assert door("PATCH", place, json={"label": "x"}).status_code == 428
    assert change(door, place, {"label": "x"}, '"old"').status_code == 412


def test_a_test_is_on_its_way_and_the_deliveries_tell_what_became_of_it(own, hub):
    door, made = own
    place = made.headers["Location"]
    sent = door("POST", f"{place}/test")
    assert sent.status_code == 202
    change(door, place, {"url": "https://nowhere.invalid/hook"})
    deliver_announcements(hub)
    (one,) = door("GET", f"{place}/deliveries").json["items"]
    assert (one["id"], one["event"], one["state"], one["attempts"]) == (sent.json["id"], "webhook.test", "waiting", 1)
    assert (one["failure"], one["status"]) == ("name", None) and one["next_at"]
    door("POST", f"{place}/test")
    deliver_announcements(hub)
    page = door("GET", f"{place}/deliveries?limit=1")
    assert page.json["next"] == "1" and 'rel="next"' in page.headers["Link"]
    assert door("GET", f"{place}/deliveries?limit=1&cursor=1").json["next"] is None
    change(door, place, {"disabled": True})
    assert door("POST", f"{place}/test").status_code == 409


def test_a_new_secret_is_another_one(own):
    door, made = own
    answer = door("POST", f"{made.headers['Location']}/secret")
    assert answer.status_code == 201 and answer.json["secret"] != made.json["secret"]
    assert door("POST", f"{made.headers['Location']}/secret", json={"at_once": True}).status_code == 201


def test_there_is_an_end_to_how_many(manager):  # noqa: F811
    door = manager("nyc")
    statuses = [door("POST", PATH, json=NEW).status_code for _ in range(21)]
    assert statuses == [201] * 20 + [409]


def test_who_did_what_is_written_down_without_the_secret(own, admin):  # noqa: F811
    door, made = own
    place, id = made.headers["Location"], made.json["id"]
    change(door, place, {"label": "x"})
    door("POST", f"{place}/secret")
    door("POST", f"{place}/test")
    door("DELETE", place)
    found = [line for line in lines(admin) if line[1].startswith("webhook.")]
    assert found == [
        ("nyc-manager", "webhook.remove", id, "nyc"),
        ("nyc-manager", "webhook.test", id, "nyc"),
        ("nyc-manager", "webhook.rotate", id, "nyc"),
        ("nyc-manager", "webhook.change", f"{id}/label", "nyc"),
        ("nyc-manager", "webhook.register", id, "nyc"),
    ]
