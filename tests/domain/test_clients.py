"""What a client may be, and what it may not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access import OPERATOR_SCOPES, Principal, Scope
from domain.clients import CREDENTIAL_LIFETIME, Client, Grant, credential_end, require_sound
from domain.refusals import RuleBroken
from tests.builders import NOON

OWN = {"nyc-east", "nyc-north"}
SENDER = Client("nyc", "New York", "nyc", frozenset({"nyc-east"}), OPERATOR_SCOPES)
ASKER = Client(
    "app", "App", None, frozenset(), OPERATOR_SCOPES,
    grants=frozenset({Grant.AUTHORIZATION_CODE}), redirect_uris=("https://app.example/back",),
)  # fmt: skip


def faults(client: Client) -> set[str]:
    with pytest.raises(RuleBroken) as refused:
        require_sound(client, OWN)
    return {item.pointer for item in refused.value.items}


def test_a_sound_client_is_let_through():
    require_sound(SENDER, OWN)
    require_sound(ASKER, ())
    require_sound(replace(SENDER, networks=("192.0.2.0/24", "2001:db8::/32", "192.0.2.7")), OWN)


@pytest.mark.parametrize(
    "id", ["", " ", "user:ann", "a b", "é", "-a", ".a", "a" * 101, "a/b", "a\n", "a:b", "crosstally-hub"]
)
def test_an_id_could_be_taken_for_nothing_else(id):
    assert faults(replace(SENDER, id=id)) == {"/id"}


def test_sites_are_of_its_own_operator():
    assert faults(replace(SENDER, sites=frozenset({"ri-providence"}))) == {"/sites"}


def test_who_sends_for_itself_is_bound_to_sites_and_who_asks_people_need_not_be():
    assert faults(replace(SENDER, sites=frozenset())) == {"/sites"}
    both = replace(ASKER, grants=frozenset(Grant))
    assert faults(both) == {"/sites"}


def test_who_asks_people_has_a_way_back_and_nobody_else():
    assert faults(replace(ASKER, redirect_uris=())) == {"/redirect_uris"}
    assert faults(replace(SENDER, redirect_uris=("https://app.example/back",))) == {"/redirect_uris"}
    assert faults(replace(SENDER, grants=frozenset())) == {"/grants"}


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/back",
        "https://app.example",
        "https://app.example:8443/back?a=1&b=2",
        "http://127.0.0.1:9000/",
        "http://[::1]/back",
        "http://localhost/back",
    ],
)
def test_a_way_back_is_https_or_on_the_same_machine(uri):
    require_sound(replace(ASKER, redirect_uris=(uri,)), ())


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/back",
        "//app.example/back",
        "http://app.example/back",
        "http://127.0.0.1.app.example/",
        "ftp://127.0.0.1/",
        "javascript:alert(1)",
        "data:text/html,x",
        "app:/back",
        "https://",
        "https:///back",
        "https://app.example/back#",
        "https://app.example/#part",
        "https://user@app.example/",
        "https://user:pass@app.example/",
        "https://app.example:port/",
        "https://app.example:99999/",
        "https://[::1/",
        "https://app.example/é",
        "https://app.example/a b",
        "https://app.example/\n",
        "https://app.example\\@evil.example/",
        "https://app.example;script-src/",
        "https://app.example'/",
        "https://*.example/",
    ],
)
def test_any_other_way_back_is_refused(uri):
    assert faults(replace(ASKER, redirect_uris=(uri,))) == {"/redirect_uris"}


@pytest.mark.parametrize("network", ["", "x", "192.0.2.1/24", "192.0.2.0/33", "2001:db8::1/32", "192.0.2", "é", "0/0"])
def test_a_network_is_one(network):
    assert faults(replace(SENDER, networks=(network,))) == {"/networks"}


def test_everything_that_is_wrong_is_told_at_once():
    wrong = replace(SENDER, id="", sites=frozenset({"x"}), networks=("x",))
    assert faults(wrong) == {"/id", "/sites", "/networks"}


def test_a_person_acts_through_a_client_with_what_both_may_do():
    person = Principal("user:bea", OPERATOR_SCOPES | {Scope.DATA_READ}, "nyc", frozenset(OWN))
    acting = replace(ASKER, scopes=frozenset({Scope.REPORTS_READ, Scope.REPORTS_REVIEW})).acting_for(person)
    assert acting == Principal("user:bea", frozenset({Scope.REPORTS_READ}), "nyc", frozenset(OWN), via="app")
    bound = replace(ASKER, operator="nyc", sites=frozenset({"nyc-east", "nyc-gone"})).acting_for(person)
    assert bound.sites == {"nyc-east"}
    assert replace(ASKER, operator="ri").acting_for(person) is None


def test_the_client_of_an_operator_does_not_act_for_the_hubs_own_people():
    steward = Principal("user:ann", frozenset({Scope.REPORTS_REVIEW}))
    assert replace(ASKER, operator="nyc").acting_for(steward) is None


@pytest.mark.parametrize("days", [1, 365])
def test_a_secret_ends_within_a_year(days):
    assert credential_end(NOON + timedelta(days=days), NOON) == NOON + timedelta(days=days)
    assert credential_end(None, NOON) == NOON + CREDENTIAL_LIFETIME


@pytest.mark.parametrize("end", [NOON, NOON - timedelta(days=1), NOON + timedelta(days=365, seconds=1)])
def test_a_secret_that_ends_at_another_time_is_refused(end):
    with pytest.raises(RuleBroken):
        credential_end(end, NOON)
