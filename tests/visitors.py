"""People for the tests, browsers in which they sit, and an authenticator of their own."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask
from werkzeug.test import TestResponse

from actions.hub import Hub
from actions.people import passwords
from actions.people.issue_link import issue_link
from actions.people.sealing import seal
from actions.people.sessions import Browser
from actions.people.sign_in import sign_in
from domain.access import SYSTEM, Role
from domain.person import Person, PersonState
from store.audit import all_lines
from store.tenancy import AUDITOR, REGISTRAR
from store.users import add_user, set_password_hash, set_totp
from tests.builders import NOON

PASSWORD = "heron-lantern-quilt-93"
OTHER_PASSWORD = "violet-anvil-tundra-40"


def hash_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passwords cost next to nothing; tests hash hundreds of them."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobodys.cache_clear()


@cache
def _hash_of(_hasher: PasswordHasher, password: str) -> str:
    return passwords.hash_password(password)


def add_person(
    hub: Hub,
    email: str = "rosa@ri.example.org",
    *roles: Role,
    operator: str | None = "ri",
    state: PersonState = PersonState.ACTIVE,
    password: str | None = PASSWORD,
    id: str = "",
) -> Person:
    """Somebody who has been here for a while; a submitter of Rhode Island unless told otherwise."""
    name = email.partition("@")[0].capitalize() + " Delgado"
    granted = frozenset(roles or {Role.SUBMITTER})
    person = Person(id or secrets.token_hex(8), name, email, operator, granted, state, "crosstally-hub", NOON)
    with hub.database.write(REGISTRAR) as connection:
        add_user(connection, person)
        if password:
            set_password_hash(connection, person.id, _hash_of(passwords.HASHER, password))
    return person


def add_steward(hub: Hub, email: str = "sam@hub.example.org") -> Person:
    """Somebody whose role needs a second factor, and who has none."""
    return add_person(hub, email, Role.STEWARD, operator=None)


def give_app(hub: Hub, person: Person) -> pyotp.TOTP:
    """An authenticator app with the person's secret."""
    secret = pyotp.random_base32()
    with hub.database.write(REGISTRAR) as connection:
        set_totp(connection, person.id, seal(hub, person.id, secret), None)
    return pyotp.TOTP(secret)


def some_browser(network: str = "192.0.2.0/24", **values: str) -> Browser:
    """A browser that was never here before."""
    return replace(Browser(secrets.token_urlsafe(32), "Testfox 1.0", network), **values)


def add_signed_in_person(hub: Hub, operator: str) -> Person:
    """Somebody of the operator who is signed in, and has a link."""
    person = add_person(hub, f"rosa@{operator}.example.org", operator=operator, id=f"rosa-of-{operator}")
    sign_in(hub, email=person.email, password=PASSWORD, browser=some_browser())
    issue_link(hub, by=SYSTEM, user=person.id)
    return person


def audited(hub: Hub) -> list[tuple[str, str, str]]:
    """(actor, action, subject) of every line of the log, but those that furnished the hub."""
    with hub.database.read(AUDITOR) as connection:
        lines = all_lines(connection)
    told = [(line.actor, line.action, line.subject) for line in lines]
    return [line for line in told if line[1] not in ("operator.register", "site.register", "client.register")]


@dataclass
class Form:
    """A form of a page: its fields with the values they come with."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(facts.get("action", "")))
        elif tag == "input" and self.forms and facts.get("name"):
            self.forms[-1].fields[facts["name"]] = facts.get("value", "")


class Visitor:
    """Somebody with a browser: opens pages, fills in the forms that are on them, follows redirects."""

    def __init__(self, app: Flask, address: str = "192.0.2.7") -> None:
        self.http = app.test_client()
        self.base = app.extensions["crosstally"].settings.issuer
        self.environ = {"REMOTE_ADDR": address}
        self.page: TestResponse | None = None

    def get(self, path: str, **options: Any) -> TestResponse:
        self.page = self.http.get(
            path, base_url=self.base, environ_overrides=self.environ, follow_redirects=True, **options
        )
        return self.page

    def post(self, path: str, **options: Any) -> TestResponse:
        """Post as told, from no form."""
        return self.http.post(path, base_url=self.base, environ_overrides=self.environ, **options)

    def send(self, action: str, *, follow: bool = True, **typed: str) -> TestResponse:
        """Fill in the form of the page at hand that goes to this path, and send it."""
        form = next(form for form in forms_of(self.page) if form.action == action)
        assert set(typed) <= set(form.fields), f"the form has {sorted(form.fields)}"
        answer = self.http.post(
            action,
            base_url=self.base,
            data={**form.fields, **typed},
            environ_overrides=self.environ,
            follow_redirects=follow,
        )
        self.page = answer
        return answer

    def sign_in(self, email: str, password: str = PASSWORD, *, then: str = "") -> TestResponse:
        """Sign in with the first step."""
        self.get(then or "/signin")
        return self.send("/signin", email=email, password=password)

    @property
    def token(self) -> str:
        """What the forms of the page at hand carry."""
        return re.search(r'name="form_token" value="([0-9a-f]{64})"', self.page.text)[1]

    @property
    def cookies(self) -> dict[str, str]:
        host = self.base.split("/")[2].split(":")[0]
        return {
            name: cookie.value
            for name in ("crosstally", "crosstally-device", "__Host-crosstally", "__Host-crosstally-device")
            if (cookie := self.http.get_cookie(name, domain=host))
        }


def forms_of(page: TestResponse | None) -> list[Form]:
    """The forms of a page."""
    parser = _Forms()
    parser.feed(page.text if page else "")
    return parser.forms


def title_of(page: TestResponse) -> str:
    """The heading of a page."""
    return re.search(r"<h1>(.*?)</h1>", page.text)[1]


def error_of(page: TestResponse) -> str:
    """What the page says went wrong."""
    found = re.search(r'<p class="error" id="error" role="alert">(.*?)</p>', page.text)
    return found[1] if found else ""
