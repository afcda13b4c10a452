"""Every route with every kind of token: the answer is the documented one.

What is documented is read from the hub's own OpenAPI document: the scopes that an operation asks for, and its
answers. `python -m pytest -n0 -s tests/sweeps` prints the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from actions.hub import Hub
from actions.people.read_people import principal_of
from actions.register_client import register_client
from actions.webhooks.register_webhook import register_webhook
from auth.keys import token_keys
from auth.tokens import issue_token
from domain.access import OPERATOR_SCOPES, SYSTEM, Principal, Role
from domain.clients import Client, Grant
from domain.webhooks import Event
from store.clients import change_client
from store.grants import GivenGrant, add_grant
from store.spent import revoke_token
from store.tenancy import REGISTRAR
from tests.auth.test_tokens import HEADER, segment, signed
from tests.builders import MAY, NOON, furnish, make_hub, report, submit
from tests.visitors import add_person
from wsgi import create_app

SITE = "nyc-east"
VALUES = {"site": SITE, "month": str(MAY), "client": "victim"}
OF_AN_OPERATOR = ("/v1/users/", "/v1/clients/", "/v1/webhooks/")
OFTEN = "1000000 per minute"
PARAMETER = re.compile(r"<(?:[^<>]*:)?(\w+)>")
APP = Client(
    "app", "App", None, frozenset(), frozenset(scope for role in Role for scope in role.scopes),
    grants=frozenset({Grant.AUTHORIZATION_CODE}), redirect_uris=("https://app.example/back",),
)  # fmt: skip
FOREIGN = {"submitter of ri": Role.SUBMITTER, "admin of ri": Role.OPERATOR_ADMIN}
VICTIM = Client("victim", "Victim", "nyc", frozenset({SITE}), OPERATOR_SCOPES)


@dataclass(frozen=True)
class Kind:
    """A kind of token: what is sent, and what whoever sends it holds; None for a token that is not good."""

    name: str
    header: str | None
    principal: Principal | None = None


@dataclass(frozen=True)
class Door:
    """A route and method, and what is documented of it; None for pages and OAuth, where access tokens count nothing."""

    method: str
    rule: str
    path: str
    documented: dict | None

    @property
    def scopes(self) -> set[str]:
        """The scopes of which one lets in."""
        return {scope for way in (self.documented or {}).get("security", ()) for scope in way["oauth2"]}

    @property
    def answers(self) -> set[int]:
        """The documented answers to who is let in."""
        found = (self.documented or {}).get("responses", ())
        return {int(status) for status in found if status not in ("401", "403", "default")}


def make_people(hub: Hub) -> dict[str, Principal]:
    """Somebody of each role, and a submitter of another operator, each having let the client act for them."""
    wanted = {str(role): (role, "nyc" if role.is_of_an_operator else None) for role in Role}
    made = {}
    for name, (role, operator) in {**wanted, **{name: (role, "ri") for name, role in FOREIGN.items()}}.items():
        person = add_person(hub, f"{name.replace(' ', '.')}@example.org", role, operator=operator, password=None)
        principal = made[name] = principal_of(hub, person.id)
        grant = GivenGrant(f"g-{principal.id}", APP.id, principal.id, principal.scopes, NOON, NOON + timedelta(days=1))
        with hub.database.write(REGISTRAR) as connection:
            add_grant(connection, grant)
    return made


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with a report, and a client through which everybody acts."""
    folder: Path = tmp_path_factory.mktemp("sweep")
    made = furnish(make_hub(folder, rate_limit=OFTEN, validation_rate_limit=OFTEN))
    submit(made, SITE, MAY, report())
    register_client(made, by=SYSTEM, client=APP)
    for name in ("ended", "robot", VICTIM.id):
        register_client(made, by=SYSTEM, client=replace(VICTIM, id=name))
    VALUES["webhook"] = register_webhook(
        made, by=SYSTEM, operator="nyc", label="Victim", url="https://example.org", events=tuple(Event)
    )[0].id
    VALUES["user"] = add_person(made, "victim@example.org", operator="nyc", password=None).id
    with made.database.write(REGISTRAR) as connection:
        change_client(connection, "ended", disabled=True)
        revoke_token(connection, "revoked", NOON + timedelta(days=1))
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def app(hub: Hub) -> Flask:
    return create_app(hub.settings, hub)


@pytest.fixture(scope="module")
def kinds(hub: Hub) -> list[Kind]:
    return [*bad_kinds(hub), *good_kinds(hub)]


def bad_kinds(hub: Hub) -> Iterator[Kind]:
    """Nothing, and all that is not good."""
    key, issuer = token_keys(hub.settings).signing_key, hub.settings.issuer
    header = {**HEADER, "kid": key.thumbprint()}
    now = int(NOON.timestamp())
    claims = {
        **{"iss": issuer, "aud": issuer, "sub": "robot", "client_id": "robot", "jti": "x"},
        **{"scope": "reports:read reports:write", "iat": now, "exp": now + 900},
    }
    stranger = type(key).generate_key("P-256", private=True)
    yield Kind("none", None)
    yield Kind("basic", "Basic cm9ib3Q6eA==")
    for name, token in {
        "rubbish": "rubbish",
        "expired": signed({**claims, "iat": now - 901, "exp": now - 1}, header, key),
        "not yet": signed({**claims, "iat": now + 60}, header, key),
        "forged": signed(claims, header, stranger),
        "alg none": f"{segment({**header, 'alg': 'none'})}.{segment(claims)}.",
        "other aud": signed({**claims, "aud": "https://elsewhere.example"}, header, key),
        "other iss": signed({**claims, "iss": "https://elsewhere.example"}, header, key),
        "wrong typ": signed(claims, {**header, "typ": "JWT"}, key),
        "no typ": signed(claims, {name: value for name, value in header.items() if name != "typ"}, key),
        "revoked": signed({**claims, "jti": "revoked"}, header, key),
        "disabled": signed({**claims, "sub": "ended", "client_id": "ended"}, header, key),
        "no client": signed({**claims, "sub": "nobody", "client_id": "nobody"}, header, key),
    }.items():
        yield Kind(name, f"Bearer {token}")


def good_kinds(hub: Hub) -> Iterator[Kind]:
    """Everybody there is: a client for itself, people of each role, one of another operator."""
    key = token_keys(hub.settings).signing_key
    robot = Principal("robot", OPERATOR_SCOPES, "nyc", frozenset({SITE}))
    for name, person in {"client": robot, **make_people(hub)}.items():
        token = issue_token(
            key,
            issuer=hub.settings.issuer,
            client_id="app" if person.is_person else person.id,
            scope=" ".join(sorted(person.scopes)),
            now=NOON,
            lifetime=900,
            grant=(f"g-{person.id}", person.id) if person.is_person else None,
        )
        yield Kind(name, f"Bearer {token}", person)


def doors(app: Flask) -> list[Door]:
    """Every route and method that there is."""
    document = app.test_client().get("/openapi.json").json
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        described = document["paths"].get(PARAMETER.sub(r"{\1}", rule.rule), {})
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            operation = described.get(method.lower())
            found.append(Door(method, rule.rule, path_of(rule.rule, described.get("parameters", ())), operation))
    return found


def path_of(rule: str, documented: Iterable[dict]) -> str:
    """A path that the rule matches: of what there is, else as the contract has it in its examples."""
    examples = {one["name"]: one["schema"].get("examples", [1])[0] for one in documented if one.get("in") == "path"}
    return PARAMETER.sub(lambda name: VALUES.get(name[1], str(examples.get(name[1], "x"))), rule)


def knock(app: Flask, door: Door, kind: Kind) -> TestResponse:
    headers = {"Authorization": kind.header} if kind.header else {}
    return app.test_client().open(door.path, method=door.method, headers=headers)


def fault(door: Door, kind: Kind, answer: TestResponse, without: TestResponse) -> str | None:
    """What is wrong with an answer; `without` is the one to a request without a token."""
    challenge = answer.headers.get("WWW-Authenticate", "")
    if not door.scopes:
        expected = {without.status_code}
        ok = answer.status_code in door.answers if door.documented else answer.status_code < 500
    elif kind.principal is None:
        expected = {401}
        ok = ('error="invalid_token"' in challenge) == ((kind.header or "").startswith("Bearer"))
        ok = ok and all(f'scope="{scope}"' in challenge for scope in door.scopes)
    elif door.scopes.isdisjoint(kind.principal.scopes):
        expected = {403}
        ok = 'error="insufficient_scope"' in challenge
    elif "site>/reports" in door.rule and not may_see(door, kind.principal):
        expected = {404} if door.method == "GET" else {403}
        ok = answer.json["type"].endswith("/not-found" if door.method == "GET" else "/not-your-site")
    elif door.rule.startswith(OF_AN_OPERATOR) and kind.principal.operator == "ri":
        # What can't be read of a body is told first; nothing of another operator's is.
        expected, ok = {404} | ({400} if "requestBody" in (door.documented or {}) else set()), True
    elif door.rule.startswith(OF_AN_OPERATOR) and not OPERATOR_SCOPES <= kind.principal.scopes:
        # Nobody gives what they do not hold, nor decides about who holds more than they do.
        expected, ok = door.answers | {403}, "insufficient_scope" not in challenge
    else:
        expected, ok = door.answers, True
    return None if ok and answer.status_code in expected else f"{answer.status_code}, not {expected}"


def may_see(door: Door, principal: Principal) -> bool:
    return principal.owns(SITE) or principal.reviews and "reports:review" in door.scopes


def test_every_route_answers_every_kind_of_token_as_documented(app, kinds, capsys):
    rows, faults = [], []
    for door in doors(app):
        without = knock(app, door, kinds[0])
        answers = [knock(app, door, kind) for kind in kinds]
        rows.append((f"{door.method} {door.rule}", [answer.status_code for answer in answers]))
        for kind, answer in zip(kinds, answers, strict=True):
            if wrong := fault(door, kind, answer, without):
                faults.append(f"{door.method} {door.rule}, {kind.name}: {wrong}")
    with capsys.disabled():
        print("\n" + table([kind.name for kind in kinds], rows))
        answered = sum(len(statuses) for _, statuses in rows)
        print(f"{answered - len(faults)} of {answered} answers as documented")
    assert faults == []
    assert len(rows) > 30
    assert {status for _, statuses in rows for status in statuses} >= {200, 401, 403, 404}


def table(names: list[str], rows: list[tuple[str, list[int]]]) -> str:
    """The statuses, a row for each route, the names of the kinds above them from top to bottom."""
    wide = max(len(name) for name, _ in rows)
    tall = max(map(len, names))
    heads = [" " * wide + " " + " ".join(f"{name.rjust(tall)[line]:>3}" for name in names) for line in range(tall)]
    return "\n".join([*heads, *(f"{name:<{wide}} {' '.join(map(str, statuses))}" for name, statuses in rows)])


@pytest.mark.parametrize("wrong", [200, 401, 403, 500])
def test_a_wrong_answer_would_be_found(app, kinds, wrong):
    (door,) = [door for door in doors(app) if (door.method, door.rule) == ("GET", "/v1/reports")]
    by_name = {kind.name: kind for kind in kinds}
    right = {"expired": 401, "researcher": 403, "steward": 200}
    for name, status in right.items():
        answer = knock(app, door, by_name[name])
        assert fault(door, by_name[name], answer, answer) is None
        if status != wrong:
            answer.status_code = wrong
            assert fault(door, by_name[name], answer, answer)


def test_the_sweep_has_a_token_of_every_role(kinds):
    assert {*map(str, Role), *FOREIGN} <= {kind.name for kind in kinds if kind.principal}
