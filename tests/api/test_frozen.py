"""Immutable answers ahead of Flask: the same bytes, for whoever may have them, until they are retracted."""

import gzip
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from actions.change_client import change_client
from actions.cut_release import cut_release
from actions.hub import Hub
from actions.publish_release import publish_release
from actions.retract_release import retract_release
from api import frozen
from api.frozen import Kept, Memory
from domain.access import SYSTEM, Scope
from domain.preconditions import Preconditions
from store.database import Database
from tests.api.test_ledger import RATES
from tests.builders import STEWARD, furnish, make_hub
from tests.ledger import MONTHS, accept, publish_releases, with_keys
from wsgi import create_app


@pytest.fixture
def hub(kind, tmp_path, request) -> Iterator[Hub]:
    """On both databases: each has its own way to tell that something was written."""
    if kind == "sqlite":
        made = with_keys(furnish(make_hub(tmp_path)))
        yield made
        made.database.close()
    else:
        with request.getfixturevalue("postgresql").hub_database() as url:
            made = with_keys(furnish(make_hub(tmp_path, database_url=url)))
            yield made
            made.database.close()


@pytest.fixture
def elsewhere(hub) -> Iterator[Hub]:
    """The same hub in another process: connections of its own."""
    with closing(Database(hub.settings.database_url)) as database:
        yield replace(hub, database=database)


@pytest.fixture
def app(hub):
    return create_app(hub.settings, hub)


@pytest.fixture
def http(app):
    return app.test_client()


@pytest.fixture
def asked(app, monkeypatch) -> list[str]:
    """The paths that came to Flask."""
    paths = []
    ask = app.wsgi_app.app._app

    def counted(environ, start_response):
        paths.append(environ["PATH_INFO"])
        return ask(environ, start_response)

    monkeypatch.setattr(app.wsgi_app.app, "_app", counted)
    return paths


@pytest.fixture
def chain(hub) -> list[str]:
    return publish_releases(hub, 2)


def public_urls(release: str, before: str) -> list[str]:
    return [
        f"/v1/releases/{release}",
        *(f"/v1/releases/{release}/files/{name}" for name in ("observations.csv", "observations.parquet")),
        f"/v1/releases/{release}/availability?limit=5",
        f"/v1/releases/{release}/diff/{before}",
        f"{RATES}&release={release}",
        f"{RATES}&release={release}&by=city",
    ]


def test_the_first_answer_and_the_next_are_the_same_and_only_the_first_is_flasks(http, chain, asked):
    urls = public_urls(chain[1], chain[0])
    first = [http.get(url) for url in urls]
    assert asked == [url.partition("?")[0] for url in urls]
    for url, before in zip(urls, first, strict=True):
        again = http.get(url)
        assert (again.status_code, again.data, list(again.headers)) == (200, before.data, list(before.headers))
        assert again.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(asked) == len(urls)


def test_a_warm_answer_is_conditional_compressed_and_without_body_for_head(http, chain, asked):
    url = public_urls(chain[1], chain[0])[1]
    plain = http.get(url)
    packed = http.get(url, headers={"Accept-Encoding": "br, gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    for answer, encoding in ((plain, "identity"), (packed, "gzip")):
        tag = answer.headers["ETag"]
        for known in (tag, f'"x", {tag}', f"W/{tag}", "*"):
            headers = {"If-None-Match": known, "Accept-Encoding": encoding}
            unchanged = http.get(url, headers=headers)
            assert (unchanged.status_code, unchanged.data, unchanged.headers["ETag"]) == (304, b"", tag)
            assert "Content-Type" not in unchanged.headers
        assert http.get(url, headers={"If-None-Match": '"x"', "Accept-Encoding": encoding}).data == answer.data
    head = http.head(url)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(plain.data)))
    assert http.get(url, headers={"Accept-Encoding": "gzip;q=0"}).data == plain.data
    assert len(asked) == 1


def test_a_tag_of_the_compressed_answer_is_known_to_a_cold_hub_too(http, chain, hub):
    url = public_urls(chain[1], chain[0])[1]
    tag = http.get(url, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    cold = create_app(hub.settings, hub).test_client()
    assert cold.get(url, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"}).status_code == 304


@pytest.mark.parametrize("reason", ["disclosure_risk", "legal"])
def test_what_is_retracted_anywhere_is_gone_at_once_however_warm(http, doors, chain, elsewhere, reason):
    urls = public_urls(chain[1], chain[0])
    rows = f"/v1/releases/{chain[1]}/observations?format=csv"
    researcher = doors("researcher")
    tags = [http.get(url).headers["ETag"] for url in urls]
    assert researcher("GET", rows).status_code == researcher("GET", rows).status_code == 200
    retract_release(elsewhere, by=STEWARD, release=chain[1], reason=reason)
    for url, tag in zip(urls, tags, strict=True):
        for headers in ({}, {"If-None-Match": tag}, {"Accept-Encoding": "gzip"}):
            status = http.get(url, headers=headers).status_code
            assert status == (410 if url != urls[0] else 304 if "If-None-Match" in headers else 200), url
    assert researcher("GET", rows).status_code == 410
    assert http.get(public_urls(chain[0], chain[0])[1]).status_code == 200


def test_a_retraction_between_the_answer_and_its_keeping_keeps_nothing(http, app, chain, elsewhere, monkeypatch):
    url = public_urls(chain[1], chain[0])[1]
    ask = app.wsgi_app.app._app

    def retracted_meanwhile(environ, start_response):
        body = ask(environ, start_response)
        retract_release(elsewhere, by=STEWARD, release=chain[1], reason="legal")
        return body

    with monkeypatch.context() as patched:
        patched.setattr(app.wsgi_app.app, "_app", retracted_meanwhile)
        assert http.get(url).status_code == 200
    assert http.get(url).status_code == 410


def test_what_needs_a_scope_is_given_to_who_holds_it_now(http, doors, chain, asked, hub):
    url = f"/v1/releases/{chain[1]}/observations?level=city"
    researcher, nyc, nobody = doors("researcher"), doors("nyc"), doors("nobody")
    warm = [researcher("GET", url) for _ in range(3)]
    assert {answer.data for answer in warm} == {warm[0].data}
    assert asked.count(url.partition("?")[0]) == 1
    assert warm[0].headers["Cache-Control"] == "private, max-age=31536000, immutable"
    tag = {"If-None-Match": warm[0].headers["ETag"]}
    assert researcher("GET", url, headers=tag).status_code == 304
    assert (nyc("GET", url, headers=tag).status_code, nobody("GET", url, headers=tag).status_code) == (403, 401)
    assert http.get(url, headers={"Authorization": "Bearer x"}).status_code == 401
    assert "WWW-Authenticate" in nobody("GET", url).headers
    hub.clock.pass_days(1)
    assert researcher("GET", url).status_code == 401, "the token has expired"


def test_a_revoked_token_and_a_disabled_client_are_refused_at_once(hub, http, doors, chain, elsewhere, clients):
    url = f"/v1/releases/{chain[1]}/observations?level=city"
    researcher, other = doors("researcher"), doors("researcher")
    for door in (researcher, other, researcher, other):
        assert door("GET", url).status_code == 200
    token = researcher.headers["Authorization"].removeprefix("Bearer ")
    assert http.post("/oauth/revoke", data={"token": token}, auth=clients["researcher"]).status_code == 200
    assert (researcher("GET", url).status_code, other("GET", url).status_code) == (401, 200)
    current = Preconditions(if_match=frozenset({"*"}))
    client = clients["researcher"][0]
    change_client(elsewhere, by=SYSTEM, client_id=client, changes={"disabled": True}, preconditions=current)
    assert other("GET", url).status_code == 401


def test_a_draft_is_found_from_when_it_is_published_on(hub, http, chain, elsewhere):
    accept(hub, MONTHS[3])
    draft = cut_release(hub, by=STEWARD, publish=False)
    urls = public_urls(draft, chain[0])
    for _ in range(2):
        assert {http.get(url).status_code for url in urls} == {404}
    publish_release(elsewhere, by=STEWARD, release=draft)
    assert {http.get(url).status_code for url in urls} == {200}


@pytest.mark.parametrize(
    "headers", [{"Cookie": "a=b"}, {"Accept": "text/html"}, {"Range": "bytes=0-3"}, {"If-Modified-Since": "x"}]
)
def test_other_headers_change_nothing(http, chain, headers):
    url = public_urls(chain[1], chain[0])[1]
    assert http.get(url).data == http.get(url, headers=headers).data


def test_what_changes_is_not_kept(http, chain, asked):
    refused = f"/v1/releases/{chain[0]}/availability?x=1"
    for url in ("/v1/releases", "/v1/releases/latest", RATES, f"{RATES}&as_of=2026-07-16", refused):
        asked.clear()
        answers = [http.get(url) for _ in range(2)]
        assert len(asked) == 2
        assert not any("immutable" in answer.headers.get("Cache-Control", "") for answer in answers)


def test_no_immutable_address_ever_answers_other_bytes(hub, http, elsewhere, chain):
    """Whatever is asked, published and retracted in between, in whatever order."""
    chance, seen, gone = random.Random(7), {}, set()
    releases = list(chain)
    for step in range(120):
        if step % 40 == 15:
            accept(hub, MONTHS[2 + step // 40])
            hub.clock.pass_days(1)
            releases.append(cut_release(chance.choice((hub, elsewhere)), by=STEWARD, publish=True))
        if step == 75:
            gone.add(releases[1])
            retract_release(elsewhere, by=STEWARD, release=releases[1], reason="disclosure_risk")
        release = chance.choice(releases)
        url = chance.choice(public_urls(release, releases[0]))
        encoding = chance.choice(("gzip", "identity"))
        answer = http.get(url, headers={"Accept-Encoding": encoding})
        if answer.status_code == 200:
            assert release not in gone or url == f"/v1/releases/{release}"
            assert seen.setdefault((url, encoding), answer.data) == answer.data
        else:
            assert (answer.status_code == 410 and release in gone) or "/diff/" in url
    assert len(seen) > 20


def test_the_memory_is_bounded_and_forgets_what_is_not_used(monkeypatch):
    def answer() -> Kept:
        return Kept(b"x" * 10_000, [("ETag", '"t"'), ("Content-Type", "text/csv")], (Scope.DATA_READ,))

    memory = Memory()
    monkeypatch.setattr(frozen, "MOST_BYTES", 4 * answer().bytes)
    keys = [(str(n), "", "") for n in range(6)]
    for key in keys[:4]:
        memory.add(key, answer(), frozenset())
    assert memory.get(keys[0])
    for key in keys[4:]:
        memory.add(key, answer(), frozenset())
    assert [bool(memory.get(key)) for key in keys] == [True, False, False, True, True, True]
    memory.under(frozenset({"r"}))
    assert not any(memory.get(key) for key in keys)
    memory.add(keys[0], answer(), frozenset())
    assert memory.get(keys[0]) is None, "it was given before the retraction"


def test_what_is_too_long_is_given_and_not_kept(http, chain, asked, monkeypatch):
    monkeypatch.setattr(frozen, "LONGEST", 100)
    url = public_urls(chain[1], chain[0])[1]
    assert http.get(url).data == http.get(url).data
    assert len(asked) == 2
