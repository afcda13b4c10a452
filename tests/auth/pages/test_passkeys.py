"""Passkeys: made, used, named and removed; and everything that is not quite one."""

from copy import deepcopy

import pytest

from actions.people.change_person import disable_person
from actions.people.factors import factors_of
from domain.access import SYSTEM
from tests.auth.pages.conftest import ISSUER
from tests.authenticator import USER_PRESENT, Authenticator
from tests.visitors import add_person, add_steward, audited, forms_of, give_app, title_of

EMAIL = "sam@hub.example.org"


@pytest.fixture
def passkey() -> Authenticator:
    return Authenticator(ISSUER, "hub.example.org")


def ask(visitor, path, content=None):
    """Post JSON as the script of a page does."""
    return visitor.post(path, json=content or {}, headers={"X-Form-Token": visitor.token})


def make(visitor, passkey, name="laptop", change=lambda credential: credential):
    visitor.get("/account/passkeys/new") if "form_token" not in visitor.page.text else None
    options = ask(visitor, "/account/passkeys/options").json
    return ask(visitor, "/account/passkeys", {"name": name, "credential": change(passkey.make(options))})


def use(visitor, passkey, change=lambda credential: credential):
    visitor.get("/signin?again=1")
    options = ask(visitor, "/signin/passkey/options").json
    return ask(visitor, "/signin/passkey", {"credential": change(passkey.use(options))})


@pytest.fixture
def steward(hub, visitor, passkey):
    """A steward who has set up a passkey, and is signed in."""
    person = add_steward(hub)
    visitor.sign_in(EMAIL)
    assert make(visitor, passkey).json == {"next": "/account"}
    return person


def test_a_passkey_completes_the_sign_in_that_needed_one(hub, visitor, passkey, steward):
    assert title_of(visitor.get("/account")) == "Your account"
    assert [key.name for key in factors_of(hub, steward).passkeys] == ["laptop"]
    assert (f"user:{steward.id}", "passkey.add", f"user:{steward.id}") in audited(hub)


def test_a_passkey_alone_lets_its_owner_in(hub, visitors, passkey, steward):
    visitor = visitors()
    assert use(visitor, passkey).json == {"next": "/account"}
    assert title_of(visitor.get("/account")) == "Your account"
    assert factors_of(hub, steward).passkeys[0].sign_count == passkey.counter


def test_a_passkey_is_a_second_step(visitors, passkey, steward):
    visitor = visitors()
    assert title_of(visitor.sign_in(EMAIL)) == "Second step"
    options = ask(visitor, "/signin/passkey/options").json
    assert len(options["allowCredentials"]) == 1 and options["userVerification"] == "required"
    assert ask(visitor, "/signin/passkey", {"credential": passkey.use(options)}).status_code == 200
    assert title_of(visitor.get("/account")) == "Your account"


def test_nobody_is_told_whose_passkeys_there_are(visitor, steward, visitors):
    stranger = visitors()
    stranger.get("/signin")
    assert not ask(stranger, "/signin/passkey/options").json.get("allowCredentials")


def test_one_has_several_names_them_and_removes_all_but_the_last(hub, visitor, passkey, steward):
    second = Authenticator(ISSUER, "hub.example.org")
    visitor.get("/account/passkeys/new")
    assert make(visitor, second, " blue \x00 key ").status_code == 200
    page = visitor.get("/account")
    assert "blue key" in page.text.replace("  ", " ")
    action = next(form.action for form in forms_of(page) if form.action.endswith("/name"))
    assert "grey key" in visitor.send(action, name="grey key").text
    remove = [form.action for form in forms_of(visitor.page) if "/passkeys/" in form.action and "remove" in form.action]
    visitor.send(remove[0])
    assert len(factors_of(hub, steward).passkeys) == 1
    page = visitor.send(remove[1])
    assert page.status_code == 409 and len(factors_of(hub, steward).passkeys) == 1


def test_the_passkeys_of_others_are_not_ones_to_change(hub, visitors, passkey, steward):
    add_person(hub)
    visitor = visitors()
    visitor.sign_in("rosa@ri.example.org")
    theirs = factors_of(hub, steward).passkeys[0].id
    for place in (theirs, "x", "%00", "é"):
        for verb in ("name", "remove"):
            answer = visitor.post(f"/account/passkeys/{place}/{verb}", data={"form_token": visitor.token, "name": "x"})
            assert answer.status_code == 404
    assert factors_of(hub, steward).passkeys[0].name == "laptop"


def test_a_counter_that_does_not_go_on_is_a_copy(hub, visitors, passkey, steward):
    assert use(visitors(), passkey).status_code == 200
    passkey.counter -= 1
    refused = use(visitors(), passkey)
    assert (refused.status_code, refused.json["detail"][:12]) == (422, "This passkey")
    assert audited(hub)[-1][1:] == ("signin.failed", f"user:{steward.id}")


def test_a_challenge_is_good_once_in_its_browser_and_soon(visitors, passkey, steward, clock):
    visitor, other = visitors(), visitors()
    visitor.get("/signin")
    other.get("/signin")
    answer = passkey.use(ask(visitor, "/signin/passkey/options").json)
    assert ask(other, "/signin/passkey", {"credential": answer}).status_code == 404
    ask(other, "/signin/passkey/options")
    assert ask(other, "/signin/passkey", {"credential": answer}).status_code == 422
    assert ask(visitor, "/signin/passkey", {"credential": answer}).status_code == 200
    visitor.get("/signin?again=1")
    assert ask(visitor, "/signin/passkey", {"credential": answer}).status_code == 404
    late = visitors()
    late.get("/signin")
    answer = passkey.use(ask(late, "/signin/passkey/options").json)
    clock.forward(minutes=5)
    assert ask(late, "/signin/passkey", {"credential": answer}).status_code == 404


FAKES = {
    "of another site": {"origin": "https://evil.example"},
    "over http": {"origin": "http://hub.example.org"},
    "for another host": {"host": "evil.example"},
    "without its user verified": {"flags": USER_PRESENT},
    "without anybody there": {"flags": 0},
}


@pytest.mark.parametrize("fake", FAKES)
def test_what_does_not_fit_is_neither_kept_nor_believed(hub, visitors, passkey, steward, fake):
    for name, value in FAKES[fake].items():
        setattr(passkey, name, value)
    assert use(visitors(), passkey).status_code == 422
    other = Authenticator(ISSUER, "hub.example.org", **FAKES[fake]) if "flags" in FAKES[fake] else passkey
    other.id = b"another one here"
    add_steward(hub, "kim@hub.example.org")
    visitor = visitors()
    visitor.sign_in("kim@hub.example.org")
    assert make(visitor, other).status_code == 422
    assert title_of(visitor.get("/account")) == "Set up a second step"


def test_a_signature_of_another_key_is_refused(visitors, passkey, steward):
    forger = Authenticator(ISSUER, "hub.example.org", id=passkey.id, counter=99)
    assert use(visitors(), forger).status_code == 422


def test_a_passkey_is_registered_once(hub, visitors, passkey, steward):
    add_steward(hub, "kim@hub.example.org")
    visitor = visitors()
    visitor.sign_in("kim@hub.example.org")
    assert make(visitor, passkey).status_code == 409


def test_a_disabled_person_has_no_passkey(hub, visitors, passkey, steward):
    disable_person(hub, by=SYSTEM, user=steward.id)
    assert use(visitors(), passkey).status_code == 422


def test_who_has_a_second_factor_does_not_get_past_it_by_making_a_passkey(hub, visitors, passkey):
    give_app(hub, add_person(hub))
    visitor = visitors()
    visitor.sign_in("rosa@ri.example.org")
    for path in ("/account/passkeys/options", "/account/passkeys"):
        assert ask(visitor, path).status_code == 403


ODD = [None, 7, [], "x", {}, {"id": 7}, {"id": "\x00"}, {"id": "x" * 9000}, {"id": "é"}]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
def test_what_is_no_credential_is_refused(visitors, steward, odd):
    visitor = visitors()
    visitor.get("/signin")
    ask(visitor, "/signin/passkey/options")
    assert ask(visitor, "/signin/passkey", {"credential": odd}).status_code == 422
    assert visitor.post(
        "/signin/passkey", data="[", headers={"X-Form-Token": visitor.token}, content_type="application/json"
    ).status_code in (400, 422)


def broken(credential, path, value):
    made = deepcopy(credential)
    place = made["response"] if path in made["response"] else made
    place[path] = value
    return made


@pytest.mark.parametrize("value", [None, 7, "", "!", "AAAA", [], {"a": 1}, "é"])
def test_credentials_broken_anywhere_are_refused(hub, visitors, passkey, steward, value):
    for path in ("rawId", "response", "clientDataJSON", "authenticatorData", "signature", "type"):
        answer = use(visitors(), passkey, lambda credential, path=path: broken(credential, path, value))
        assert (path, answer.status_code) == (path, 422)
    add_steward(hub, "kim@hub.example.org")
    visitor = visitors()
    visitor.sign_in("kim@hub.example.org")
    for path in ("id", "rawId", "response", "clientDataJSON", "attestationObject", "type"):
        other = Authenticator(ISSUER, "hub.example.org")
        answer = make(visitor, other, change=lambda credential, path=path: broken(credential, path, value))
        assert (path, answer.status_code) == (path, 422)
