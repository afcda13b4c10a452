"""A report that is taken ahead of Flask is answered as the view would, whatever is sent to whom by whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random

import pytest
from flask import Flask, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from api.submissions import Submissions
from store.audit import all_lines
from store.reports import heads_in_state, revisions_of
from store.tenancy import AUDITOR, EVERY_OPERATOR
from tests.builders import EXAMPLE, body, furnish, make_hub, register_test_clients
from tests.schemas.test_compiled import bodies, mutate
from wsgi import create_app

SITES = ("nyc-east", "nyc-east", "nyc-east", "ri-providence", "nowhere", "NYC", "nyc-east/")
MONTHS = ("2026-03", "2026-04", "2026-05", "2026-07", "2026-13", "2199-12")
JSON = "application/json"
OTHER_TYPES = (f"{JSON};charset=latin-1", "application/vnd.x+json", "text/csv", "", "multipart/form-data")
TYPES = (JSON, JSON, JSON, f"{JSON}; charset=utf-8", *OTHER_TYPES)
TAGS = (None, None, "*", "current", "current", '"1-wrong"', 'W/"1-x"', "", '"a", "b"')


class Beside:
    """Two hubs to which the same is sent: one as it is, one that asks Flask for everything."""

    def __init__(self, folder: Path, **limits: str) -> None:
        self.hubs = [furnish(make_hub(folder / name, **limits)) for name in ("quick", "plain")]
        self.apps = [create_app(hub.settings, hub) for hub in self.hubs]
        self.apps[1].wsgi_app = Flask.wsgi_app.__get__(self.apps[1])
        self.secrets = [register_test_clients(hub) for hub in self.hubs]
        self.tokens = {"nobody": ["", ""]}
        self.asked_flask: list[str] = []
        self.apps[0].before_request(lambda: self.asked_flask.append(request.method))

    def _tokens(self, caller: str) -> list[str]:
        form = {"grant_type": "client_credentials"}
        pairs = zip(self.apps, self.secrets, strict=True)
        answers = [app.test_client().post("/oauth/token", data=form, auth=known[caller]) for app, known in pairs]
        return [answer.json["access_token"] for answer in answers]

    def put(self, caller: str, path: str, headers: dict | None = None, **sent: object) -> TestResponse:
        """What the quick one answers, once it is seen that the other answers the same."""
        if caller not in self.tokens:
            self.tokens[caller] = self._tokens(caller)
        answers = [
            app.test_client().put(path, headers={**(headers or {}), "Authorization": f"Bearer {token}"}, **sent)
            for app, token in zip(self.apps, self.tokens[caller], strict=True)
        ]
        quick, plain = ((got.status, got.data, _told(got)) for got in answers)
        assert quick == plain
        return answers[0]

    def stored(self) -> Iterator[tuple]:
        """What each has stored, and wrote down of it."""
        for hub in self.hubs:
            with hub.database.read(EVERY_OPERATOR) as connection:
                heads = [head for head, _ in heads_in_state(connection, None)]
                kept = [revisions_of(connection, head.site, head.month) for head in heads]
            with hub.database.read(AUDITOR) as connection:
                lines = [(line.actor, line.action, line.subject) for line in all_lines(connection)]
            yield heads, kept, [line for line in lines if line[1].startswith("report.")]

    def close(self) -> None:
        for hub in self.hubs:
            hub.database.close()


def _told(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in ("X-RateLimit-Reset", "Retry-After")}


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Beside]:
    made = Beside(tmp_path, rate_limit="1000000 per minute")
    yield made
    made.close()


def drawn_bytes(random: Random) -> bytes:
    """A report, right or mutated: in its values, or in its text."""
    sent = deepcopy(EXAMPLE) if random.random() < 0.5 else bodies(random.randrange(10**6))
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        mutate(sent, random)
    data = json.dumps(sent, indent=random.choice((None, 1))).encode()
    match random.randrange(8):
        case 0:
            place = random.randrange(len(data))
            data = data[:place] + random.choice((b"", b'"', b"\\", b"9" * 20, b"{", b"\xff")) + data[place + 1 :]
        case 1:
            data = data.replace(b'"total"', b'"total": 1, "total"', 1)
    return data


def drawn_request(random: Random, current: str) -> dict:
    headers = {"Content-Type": random.choice(TYPES)}
    for name in ("If-Match", "If-None-Match"):
        tag = random.choice(TAGS)
        if tag is not None:
            headers[name] = current if tag == "current" else tag
    if random.random() < 0.05:
        headers["Content-Encoding"] = "gzip"
    return {"headers": headers, "data": drawn_bytes(random) if random.random() < 0.97 else b""}


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_what_is_answered_and_stored_is_what_the_view_answers_and_stores(beside, seed):
    random, current = Random(seed), ""
    for _ in range(12):
        caller = random.choice(("nyc", "nyc", "nyc", "nyc", "ri", "steward", "nobody"))
        path = f"/v1/sites/{random.choice(SITES)}/reports/{random.choice(MONTHS)}{random.choice(('', '', '?x=1'))}"
        current = beside.put(caller, path, **drawn_request(random, current)).headers.get("ETag", current)
    quick, plain = beside.stored()
    assert quick == plain


def test_flask_is_not_asked_about_a_right_report_and_is_about_any_other(beside):
    path = "/v1/sites/nyc-east/reports/2026-05"
    first = beside.put("nyc", path, json=body())
    assert (first.status_code, beside.put("nyc", path, json=body()).status_code) == (201, 200)
    known = {"If-Match": first.headers["ETag"]}
    assert beside.put("nyc", path, json=body(ems_calls=3), headers=known).json["revision"] == 2
    assert "PUT" not in beside.asked_flask
    assert beside.put("nyc", path, json=body(ems_calls=4)).status_code == 428
    assert beside.put("ri", path, json=body()).status_code == 403
    assert beside.asked_flask.count("PUT") == 2


def test_every_request_is_counted_once_whoever_answers_it(tmp_path):
    beside = Beside(tmp_path, rate_limit="4 per minute")
    path = "/v1/sites/nyc-east/reports/2026-05"
    sent = [body(), {"dictionary": "2026.1"}, body(ems_calls=3), body(), body(), body()]
    answers = [beside.put("nyc", path, json=each) for each in sent]
    assert [answer.status_code for answer in answers] == [201, 422, 428, 200, 429, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["3", "2", "1", "0", "0", "0"]
    assert int(answers[-1].headers["Retry-After"]) > 0
    beside.close()


def test_what_goes_wrong_ahead_of_flask_is_the_views_to_answer(beside, monkeypatch):
    monkeypatch.setattr(Submissions, "_take", lambda *_: 1 / 0)
    assert beside.put("nyc", "/v1/sites/nyc-east/reports/2026-05", json=body()).status_code == 201
    assert beside.asked_flask.count("PUT") == 1
