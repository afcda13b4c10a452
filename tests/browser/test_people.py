"""People before a real browser: every page is opened, looked at and used."""

import re

import pyotp
import pytest

from actions.people.factors import factors_of
from actions.people.invite_person import invite_person
from actions.people.issue_link import issue_link
from actions.people.providers import configure_provider
from actions.register_client import register_client
from domain.access import SYSTEM, Role, Scope
from domain.clients import Client, Grant
from tests.provider import CLIENT_ID, CLIENT_SECRET, running_provider
from tests.visitors import OTHER_PASSWORD, PASSWORD, add_person, add_steward, give_app

pytestmark = pytest.mark.browser

ROSA, SAM = "rosa@ri.example.org", "sam@hub.example.org"


def sign_in(seat, email=ROSA, password=PASSWORD):
    seat.open("/signin")
    seat.fill(email=email, password=password)
    seat.press("Sign in")


def test_an_invited_steward_comes_in_with_an_app_and_again_with_its_codes(hub, seat, seats):
    _, link = invite_person(hub, by=SYSTEM, name="Sam Okafor", email=SAM, roles=[Role.STEWARD])
    seat.open(link.url)
    assert (seat.title, seat.focused, seat.page.url.rpartition("/")[2]) == ("Welcome", "password", "link")
    seat.look("invitation")
    seat.fill(password="password12345", repeated="password12345")
    seat.press("Keep this password")
    assert "attacker" in seat.error and seat.focused == "password"
    seat.look("invitation-refused")
    seat.fill(password=PASSWORD, repeated=PASSWORD)
    seat.press("Keep this password")
    assert seat.title == "Set up a second step"
    seat.look("set-up")
    seat.press("An authenticator app")
    seat.look("authenticator-app")
    seat.page.locator("summary").click()
    app = pyotp.TOTP(seat.page.locator(".secret").inner_text().replace(" ", ""))
    shown = app.now()
    seat.fill(code=shown)
    seat.press("Keep this app")
    assert seat.title == "Recovery codes"
    seat.look("recovery-codes")
    code = seat.page.locator(".codes code").first.inner_text()
    seat.press("I have kept them")
    assert seat.title == "Your account"
    seat.look("account-of-a-steward")
    again = seats()
    sign_in(again, SAM)
    assert (again.title, again.focused) == ("Second step", "code")
    again.look("second-step")
    again.fill(code=shown)
    again.press("Go on")
    assert "used before" in again.error
    again.fill(code=code)
    again.press("Go on")
    assert again.title == "Your account"


def test_a_wrong_password_is_told_and_the_right_one_lets_in_and_out(hub, seat):
    add_person(hub)
    seat.open("/account")
    assert (seat.title, seat.focused) == ("Sign in", "email")
    seat.look("sign-in")
    sign_in(seat, password="wrong")
    assert "is wrong" in seat.error and seat.focused == "password"
    seat.look("sign-in-refused")
    seat.fill(password=PASSWORD)
    seat.press("Sign in")
    assert seat.title == "Your account"
    seat.look("account")
    seat.press("Change your password")
    seat.look("password")
    seat.press("Sign out")
    assert seat.title == "Sign in"
    seat.page.go_back()
    seat.page.reload()
    assert seat.title == "Sign in", "nothing is left behind"


def test_too_many_attempts_wait(hub, seat):
    for _ in range(7):
        sign_in(seat, password="wrong")
    assert "Wait 1" in seat.error
    seat.look("sign-in-waits")


def test_a_passkey_is_made_used_alone_and_used_as_a_second_step(hub, seat):
    sam = add_steward(hub)
    seat.authenticator()
    sign_in(seat, SAM)
    seat.press("A passkey")
    assert seat.focused == "name"
    seat.look("new-passkey")
    seat.fill(name="laptop")
    seat.press("Make a passkey")
    assert seat.title == "Your account"
    seat.look("account-with-a-passkey")
    assert factors_of(hub, sam).passkeys[0].name == "laptop"
    seat.press("Sign out")
    seat.press("Sign in with a passkey")
    assert seat.title == "Your account"
    seat.press("Sign out")
    sign_in(seat, SAM)
    assert seat.title == "Second step"
    seat.look("second-step-with-a-passkey")
    seat.press("Use a passkey")
    assert seat.title == "Your account"
    assert factors_of(hub, sam).passkeys[0].sign_count == 3


def test_a_passkey_that_does_not_know_its_user_is_refused(hub, seat):
    add_steward(hub)
    session, authenticator = seat.authenticator()
    sign_in(seat, SAM)
    seat.press("A passkey")
    seat.fill(name="laptop")
    seat.press("Make a passkey")
    seat.press("Sign out")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    seat.page.get_by_role("button", name="Sign in with a passkey").click()
    seat.page.locator("section .error:visible").wait_for()
    assert "no passkey" in seat.page.locator("section .error").inner_text()
    seat.look("passkey-refused")
    assert seat.title == "Sign in"


def test_a_password_is_reset_by_a_link_and_ends_the_other_sessions(hub, seat, seats):
    rosa = add_person(hub)
    elsewhere = seats()
    sign_in(elsewhere)
    seat.open("/signin")
    seat.press("Forgotten your password?")
    seat.look("reset")
    seat.fill(email=ROSA)
    seat.press("Ask for a new password")
    assert seat.title == "Your request is noted"
    seat.look("reset-requested")
    seat.open(issue_link(hub, by=SYSTEM, user=rosa.id).url)
    seat.fill(password=OTHER_PASSWORD, repeated=OTHER_PASSWORD)
    seat.press("Keep this password")
    assert seat.title == "Your account"
    elsewhere.page.reload()
    assert elsewhere.title == "Sign in"
    sign_in(elsewhere)
    assert "is wrong" in elsewhere.error
    elsewhere.open("/link/used-up")
    assert elsewhere.title == "That did not work"
    elsewhere.look("link-is-over")


def test_sessions_are_seen_and_ended(hub, seat, seats):
    add_person(hub)
    other = seats(user_agent="Otherfox 7")
    sign_in(other)
    sign_in(seat)
    assert seat.page.locator("#sessions tbody tr").count() == 2
    assert "Otherfox 7" in seat.page.locator("#sessions").inner_text()
    seat.look("sessions")
    with seat.page.expect_navigation():
        seat.page.get_by_role("button", name=re.compile("^End the session since")).click()
    assert seat.page.locator("#sessions tbody tr").count() == 1
    other.page.reload()
    assert other.title == "Sign in"


def test_everything_but_passkeys_works_without_javascript(hub, seats):
    seat = seats(java_script_enabled=False)
    app = give_app(hub, add_person(hub))
    sign_in(seat)
    assert not seat.page.get_by_role("button", name="Use a passkey").is_visible()
    seat.fill(code=app.now())
    seat.press("Go on")
    assert seat.title == "Your account"
    seat.open("/account/passkeys/new")
    assert "need JavaScript" in seat.page.locator("main").inner_text()
    seat.open("/signin?again=1")
    assert not seat.page.get_by_role("button", name="Sign in with a passkey").is_visible()


def test_the_pages_fit_a_phone(hub, seats):
    add_person(hub)
    seat = seats(screen={"width": 360, "height": 740})
    seat.page.set_viewport_size({"width": 360, "height": 740})
    sign_in(seat)
    for name, path in (("account-on-a-phone", "/account"), ("sign-in-on-a-phone", "/signin?again=1")):
        seat.open(path)
        seat.look(name)
        assert seat.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_somebody_signs_in_at_the_provider_of_their_operator(hub, seat, monkeypatch):
    add_person(hub)
    monkeypatch.setenv("RI_OIDC_SECRET", CLIENT_SECRET)
    with running_provider() as provider:
        configure_provider(hub, by=SYSTEM, operator="ri", issuer=provider.issuer, client_id=CLIENT_ID,
                           secret_from="env:RI_OIDC_SECRET", email_domain="ri.example.org",
                           roles=[Role.SUBMITTER])  # fmt: skip
        seat.open("/signin")
        seat.look("sign-in-elsewhere")
        seat.press("Sign in at Rhode Island")
    assert seat.title == "Your account"


@pytest.mark.parametrize(("scope", "found"), [("reports:read", "code="), ("reports:review", "error=invalid_scope")])
def test_an_application_gets_its_answer_through_the_sign_in(hub, seat, scope, found):
    add_person(hub)
    with running_provider() as application:  # anything that listens, at another origin
        back = f"{application.issuer}/back"
        client = Client("app", "An app", None, frozenset(), frozenset({Scope.REPORTS_READ, Scope.REPORTS_REVIEW}),
                        grants=frozenset({Grant.AUTHORIZATION_CODE}), redirect_uris=(back,))  # fmt: skip
        register_client(hub, by=SYSTEM, client=client)
        seat.open(f"/oauth/authorize?response_type=code&client_id=app&redirect_uri={back}&scope={scope}&state=s"
                  f"&code_challenge={'E' * 43}&code_challenge_method=S256")  # fmt: skip
        seat.fill(email=ROSA, password=PASSWORD)
        seat.press("Sign in")
        seat.page.locator("h1", has_text=re.compile("act for you|Not Found")).wait_for()
        if "act for you" in seat.title:
            seat.look("consent")
            seat.press("Allow")
        assert seat.page.url.startswith(back) and found in seat.page.url
