"""Signing in and out on the pages, step by step, as somebody with a browser does."""

import re

import pyotp
import pytest

from actions.people.issue_link import issue_link
from domain.access import SYSTEM
from tests.visitors import (
    OTHER_PASSWORD,
    PASSWORD,
    add_person,
    add_steward,
    error_of,
    forms_of,
    give_app,
    title_of,
)

EMAIL = "rosa@ri.example.org"


def test_a_person_signs_in_sees_their_account_and_signs_out(hub, visitor):
    add_person(hub)
    page = visitor.sign_in(EMAIL)
    assert (page.status_code, title_of(page), page.request.path) == (200, "Your account", "/account")
    assert "Rosa Delgado" in page.text and "Submitter" in page.text
    assert title_of(visitor.send("/signout")) == "Sign in"
    assert title_of(visitor.get("/account")) == "Sign in"


def test_a_wrong_password_is_told_at_the_field_and_keeps_the_address(hub, visitor):
    add_person(hub)
    page = visitor.sign_in(EMAIL, "wrong")
    assert page.status_code == 422
    assert error_of(page) == "The e-mail address or the password is wrong."
    assert 'aria-invalid="true"' in page.text and 'aria-describedby="error"' in page.text
    assert forms_of(page)[0].fields["email"] == EMAIL and "wrong<" not in page.text.replace("is wrong.<", "")
    assert title_of(visitor.send("/signin", password=PASSWORD)) == "Your account"


def test_too_many_attempts_are_told_how_long_to_wait(hub, visitor):
    for _ in range(6):
        visitor.sign_in(EMAIL, "wrong")
    page = visitor.sign_in(EMAIL, "wrong")
    assert page.status_code == 429 and int(page.headers["Retry-After"]) >= 15
    assert "Wait 15 seconds" in error_of(page)


def test_the_pages_of_an_unknown_and_a_known_address_are_the_same(hub, visitors):
    add_person(hub)
    told = {}
    for email in (EMAIL, "nobody@ri.example.org"):
        visitor = visitors()
        pages = [visitor.sign_in(email, "wrong"), visitor.get("/reset"), visitor.send("/reset", email=email)]
        told[email] = [re.sub(f"[0-9a-f]{{64}}|{email}", "", page.text) for page in pages]
        told[email] += [(page.status_code, sorted(name for name, _ in page.headers)) for page in pages]
    assert told[EMAIL] == told["nobody@ri.example.org"]


def test_a_page_that_needs_somebody_is_reached_after_all_steps(hub, visitor, clock):
    app = give_app(hub, add_person(hub))
    page = visitor.get("/account/password")
    assert title_of(page) == "Sign in"
    page = visitor.send("/signin", email=EMAIL, password=PASSWORD)
    assert title_of(page) == "Second step"
    assert title_of(visitor.get("/account")) == "Second step", "there is no way past it"
    visitor.get("/signin/second?next=/account/password")
    page = visitor.send("/signin/second", code="000000")
    assert (page.status_code, error_of(page)) == (422, "The code is wrong, or was used before.")
    assert title_of(visitor.send("/signin/second", code=app.at(clock()))) == "Change your password"


@pytest.mark.parametrize(
    "path", ["/account", "/account/password", "/account/app", "/account/passkeys/new", "/signin/set-up"]
)
def test_who_must_give_a_second_factor_gets_nowhere_without(hub, visitor, path):
    give_app(hub, add_person(hub))
    visitor.sign_in(EMAIL)
    assert title_of(visitor.get(path)) == "Second step"


def test_a_steward_sets_up_a_second_factor_first(hub, visitor, clock):
    add_steward(hub)
    page = visitor.sign_in("sam@hub.example.org")
    assert title_of(page) == "Set up a second step"
    assert title_of(visitor.get("/account")) == "Set up a second step"
    page = visitor.get("/account/app")
    secret = page.text.partition('class="secret">')[2].partition("<")[0].replace(" ", "")
    assert "<svg" in page.text and "style=" not in page.text
    page = visitor.send("/account/app", code=pyotp.TOTP(secret).at(clock()))
    assert title_of(page) == "Recovery codes" and page.text.count("<li><code>") == 10
    assert title_of(visitor.get("/account")) == "Your account"


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/account/password", "/account/password"),
        ("/account?a=1&b=%2F", "/account?a=1&b=%2F"),
        ("//evil.example", "/account"),
        ("https://evil.example/", "/account"),
        ("/\\evil.example", "/account"),
        ("/\t/evil.example", "/account"),
        ("javascript:alert(1)", "/account"),
        ("account", "/account"),
        ("", "/account"),
        ("/" + "a" * 5000, "/account"),
    ],
)
def test_nobody_is_sent_to_another_site(hub, visitor, wanted, got):
    add_person(hub)
    visitor.get("/signin", query_string={"next": wanted})
    answer = visitor.send("/signin", follow=False, email=EMAIL, password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, got)


def test_a_way_on_to_another_application_is_a_page_and_no_redirect(hub, visitor):
    add_person(hub)
    visitor.get("/signin", query_string={"next": "/oauth/authorize?client_id=x"})
    answer = visitor.send("/signin", follow=False, email=EMAIL, password=PASSWORD)
    assert answer.status_code == 200
    assert 'content="0; url=/oauth/authorize?client_id=x"' in answer.text


def test_who_is_signed_in_is_asked_again_only_on_purpose(hub, visitor, clock):
    add_person(hub)
    visitor.sign_in(EMAIL)
    assert title_of(visitor.get("/signin")) == "Your account"
    assert title_of(visitor.get("/account/app")) == "Authenticator app"
    clock.forward(minutes=16)
    page = visitor.get("/account/app")
    assert title_of(page) == "Sign in" and "once more" in page.text
    assert title_of(visitor.send("/signin", email=EMAIL, password=PASSWORD)) == "Authenticator app"


def test_a_changed_password_is_the_one_that_works(hub, visitor, visitors):
    add_person(hub)
    elsewhere = visitors()
    elsewhere.sign_in(EMAIL)
    visitor.sign_in(EMAIL)
    for typed, why in (
        ({"current": PASSWORD, "password": OTHER_PASSWORD, "repeated": PASSWORD}, "not the same"),
        ({"current": "wrong", "password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}, "not your password"),
        ({"current": PASSWORD, "password": "password1234", "repeated": "password1234"}, "attacker"),
    ):
        visitor.get("/account/password")
        page = visitor.send("/account/password", **typed)
        assert page.status_code == 422 and why in error_of(page) and OTHER_PASSWORD not in page.text
    visitor.get("/account/password")
    page = visitor.send("/account/password", current=PASSWORD, password=OTHER_PASSWORD, repeated=OTHER_PASSWORD)
    assert title_of(page) == "Your account"
    assert title_of(elsewhere.get("/account")) == "Sign in"
    assert visitors().sign_in(EMAIL).status_code == 422
    assert title_of(visitors().sign_in(EMAIL, OTHER_PASSWORD)) == "Your account"


def test_a_link_leads_to_a_page_without_it_in_the_address_and_works_once(hub, visitor, visitors):
    person = add_person(hub)
    link = issue_link(hub, by=SYSTEM, user=person.id).url.removeprefix("https://hub.example.org")
    page = visitor.get(link)
    assert (page.request.path, title_of(page)) == ("/link", "Choose a new password")
    assert link.rpartition("/")[2] not in page.text
    page = visitor.send("/link", password=OTHER_PASSWORD, repeated="x")
    assert "not the same" in error_of(page)
    assert title_of(visitor.send("/link", password=OTHER_PASSWORD, repeated=OTHER_PASSWORD)) == "Your account"
    for again in (visitors(), visitor):
        page = again.get(link)
        assert (page.status_code, title_of(page)) == (404, "That did not work")
    assert visitors().get("/link").status_code == 404


def test_sessions_are_listed_and_ended_on_the_account_page(hub, visitor, visitors):
    add_person(hub)
    others = [visitors(), visitors()]
    for other in others:
        other.sign_in(EMAIL)
    page = visitor.sign_in(EMAIL)
    assert page.text.count('/end"') == 2 and page.text.count("this one") == 1
    first = next(form.action for form in forms_of(page) if form.action.endswith("/end"))
    visitor.send(first)
    assert sorted(title_of(other.get("/account")) for other in others) == ["Sign in", "Your account"]
    visitor.send("/account/sessions/end-others")
    assert {title_of(other.get("/account")) for other in others} == {"Sign in"}
    assert title_of(visitor.get("/account")) == "Your account"


def test_factors_are_managed_on_the_account_page(hub, visitor, clock):
    app = give_app(hub, add_person(hub))
    visitor.sign_in(EMAIL)
    visitor.send("/signin/second", code=app.at(clock()))
    page = visitor.send("/account/recovery-codes")
    assert title_of(page) == "Recovery codes"
    assert "10 left" in visitor.get("/account").text
    page = visitor.send("/account/app/remove")
    assert "your password alone lets you in" in page.text and "Make new ones" not in page.text


def test_who_needs_the_second_factor_cannot_remove_it(hub, visitor, clock):
    app = give_app(hub, add_steward(hub))
    visitor.sign_in("sam@hub.example.org")
    visitor.send("/signin/second", code=app.at(clock()))
    page = visitor.send("/account/app/remove")
    assert page.status_code == 409 and "set up another one first" in page.text


def test_a_name_is_text_and_never_markup(hub, visitor):
    add_person(hub, "<script>alert(1)</script>@ri.example.org".lower())
    page = visitor.sign_in("<script>alert(1)</script>@ri.example.org")
    assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text
