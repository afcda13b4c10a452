"""How requests arrive: tokens, repetition, waiting and kept answers, the same for both clients."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from email.utils import formatdate
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

HUB = "https://hub.example"
RECEIPT = {"site": "a", "month": "2026-05", "revision": 1, "state": "submitted", "etag": '"e1"', "findings": []}


class FakeHub:
    """Answers from a list, after a token; keeps what was asked and how long was waited."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.asked, self.waited, self.tokens = list(answers), [], [], 0
        self.token_life = 900

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            self.tokens += 1
            self.token_request = request
            return httpx.Response(200, json={"access_token": f"t{self.tokens}", "expires_in": self.token_life})
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def sync_run(hub: FakeHub, call: Callable, credentials=None):
    from crosstally import Client

    with Client(HUB, credentials, transport=httpx.MockTransport(hub), sleep=hub.waited.append) as client:
        return call(client)


def async_run(hub: FakeHub, call: Callable, credentials=None):
    from crosstally import AsyncClient

    async def sleep(seconds: float) -> None:
        hub.waited.append(seconds)

    async def talk():
        async with AsyncClient(HUB, credentials, transport=httpx.MockTransport(hub), sleep=sleep) as client:
            found = call(client)
            return [item async for item in found] if hasattr(found, "__aiter__") else await found

    return asyncio.run(talk())


@pytest.fixture(params=[sync_run, async_run], ids=["sync", "async"])
def run(request):
    return request.param


@pytest.fixture
def secret():
    from crosstally import ClientSecret

    return ClientSecret("nyc", "hush")


def refused(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"title": "No", "status": status}, headers=headers)


def test_a_hub_that_is_busy_is_asked_again_when_it_says(run):
    hub = FakeHub(
        refused(503, **{"Retry-After": "7"}), refused(429, **{"Retry-After": "2"}), httpx.Response(200, json={})
    )
    assert run(hub, lambda client: client.dictionary()) == {}
    assert hub.waited == [7, 2]


def test_a_moment_to_come_back_is_understood(run):
    hub = FakeHub(
        refused(503, **{"Retry-After": formatdate(time.time() + 20, usegmt=True)}), httpx.Response(200, json={})
    )
    run(hub, lambda client: client.dictionary())
    assert 15 < hub.waited[0] <= 20


def test_without_a_word_the_pauses_grow_and_end(run):
    from crosstally import Unavailable

    hub = FakeHub(*(refused(503) for _ in range(9)))
    with pytest.raises(Unavailable):
        run(hub, lambda client: client.dictionary())
    assert len(hub.asked) == 5 and len(hub.waited) == 4
    assert hub.waited[-1] > hub.waited[0]


def test_longer_than_patience_nobody_waits(run):
    from crosstally import TooManyRequests

    hub = FakeHub(refused(429, **{"Retry-After": "3600"}))
    with pytest.raises(TooManyRequests) as told:
        run(hub, lambda client: client.dictionary())
    assert told.value.retry_after == 3600 and hub.waited == []


def test_a_report_is_sent_again_where_no_answer_came(run, secret):
    hub = FakeHub(httpx.ReadTimeout("gone"), httpx.Response(200, json=RECEIPT))
    assert run(hub, lambda client: client.submit("a", "2026-05", {}), secret).revision == 1
    assert [request.content for request in hub.asked] == [b"{}", b"{}"]


def test_a_withdrawal_is_not_sent_again(run, secret):
    from crosstally import Unreachable

    hub = FakeHub(httpx.ReadTimeout("gone"))
    with pytest.raises(Unreachable):
        run(hub, lambda client: client.withdraw("a", "2026-05", if_match='"e1"'), secret)
    assert len(hub.asked) == 1


def test_what_was_never_sent_may_always_be_sent_again(run, secret):
    hub = FakeHub(httpx.ConnectError("no route"), httpx.Response(200, json=RECEIPT))
    assert run(hub, lambda client: client.withdraw("a", "2026-05", if_match='"e1"'), secret).etag == '"e1"'


def test_a_token_is_asked_for_once_and_kept(run, secret):
    hub = FakeHub(*(httpx.Response(200, json={"items": [], "next": None}, headers={}) for _ in range(2)))

    def call(client):
        return client.reports()

    if run is sync_run:
        sync_run(hub, lambda client: [list(client.reports()), list(client.reports())], secret)
        assert hub.tokens == 1
    else:
        async_run(hub, call, secret)
        assert hub.tokens == 1
    assert hub.asked[0].headers["Authorization"] == "Bearer t1"
    assert hub.token_request.headers["Authorization"] == "Basic bnljOmh1c2g="


def test_a_token_is_renewed_before_it_expires(secret, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("crosstally.conversation.time.monotonic", lambda: now[0])
    hub = FakeHub(*(httpx.Response(200, json={"items": [], "next": None}) for _ in range(3)))

    def call(client):
        for moment in (0.0, 800.0, 845.0):
            now[0] = 1000.0 + moment
            list(client.reports())

    sync_run(hub, call, secret)
    assert [request.headers["Authorization"] for request in hub.asked] == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_a_token_that_was_revoked_is_replaced_once(run, secret):
    from crosstally import Unauthorized

    hub = FakeHub(refused(401), httpx.Response(200, json=RECEIPT))
    run(hub, lambda client: client.submit("a", "2026-05", {}), secret)
    assert [request.headers["Authorization"] for request in hub.asked] == ["Bearer t1", "Bearer t2"]
    with pytest.raises(Unauthorized):
        run(FakeHub(refused(401), refused(401)), lambda client: client.submit("a", "2026-05", {}), secret)


def test_an_answer_is_kept_by_its_tag_and_not_sent_twice():
    tagged = httpx.Response(200, json={"version": "2026.1"}, headers={"ETag": '"x"'})
    hub = FakeHub(tagged, httpx.Response(304))
    first, second = sync_run(hub, lambda client: (client.dictionary(), client.dictionary()))
    assert first == second == {"version": "2026.1"}
    assert hub.asked[1].headers["If-None-Match"] == '"x"'


def test_items_of_all_pages_come_one_after_the_other(run, secret):
    head = {"site": "a", "month": "2026-05", "state": "accepted", "revision": 1}
    pages = [{"items": [head, head], "next": "c2"}, {"items": [head], "next": None}]
    hub = FakeHub(*(httpx.Response(200, json=page) for page in pages))
    found = run(hub, lambda client: client.reports() if run is async_run else list(client.reports("accepted")), secret)
    assert len(found) == 3
    assert hub.asked[1].url.params["cursor"] == "c2"


def test_pages_are_fetched_as_they_are_needed(secret):
    head = {"site": "a", "month": "2026-05", "state": "accepted", "revision": 1}
    hub = FakeHub(httpx.Response(200, json={"items": [head], "next": "more"}))
    assert sync_run(hub, lambda client: next(client.reports()), secret).site == "a"
    assert len(hub.asked) == 1


def test_a_page_that_leads_elsewhere_gets_no_token(secret):
    from crosstally import HubError

    def elsewhere(request: httpx.Request) -> httpx.Response:
        if request.url.host == "evil.example":
            assert "Authorization" not in request.headers
            return httpx.Response(200, json={"items": [], "next": "c"})
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 900})
        return httpx.Response(307, headers={"Location": "https://evil.example/v1/reports"})

    from crosstally import Client

    with Client(HUB, secret, transport=httpx.MockTransport(elsewhere)) as client, pytest.raises(HubError):
        list(client.reports())


def test_a_problem_is_an_exception_with_pointers(run, secret):
    from crosstally import Invalid, Stale

    errors = [{"pointer": "/indicators/visits", "code": "contradiction", "detail": "Too few."}]
    problem = {"type": f"{HUB}/problems/rule_broken", "title": "A rule is broken", "detail": "See.", "errors": errors}
    with pytest.raises(Invalid) as told:
        run(FakeHub(httpx.Response(422, json=problem)), lambda client: client.submit("a", "2026-05", {}), secret)
    assert told.value.errors[0].pointer == "/indicators/visits" and "Too few." in str(told.value)
    assert told.value.type.endswith("rule_broken")
    with pytest.raises(Stale, match="Read the report again"):
        run(FakeHub(refused(412)), lambda client: client.submit("a", "2026-05", {}, if_match='"0"'), secret)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}"])
def test_what_answers_and_is_no_hub_is_said_to_be_none(body):
    from crosstally import HubError

    with pytest.raises(HubError, match="not answer like a Crosstally hub"):
        sync_run(FakeHub(httpx.Response(200, content=body)), lambda client: client.sites())


@pytest.mark.parametrize("body", [b"", b"<html>gateway</html>", b"[1]", b'"x"'])
def test_an_error_that_is_no_problem_document_is_one_all_the_same(body):
    from crosstally import NotFound

    with pytest.raises(NotFound):
        sync_run(FakeHub(httpx.Response(404, content=body)), lambda client: client.dictionary())


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ECKey.generate_key("P-256"), "ES256"),
        (ECKey.generate_key("P-384"), "ES384"),
        (RSAKey.generate_key(2048), "RS256"),
    ],
    ids=["ES256", "ES384", "RS256"],
)
@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_a_private_key_signs_in_by_an_assertion_for_this_hub(key, algorithm, form):
    from crosstally import PrivateKey

    text = key.as_pem(private=True).decode() if form == "pem" else json.dumps(key.as_dict(private=True))
    hub = FakeHub(httpx.Response(200, json={"items": [], "next": None}))
    sync_run(hub, lambda client: list(client.reports()), PrivateKey("nyc", text))
    sent = {name: values[0] for name, values in parse_qs(hub.token_request.content.decode()).items()}
    assertion = jwt.decode(sent["client_assertion"], key, algorithms=[algorithm])
    assert assertion.claims["aud"] == HUB and assertion.claims["iss"] == assertion.claims["sub"] == "nyc"
    assert assertion.claims["exp"] - assertion.claims["iat"] <= 300
    assert "Authorization" not in hub.token_request.headers


@pytest.mark.parametrize("text", ["", "hush", '{"kty": "oct", "k": "aHVzaA"}', "-----BEGIN PRIVATE KEY-----\nhush"])
def test_what_is_no_private_key_is_refused_without_quoting_it(text):
    from crosstally import PrivateKey

    with pytest.raises(ValueError, match="no private key") as told:
        PrivateKey("nyc", text).form(HUB)
    assert "hush" not in str(told.value)


def test_secrets_are_in_no_representation():
    from crosstally import Client, ClientSecret, PrivateKey

    client = Client(HUB, ClientSecret("nyc", "hush"))
    shown = repr([ClientSecret("nyc", "hush"), PrivateKey("nyc", "hush"), client._conversation])
    assert "hush" not in shown


@given(attempt=st.integers(0, 12), seed=st.integers())
def test_a_pause_is_never_long_and_never_nothing(attempt, seed):
    from crosstally.conversation import Patience

    random.seed(seed)
    assert 0.25 <= Patience().pause(attempt) <= 10


def test_rows_are_a_table_with_hidden_values_missing_and_codes_as_text():
    from crosstally import Table

    rows = b"level,unit,city,operator,period,indicator,breakdown,category,value,value_status,lower,upper\r\n"
    rows += b"site,NA,new-york,nyc,2026-05,ems_calls,,,,suppressed,0,10\r\n"
    rows += b"site,b,b,b,2026-05,visits_all,,,7,published,,\r\n"
    frame = Table(rows, HUB).to_pandas()
    assert frame["unit"].tolist() == ["NA", "b"] and frame["breakdown"].tolist() == ["", ""]
    assert frame["value"].isna().tolist() == [True, False]
    polar = Table(rows, HUB).to_polars()
    assert polar["value"].to_list() == [None, 7.0] and polar["category"].to_list() == ["", ""]
    assert next(iter(Table(rows, HUB)))["upper"] == "10"


def test_a_table_without_its_library_says_what_to_install(monkeypatch):
    from crosstally import Table
    from crosstally.extras import ExtraMissing

    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ExtraMissing, match=r"crosstally\[pandas\]"):
        Table(b"", HUB).to_pandas()
