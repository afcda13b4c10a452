"""People by the API: an administrator lists, invites, changes and disables; others do not."""

import pytest

from actions.register_client import register_client
from domain.access import SYSTEM, Role
from domain.clients import Client
from tests.api.conftest import Door
from tests.visitors import PASSWORD, Visitor, add_person, add_steward, audited, title_of

INVITATION = {"name": "Ana Ortiz", "email": "ana@ri.example.org", "operator": "ri", "roles": ["submitter"]}
SITES = {"ri": {"ri-providence"}, "nyc": {"nyc-east"}, None: set()}


@pytest.fixture
def admin(hub, http):
    """A door for a client with the scopes of a role, of an operator or of none."""

    def door(role: Role, operator: str | None = None) -> Door:
        client = Client(f"{role}-{operator}", "x", operator, frozenset(SITES[operator]), role.scopes)
        secret = register_client(hub, by=SYSTEM, client=client)
        answer = http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(client.id, secret))
        return Door(http, answer.json["access_token"])

    return door


def test_an_operators_admin_invites_somebody_who_then_signs_in(hub, http, admin):
    door = admin(Role.OPERATOR_ADMIN, "ri")
    made = door("POST", "/v1/users", json=INVITATION)
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    user = made.json["user"]
    assert {name: user[name] for name in INVITATION} == INVITATION
    assert (user["state"], user["created_by"], user["last_sign_in_at"]) == ("invited", "operator_admin-ri", None)
    visitor = Visitor(http.application)
    visitor.get(made.json["link"].removeprefix(hub.settings.issuer))
    assert title_of(visitor.send("/link", password=PASSWORD, repeated=PASSWORD)) == "Your account"
    assert door("GET", f"/v1/users/{user['id']}").json["state"] == "active"
    assert made.json["link"].rpartition("/")[2] not in str(audited(hub))


def test_an_operators_admin_sees_and_changes_the_people_of_that_operator_alone(hub, admin):
    rosa, sam = add_person(hub), add_steward(hub)
    ri, nyc = admin(Role.OPERATOR_ADMIN, "ri"), admin(Role.OPERATOR_ADMIN, "nyc")
    assert [user["id"] for user in ri("GET", "/v1/users").json["items"]] == [rosa.id]
    assert nyc("GET", "/v1/users").json == ri("GET", "/v1/users?operator=nyc").json == {"items": [], "next": None}
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "X"}),
        ("POST", "/disable", None),
        ("POST", "/enable", None),
    ):
        assert nyc(method, f"/v1/users/{rosa.id}{path}", json=body).status_code == 404
        assert ri(method, f"/v1/users/{sam.id}{path}", json=body).status_code == 404


def test_a_hub_admin_sees_everybody(hub, admin):
    add_person(hub)
    add_steward(hub)
    door = admin(Role.HUB_ADMIN)
    assert len(door("GET", "/v1/users").json["items"]) == 2
    assert [user["email"] for user in door("GET", "/v1/users?operator=ri&state=active").json["items"]] == [
        "rosa@ri.example.org"
    ]


def test_a_person_is_changed_disabled_and_enabled(hub, admin):
    rosa = add_person(hub)
    door = admin(Role.OPERATOR_ADMIN, "ri")
    place = f"/v1/users/{rosa.id}"
    changed = door("PATCH", place, json={"name": "Rosa D.", "roles": ["operator_admin", "submitter"]})
    assert (changed.json["name"], changed.json["roles"]) == ("Rosa D.", ["operator_admin", "submitter"])
    assert door("PATCH", place, json={}).json == changed.json
    assert door("POST", place + "/disable").json["state"] == "disabled"
    assert door("POST", place + "/disable").status_code == 409
    assert door("POST", place + "/enable").json["state"] == "invited", "rosa never came in: a new link is needed"
    assert door("POST", place + "/enable").status_code == 409


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"roles": ["steward"]}, 403),
        ({"operator": "nyc"}, 403),
        ({"roles": ["king"]}, 422),
        ({"roles": []}, 422),
        ({"roles": "submitter"}, 422),
        ({"email": "nobody"}, 422),
        ({"email": "rosa@ri.example.org"}, 409),
        ({"name": ""}, 422),
        ({"name": "\x07"}, 422),
        ({"password": "x"}, 422),
        ({"operator": 7}, 422),
    ],
)
def test_a_wrong_invitation_is_refused_and_invites_nobody(hub, admin, change, status):
    add_person(hub)
    door = admin(Role.OPERATOR_ADMIN, "ri")
    answer = door("POST", "/v1/users", json={**INVITATION, **change})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert len(door("GET", "/v1/users").json["items"]) == 1


@pytest.mark.parametrize("name", ["nyc", "steward", "researcher"])
def test_who_manages_nobody_is_told_what_is_needed(doors, name):
    answer = doors(name)("GET", "/v1/users")
    assert answer.status_code == 403
    assert 'scope="operators:admin"' in answer.headers["WWW-Authenticate"]


def test_what_people_prove_themselves_with_is_never_answered(hub, admin):
    add_person(hub)
    (user,) = admin(Role.HUB_ADMIN)("GET", "/v1/users").json["items"]
    assert not {"password_hash", "totp_secret", "totp_step"} & set(user)
