"""One sweep: every way in which the hub refuses, driven through HTTP, answers as the table says."""

import sys
from collections.abc import Callable

import pytest

from actions.cut_release import cut_release
from actions.register_client import register_client
from domain.access import SYSTEM, Scope
from domain.clients import Client
from openapi.problems import PROBLEMS
from tests.api.conftest import Door
from tests.builders import MAY, STEWARD, body, make_hub, report, submit, submit_and_accept
from wsgi import create_app

PLACE = "/v1/sites/nyc-east/reports/2026-05"
REVIEW = f"{PLACE}/review"
ACCEPT = {"revision": 1, "decision": "accept"}

# Classes above others, which nothing raises itself; what HTTP clients can't bring about; and the bug.
NOT_DRIVEN = {"forbidden", "invalid", "conflict", "refused", "not-acceptable", "request-timeout", "internal-error"}

DRIVERS: dict[str, Callable] = {}


def drives(code: str) -> Callable[[Callable], Callable]:
    def register(driver: Callable) -> Callable:
        DRIVERS[code] = driver
        return driver

    return register


@drives("not-authenticated")
def _(doors, **_):
    return doors("nobody")("GET", PLACE)


@drives("scope-missing")
def _(doors, **_):
    return doors("researcher")("GET", PLACE)


@drives("not-your-site")
def _(doors, **_):
    return doors("ri")("PUT", PLACE, json=body())


@drives("four-eyes")
def _(doors, hub, **_):
    submit(hub, "nyc-east", MAY, report())
    insider = Client("insider", "i", "nyc", frozenset(), frozenset({Scope.REPORTS_REVIEW}))
    secret = register_client(hub, by=SYSTEM, client=insider)
    http = doors("nobody").http
    token = http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=("insider", secret))
    return Door(http, token.json["access_token"])("POST", REVIEW, json=ACCEPT)


@drives("not-found")
def _(doors, **_):
    return doors("ri")("GET", PLACE)


@drives("method-not-allowed")
def _(doors, **_):
    return doors("nyc")("DELETE", "/v1/sites")


@drives("body-too-large")
def _(doors, **_):
    return doors("nyc")("PUT", PLACE, data=b" " * 2_000_000, content_type="application/json")


@drives("unsupported-media-type")
def _(doors, **_):
    return doors("nyc")("PUT", PLACE, data=b"<report/>", content_type="application/xml")


@drives("unreadable")
def _(doors, **_):
    return doors("nyc")("PUT", PLACE, data=b"{", content_type="application/json")


@drives("shape-invalid")
def _(doors, **_):
    return doors("nyc")("PUT", PLACE, json={**body(), "colors": []})


@drives("line-list")
def _(doors, **_):
    return doors("nyc")("PUT", PLACE, json=[{"client_id": 17, "age": 34}])


@drives("rule-broken")
def _(doors, **_):
    return doors("nyc")("PUT", PLACE, json=body(operating_hours=800))


@drives("query-invalid")
def _(doors, **_):
    return doors("nobody")("GET", "/v1/comparisons/rates?measure=od_per_1000_visits&perod=2026")


@drives("precondition-missing")
def _(doors, hub, **_):
    submit(hub, "nyc-east", MAY, report())
    return doors("nyc")("PUT", PLACE, json=body(referrals_made=98))


@drives("precondition-failed")
def _(doors, **_):
    return doors("nyc")("PUT", PLACE, json=body(), headers={"If-Match": '"0-0"'})


@drives("wrong-state")
def _(doors, hub, **_):
    submit_and_accept(hub, "nyc-east", MAY, report())
    return doors("steward")("POST", REVIEW, json=ACCEPT)


@drives("unacknowledged-warnings")
def _(doors, hub, **_):
    submit(hub, "nyc-east", MAY, report(ems_transports=9, ems_calls=2))
    return doors("steward")("POST", REVIEW, json=ACCEPT)


@drives("confirmation-needed")
def _(doors, hub, **_):
    submit(hub, "nyc-east", MAY, report(deaths_overdose_onsite=1))
    return doors("steward")("POST", REVIEW, json=ACCEPT)


@drives("release-refused")
def _(doors, hub, **_):
    submit_and_accept(hub, "nyc-east", MAY, report())
    first, second = (cut_release(hub, by=STEWARD, publish=False) for _ in range(2))
    doors("steward")("POST", f"/v1/releases/{first}/publish")
    return doors("steward")("POST", f"/v1/releases/{second}/publish")


@drives("retracted")
def _(doors, hub, **_):
    submit_and_accept(hub, "nyc-east", MAY, report())
    release = cut_release(hub, by=STEWARD, publish=True)
    doors("steward")("POST", f"/v1/releases/{release}/retract", json={"reason": "legal"})
    return doors("researcher")("GET", f"/v1/releases/{release}/observations")


@drives("not-ready")
def _(doors, **_):
    return doors("nobody")("GET", "/readyz")


@drives("too-many-requests")
def _(tmp_path, **_):
    hub = make_hub(tmp_path / "limited", rate_limit="1 per minute")
    http = create_app(hub.settings, hub).test_client()
    http.get("/v1/sites")
    answer = http.get("/v1/sites")
    hub.database.close()
    return answer


HEADERS = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}


def test_every_problem_is_driven_or_excused():
    assert set(DRIVERS) | NOT_DRIVEN == set(PROBLEMS)
    assert not set(DRIVERS) & NOT_DRIVEN


BY_RULES = ("rule-broken", "unacknowledged-warnings")


@pytest.mark.parametrize("code", DRIVERS)
def test_a_refusal_answers_as_the_table_says(code, doors, hub, tmp_path):
    answer = DRIVERS[code](doors=doors, hub=hub, tmp_path=tmp_path)
    problem = PROBLEMS[code]
    assert (answer.status_code, answer.content_type) == (problem.status, "application/problem+json")
    assert set(answer.json) == {"type", "title", "status", "detail", "instance", "errors"}
    assert answer.json["type"] == f"http://127.0.0.1:8000/problems/{code}"
    assert (answer.json["status"], answer.json["title"]) == (problem.status, problem.title)
    assert answer.json["instance"] == answer.request.path
    names = {"pointer", "code", "detail"} | ({"rule"} if code in BY_RULES else set())
    assert all(set(item) == names for item in answer.json["errors"])
    assert HEADERS.get(problem.status, "Content-Type") in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("code", PROBLEMS)
def test_the_type_of_a_problem_leads_to_the_page_that_explains_it(http, code):
    page = http.get(f"/problems/{code}")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert PROBLEMS[code].title in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_docs_come_with_all_they_need(http):
    page = http.get("/docs")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    links = [part.split('"')[0] for part in page.text.replace("href=", "src=").split('src="')[1:]]
    assert {"/docs/assets/swagger-ui-bundle.js", "/docs/assets/docs.js", "/docs/assets/swagger-ui.css"} <= set(links)
    for link in links:
        assert link.startswith(("/", "data:")), "nothing from elsewhere"
        if link.startswith("/"):
            assert http.get(link).status_code == 200
    assert http.get("/docs/assets/docs.html").status_code == 200
    assert http.get("/docs/assets/LICENSE").status_code == 404


def test_a_bug_answers_without_a_word_of_what_was_sent(hub, doors, monkeypatch, caplog):
    words = "31337 overdoses"

    def broken(*_, **__):
        raise RuntimeError(words)

    for door in ("api.reports", "api.submissions"):
        monkeypatch.setattr(sys.modules[door], "submit_report", broken)
    http_app = doors("nobody").http.application
    http_app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = doors("nyc")("PUT", PLACE, json=body())
    assert answer.status_code == 500
    assert "31337" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text
