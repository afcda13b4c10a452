"""Nothing of a refused body stays anywhere.

Bodies that speak of persons, each with a planted word, are sent to a hub that serves as a process of its own, in every
way there is to send one. Then the word is looked for in all that there is of the hub: its database, file by file and
row by row, the files of PostgreSQL with its log, what it printed, its temporary files, its keys and releases; and in
every answer. URLs and headers are not bodies: who puts persons there has told every proxy on the way.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text

from actions.hub import Hub, now
from actions.register_client import register_client
from domain.access import SYSTEM
from domain.clients import Client
from tests.builders import body, furnish, make_hub, register_test_clients, superuser
from tests.demo import UNLIMITED
from tests.domain.line_lists import as_csv, as_records, tables, trees
from tests.serving import Serving, files_with, serving

PLACE = "/v1/sites/nyc-east/reports/2026-05"
VALIDATIONS = "/v1/validations"
JSON = "application/json"
TIDY = b"indicator,breakdown,category,value,value_status,upper\n"
FILL = b"%fill%"
TOO_LARGE = 1_200_000
SPILL = 700_000
"""From this many bytes on, forms used to be kept in temporary files."""


def reports_with(word: str) -> st.SearchStrategy[object]:
    """A true report but for the word: as a key, as a value, as a code, somewhere in it."""

    def put(path: tuple[str, ...], key: str, value: object) -> dict:
        made = body()
        target = made
        for step in path:
            target = target[step]
        target[key] = value
        return made

    paths = st.sampled_from([(), ("about",), ("indicators",), ("indicators", "overdose_events"),
                             ("indicators", "overdose_events", "by", "overdose_type")])  # fmt: skip
    known = st.sampled_from(
        ["dictionary", "closed", "visit_basis", "total", "opioid", "acknowledged", "revision_reason"]
    )
    values = st.sampled_from(
        [word, [word], {word: 1}, {"lt": word}, {"status": word}, [{"rule": word, "reason": word}]]
    )
    return st.builds(put, paths, st.just(word) | known, values | st.just(1)).filter(
        lambda made: word in json.dumps(made)
    )


NOT_FILLED = st.just(0)


class Sent(NamedTuple):
    """A body; what it is filled up with stands beside it, where the generator does not have to print it."""

    kind: str
    content: bytes
    fill: int = 0

    @property
    def body(self) -> bytes:
        return self.content.replace(FILL, b" " * self.fill)


def sending(
    kind: st.SearchStrategy[str], content: st.SearchStrategy[bytes], fill: st.SearchStrategy[int] = NOT_FILLED
) -> st.SearchStrategy[Sent]:
    return st.builds(Sent, kind, content, fill)


def bodies(word: str) -> st.SearchStrategy[Sent]:
    """Bodies with the word in them: of persons, of wrong types, broken, and too large."""
    odd_trees, rows = trees(planted=word) | reports_with(word), tables(planted=word)
    many = st.builds(lambda tree: {"reports": [{"site": "nyc-east", "month": "2026-05", "report": tree}]}, odd_trees)
    as_json = (odd_trees | many).map(lambda tree: json.dumps(tree).encode())
    rows_as_csv = rows.map(lambda some: as_csv(some).encode())
    long = (as_json | rows_as_csv).map(lambda sent: sent + FILL + sent)
    said_twice = f'{{"{word}": 1, "{word}": 2}}'.encode()
    return st.one_of(
        sending(st.sampled_from([JSON, "application/fhir+json", "application/vnd.crosstally.dhis2+json"]), as_json),
        sending(st.just("text/csv"), rows_as_csv | rows_as_csv.map(lambda sent: TIDY + sent)),
        sending(st.just("application/adx+xml"), rows.map(lambda some: xml(some, word))),
        sending(st.sampled_from(["text/plain", "application/octet-stream", "", "x/y"]), as_json | rows_as_csv),
        sending(st.just(JSON), as_json.map(lambda sent: sent[: sent.find(word.encode()) + len(word)])),
        sending(st.just(JSON), as_json.map(lambda sent: sent + b"\xff" + sent) | st.just(said_twice)),
        sending(st.sampled_from([JSON, "text/csv"]), long, st.just(TOO_LARGE)),
        sending(st.just("application/x-www-form-urlencoded"), st.just(f"email={word}&{word}={word}".encode())),
        sending(st.just("multipart/form-data; boundary=b"), st.just(upload(word)), st.sampled_from([0, SPILL])),
    )


def xml(rows: list[list[str]], word: str) -> bytes:
    values = "".join(f'<dataValue dataElement="{word}" value="{row[0]}"/>' for row in as_records_safe(rows))
    group = f'<group dataSet="OPC_MONTHLY" orgUnit="{word}" period="2026-05-01/P1M" {word}="1">{values}</group>'
    return f'<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-06-01T00:00:00Z">{group}</adx>'.encode()


def as_records_safe(rows: list[list[str]]) -> list[list[str]]:
    return [[cell for cell in record.values() if cell.isalnum()] or ["1"] for record in as_records(rows)]


def upload(word: str) -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{word}"; filename="{word}.csv"\r\n\r\n{word}'
    return head.encode() + FILL + f"{word}\r\n--b--\r\n".encode()


WAYS = [
    ("PUT", PLACE, True),
    ("PUT", PLACE, False),
    ("PUT", "/v1/sites/ri-providence/reports/2026-05", True),
    ("PUT", "/v1/sites/nyc-east/reports/2999-01", True),
    ("POST", "/v1/reports", True),
    ("POST", "/v1/reports", False),
    ("POST", VALIDATIONS, False),
    ("POST", f"{VALIDATIONS}?site=nyc-east&month=2026-05", True),
    ("POST", f"{PLACE}/review", True),
    ("POST", PLACE, True),
    ("PATCH", PLACE, True),
    ("GET", PLACE, True),
    ("PUT", "/v1/nowhere", True),
    ("POST", "/", False),
    ("POST", "/oauth/token", False),
    ("POST", "/signin", False),
    ("POST", "/reset", False),
]


@pytest.fixture
def hub(kind: str, tmp_path, request) -> Iterator[Hub]:
    """As elsewhere, and its callers may ask as often as they like."""
    limits = {name.removeprefix("CROSSTALLY_").lower(): value for name, value in UNLIMITED.items()}
    if kind == "sqlite":
        made = furnish(make_hub(tmp_path, **limits))
        yield made
        made.database.close()
    else:
        with request.getfixturevalue("postgresql").hub_database() as url:
            made = furnish(make_hub(tmp_path, database_url=url, **limits))
            yield made
            made.database.close()


def rows_with(hub: Hub, word: str) -> list[str]:
    """The tables that have a row with the word in it."""
    found = []
    with superuser(hub.database) as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'select * from "{table}"')).all()
            found += [table for row in rows if any(word in _told(value) for value in row)]
    return found


def _told(value: object) -> str:
    content = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return content.lower()


class Sender:
    """Sends bodies in every way, and looks at each answer."""

    def __init__(self, hub: Hub, served: Serving, word: str) -> None:
        ids = register_test_clients(_at_this_hour(hub))
        self.word = word
        self.base_url = served.base_url
        form = {"grant_type": "client_credentials"}
        answer = httpx.post(f"{self.base_url}/oauth/token", data=form, auth=ids["nyc"], timeout=60)
        self.token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        self.statuses: set[int] = set()

    def send(self, method: str, path: str, has_token: bool, sent: Sent) -> None:
        headers = {**(self.token if has_token else {}), **({"Content-Type": sent.kind} if sent.kind else {})}
        try:
            answer = httpx.request(method, self.base_url + path, content=sent.body, headers=headers, timeout=60)
        except httpx.TransportError:
            assert sent.fill, "who refuses a long body unread may hang up"
            return
        where = method, path, sent.kind, answer.status_code
        assert 400 <= answer.status_code < 500 or (method, path) in ANSWERED or path in PAGES, where
        assert self.word not in (answer.text + str(answer.headers)).lower() or path in PAGES, where
        self.statuses.add(answer.status_code)


ANSWERED = {("GET", PLACE), ("POST", "/v1/reports")}
"""What is answered 200: a read, and many reports at once, each with its refusal."""
PAGES = {"/signin", "/reset"}
"""Forms for people: an answer shows the address that was typed, to who typed it."""


def _at_this_hour(hub: Hub) -> Hub:
    return replace(hub, clock=now)


def places(hub: Hub, served: Serving, request) -> list:
    folders = [served.folder]
    if hub.database.engine.dialect.name == "postgresql":
        folders.append(request.getfixturevalue("postgresql").folder)
    return folders


def test_nothing_of_a_refused_body_stays_anywhere(hub, tmp_path, request):
    word = f"qz{secrets.token_hex(6)}"
    with serving(hub, tmp_path / "served") as served:
        sender = Sender(hub, served, word)

        @given(bodies(word), st.sampled_from(WAYS), st.sampled_from(WAYS[:8]))
        @settings(
            max_examples=30,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        def send(sent: Sent, one: tuple, other: tuple) -> None:
            assert word.encode() in sent.content.lower()
            for way in dict.fromkeys((one, other)):
                sender.send(*way, sent)

        send()
        for way in WAYS:
            sender.send(*way, Sent(JSON, json.dumps([{"client_id": word, "name": word}]).encode()))
        sender.send(*WAYS[0], Sent(JSON, json.dumps([word]).encode() + FILL, TOO_LARGE))
        assert sender.statuses >= {400, 401, 403, 404, 405, 413, 415, 422}
        assert rows_with(hub, word) == []
        assert files_with(word, *places(hub, served, request), tmp_path) == []
    assert files_with(word, *places(hub, served, request), tmp_path) == []
    would_be_found(hub, word, *places(hub, served, request), tmp_path)


def would_be_found(hub: Hub, word: str, *folders: Path) -> None:
    """See that the search finds a word that did stay."""
    register_client(hub, by=SYSTEM, client=Client("told", word, None, frozenset(), frozenset()))
    assert rows_with(hub, word) == ["clients"]
    found = files_with(word, *folders)
    assert any(path.endswith((".db", ".db-wal")) or "/data/" in path for path in found)
    left = folders[-1] / "served" / "tmp" / "left"
    left.write_text(f"x{word.upper()}y", encoding="utf-16")
    assert str(left) in files_with(word, *folders)


def test_a_form_is_never_kept_in_a_file_not_even_for_a_moment(doors, monkeypatch):
    def kept(*_, **__):
        raise AssertionError("a file")

    monkeypatch.setattr("werkzeug.formparser.default_stream_factory", kept)
    for path in ("/signin", "/oauth/token", VALIDATIONS):
        sent = upload("word").replace(FILL, b" " * SPILL)
        answer = doors("nobody")("POST", path, data=sent, content_type="multipart/form-data; boundary=b")
        assert answer.status_code < 500
