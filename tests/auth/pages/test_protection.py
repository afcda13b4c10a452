"""Cookies, headers, and forms of strangers."""

import re
from dataclasses import replace

import pytest

from auth.sessions import signed_in
from tests.auth.pages.conftest import ISSUER
from tests.visitors import PASSWORD, Visitor, add_person, forms_of, give_app, title_of
from wsgi import create_app

EMAIL = "rosa@ri.example.org"
WHO = {"visitors", "people", "half_signed_in", "enrolling"}


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("people.")]


def test_every_page_says_who_may_see_it(app):
    views = {rule.rule: app.view_functions[rule.endpoint] for rule in rules(app) if rule.endpoint != "people.static"}
    assert len(views) > 20
    assert {
        path: getattr(view, "_who", None) for path, view in views.items() if getattr(view, "_who", None) not in WHO
    } == {}


def test_no_page_that_needs_somebody_is_shown_to_nobody(app, visitor):
    for rule in rules(app):
        if getattr(app.view_functions[rule.endpoint], "_who", "visitors") == "visitors":
            continue
        path = re.sub(r"<\w+>", "x", rule.rule)
        if "GET" in rule.methods:
            assert title_of(visitor.get(path)) == "Sign in"
        else:
            visitor.get("/signin")
            assert visitor.post(path, data={"form_token": visitor.token}).status_code == 403


def test_no_form_is_taken_without_the_token_of_the_browser(app, visitor, visitors):
    stranger = visitors()
    stranger.get("/signin")
    visitor.get("/signin")
    for rule in rules(app):
        if "POST" in rule.methods:
            path = re.sub(r"<\w+>", "x", rule.rule)
            for token in ("", "0" * 64, stranger.token, "é"):
                answer = visitor.post(path, data={"form_token": token})
                assert (path, answer.status_code) == (path, 403)


HEADERS = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://hub.example.org"},
    {"Origin": "https://hub.example.org.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_a_form_from_another_site_is_refused_even_with_the_token(hub, visitor, headers):
    add_person(hub)
    visitor.get("/signin")
    form = {**forms_of(visitor.page)[0].fields, "email": EMAIL, "password": PASSWORD}
    assert visitor.post("/signin", data=form, headers=headers).status_code == 403
    ours = {"Origin": ISSUER, "Sec-Fetch-Site": "same-origin"}
    assert visitor.post("/signin", data=form, headers=ours).status_code == 303


def cookie_lines(answer) -> dict[str, set[str]]:
    lines = [line.split("; ") for line in answer.headers.getlist("Set-Cookie")]
    return {parts[0].partition("=")[0]: set(parts[1:]) for parts in lines}


def test_cookies_are_kept_from_scripts_other_hosts_and_other_sites(hub, visitor):
    add_person(hub)
    visitor.get("/signin")
    lines = cookie_lines(visitor.send("/signin", follow=False, email=EMAIL, password=PASSWORD))
    common = {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}
    assert lines["__Host-crosstally"] == common
    assert common < lines["__Host-crosstally-device"] and "Max-Age=31536000" in lines["__Host-crosstally-device"]


def test_the_cookie_has_a_new_value_after_each_step(hub, visitor, clock):
    app = give_app(hub, add_person(hub))
    visitor.get("/signin")
    seen = [visitor.cookies["__Host-crosstally"]]
    visitor.send("/signin", email=EMAIL, password=PASSWORD)
    seen.append(visitor.cookies["__Host-crosstally"])
    visitor.send("/signin/second", code=app.at(clock()))
    seen.append(visitor.cookies["__Host-crosstally"])
    visitor.send("/signout")
    assert len(set(seen)) == 3
    for old in seen:
        visitor.http.set_cookie("__Host-crosstally", old, domain="hub.example.org")
        assert title_of(visitor.get("/account")) == "Sign in"


def test_a_cookie_planted_before_the_sign_in_is_worth_nothing_after_it(hub, visitor, visitors):
    add_person(hub)
    visitor.http.set_cookie("__Host-crosstally", "planted", domain="hub.example.org")
    visitor.sign_in(EMAIL)
    thief = visitors()
    thief.http.set_cookie("__Host-crosstally", "planted", domain="hub.example.org")
    assert title_of(thief.get("/account")) == "Sign in"


def test_a_device_is_known_again(hub, visitor, visitors):
    add_person(hub)
    visitor.sign_in(EMAIL)
    visitor.send("/signout")
    for _ in range(6):
        visitors().sign_in(EMAIL, "wrong")
    assert visitors().sign_in(EMAIL).status_code == 429
    assert title_of(visitor.sign_in(EMAIL)) == "Your account"


@pytest.mark.parametrize("cookie", ["", "x", "é", "a" * 4000, '"', "a.b", "0"])
def test_odd_cookies_are_strangers(visitor, cookie):
    for name in ("__Host-crosstally", "__Host-crosstally-device"):
        visitor.http.set_cookie(name, cookie, domain="hub.example.org")
    assert title_of(visitor.get("/account")) == "Sign in"
    assert visitor.send("/signin", email="x", password="x").status_code == 422


PAGES = ["/signin", "/reset", "/link", "/account", "/account/password", "/account/app", "/account/passkeys/new"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_strict_about_what_runs_in_them(hub, visitor, path):
    add_person(hub)
    if path.startswith("/account"):
        visitor.sign_in(EMAIL)
    page = visitor.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert "http:" not in policy and "https:" not in policy
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Vary"] == "Cookie"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=|javascript:", page.text)
    assert not re.search(r'(src|href|action)="(https?:)?//', page.text), "nothing from elsewhere"
    assert page.text.count("<h1>") == 1 and '<html lang="en">' in page.text


@pytest.mark.parametrize("path", PAGES)
def test_every_field_has_a_label(hub, visitor, path):
    add_person(hub)
    if path.startswith("/account"):
        visitor.sign_in(EMAIL)
    text = visitor.get(path).text
    fields = re.findall(r'<input id="([^"]+)"', text)
    labels = re.findall(r'<label[^>]* ?for="([^"]+)"', text)
    assert sorted(fields) == sorted(labels)


def test_without_https_the_cookies_go_without_it_too(hub):
    plain = replace(hub, settings=replace(hub.settings, issuer="http://127.0.0.1:8000"))
    visitor = Visitor(create_app(plain.settings, plain))
    add_person(hub)
    visitor.get("/signin")
    lines = cookie_lines(visitor.send("/signin", follow=False, email=EMAIL, password=PASSWORD))
    assert lines["crosstally"] == {"HttpOnly", "SameSite=Lax", "Path=/"}
    assert "passkey" not in visitor.get("/signin").text, "browsers take none for an address without a name"


def test_signed_in_is_who_has_given_everything(hub, app, visitor, clock):
    person = add_person(hub)
    code = give_app(hub, person)
    told = []
    app.add_url_rule("/who", view_func=lambda: told.append(signed_in()) or "")
    visitor.get("/who")
    visitor.sign_in(EMAIL)
    visitor.http.get("/who", base_url=ISSUER)
    visitor.send("/signin/second", code=code.at(clock()))
    visitor.http.get("/who", base_url=ISSUER)
    assert [one and one.id for one in told] == [None, None, person.id]


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/signin", {"email": "\x00", "password": "\x00"}),
        ("/signin", {"email": "a" * 20_000, "password": "b" * 20_000}),
        ("/reset", {"email": "\ud7ff'\"; drop table users; --"}),
    ],
)
def test_odd_input_is_only_wrong(hub, visitor, path, typed):
    visitor.get(path)
    assert visitor.send(path, **typed).status_code in (200, 422)


def test_a_body_that_is_too_large_is_refused(visitor):
    visitor.get("/signin")
    answer = visitor.post("/signin", data={"form_token": visitor.token, "email": "a" * 200_000})
    assert (answer.status_code, answer.mimetype) == (413, "text/html")


def test_static_files_are_there_and_nothing_else(visitor):
    for name, kind in (("people.css", "text/css"), ("passkeys.js", "text/javascript")):
        answer = visitor.get(f"/auth/static/{name}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.close()
    for name in ("../templates/base.html", "..%2fsessions.py", "x"):
        assert visitor.get(f"/auth/static/{name}").status_code == 404
