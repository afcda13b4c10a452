"""Those who are asked, each in one worker process: how they are started, asked, and what rows are in their answers.

The same rows are in a release of the hub and in a table of SQLite with an index for each question. What is installed
for this alone runs in the Python of `.venv-bench`.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.client import HTTPResponse
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from actions.register_client import register_client
from domain.access import SYSTEM, Scope
from domain.clients import Client
from domain.report import Site
from tests.arrows import ROOT
from tests.bench.reading.made_up import MEASURE, RELEASE, fill_table, publish
from tests.bench.reading.peers import questions
from tests.bench.submitting.load import HOST, request
from tests.bench.submitting.servers import OURS, PEERS, Kind, Running, granian, is_installed, running, token_for, wsgi

HERE = Path(__file__).parent / "peers"
MOST_ROWS = 10_000
KEPT, WORKED_OUT = "Crosstally, kept", "Crosstally, worked out"
NGINX, MEMORY = "nginx, static files", "bytes in memory"
FLASK, OBVIOUS, DATASETTE = "Flask, SQLite", "flask-smorest, ORM", "Datasette"


@dataclass(frozen=True)
class Case:
    """A question: its name, its route and parameters where SQLite answers, and its path at the hub."""

    name: str
    route: str
    asked: Mapping[str, str]
    path: str


def cases(sites: list[Site], months: list[str]) -> list[Case]:
    """A1: one site. A2: all sites, over as many of the months as fit into a page of the hub. B: their rates."""
    first, last = months[-12], months[-1]
    fit = min(12, MOST_ROWS // len(sites))
    some = {"first": months[-fit], "last": last}
    rows = f"/v1/releases/{RELEASE}/observations?breakdown=total&limit={MOST_ROWS}"
    unit, indicator = sites[-1].id, "overdose_events"
    rates = f"/v1/comparisons/rates?measure={MEASURE}&release={RELEASE}&period={first}..{last}"
    return [
        Case("A1", "site", {"unit": unit, "first": first, "last": last}, f"{rows}&unit={unit}&period={first}..{last}"),
        Case(
            "A2",
            "sites",
            {"indicator": indicator, **some},
            f"{rows}&indicator={indicator}&period={some['first']}..{last}",
        ),
        Case("B", "rates", {"first": first, "last": last}, rates),
    ]


@dataclass(frozen=True)
class Asked:
    """A server to be asked: under which name, the requests for a case, and whether it only sends what it has."""

    name: str
    server: Running
    requests: Callable[[Case], Iterator[bytes]]
    is_quick: bool = False


def rows_in(answer: bytes) -> list[dict]:
    """The rows of an answer, whoever gave it."""
    found = json.loads(answer)
    return found if isinstance(found, list) else found["items"] if "items" in found else found["rows"]


# ---- how each is asked ---------------------------------------------------------------------------------


def _again(path: Callable[[Case], str], case: Case, **headers: str) -> Iterator[bytes]:
    wanted = request("GET", path(case), b"", **headers)
    while True:
        yield wanted


def _never_the_same(case: Case, **headers: str) -> Iterator[bytes]:
    """What the hub has not in its memory: it answers by Accept, of which each request has another."""
    for number in count():
        yield request("GET", case.path, b"", Accept=f"application/json, x/{number}", **headers)


def _by_sql(case: Case) -> str:
    return f"/{case.route}?{urlencode(case.asked)}"


def _by_datasette(case: Case) -> str:
    return f"/bench/{case.route}.json?{urlencode({**case.asked, '_shape': 'array'})}"


# ---- how each is started -------------------------------------------------------------------------------


def _nothing(port: int, folder: Path) -> Iterator[bytes]:
    return iter(())


def _hub(sites: list[Site], months: tuple, port: int, folder: Path) -> Mapping[str, str]:
    address = {"database_url": f"sqlite:///{folder}/bench.db", "issuer": f"http://{HOST}:{port}"}
    hub = publish(folder, sites, months, rate_limit="1000000000 per minute", **address)
    client = Client("researcher", "researcher", None, frozenset(), frozenset({Scope.DATA_READ}))
    (folder / "secret.txt").write_text(str(register_client(hub, by=SYSTEM, client=client)))
    hub.database.close()
    return {**hub.settings.environ(), "PYTHONPATH": str(ROOT)}


def _table(database: Path, answers: Path, port: int, folder: Path) -> Mapping[str, str]:
    queries = {"site": questions.SITE, "sites": questions.SITES, "rates": _RATES_WITH_VALUE}
    told = {"databases": {"bench": {"queries": {name: {"sql": sql} for name, sql in queries.items()}}}}
    (folder / "datasette.json").write_text(json.dumps(told))
    return {"BENCH_DATABASE": str(database), "BENCH_ANSWERS": str(answers), "DATASETTE_SECRET": secrets.token_hex()}


_RATES_WITH_VALUE = f"SELECT *, 1000.0 * numerator / denominator AS value FROM ({questions.RATES})"


def _datasette(database: Path, port: int) -> list[str]:
    options = ["--host", HOST, "--port", str(port), "-c", "datasette.json"]
    options += ["--setting", "max_returned_rows", str(MOST_ROWS), "--setting", "sql_time_limit_ms", "20000"]
    return [str(PEERS), "-m", "datasette", "serve", "-i", str(database), *options]


def _nginx(folder_of_answers: Path, port: int) -> list[str]:
    place = folder_of_answers.parent
    types = "types { application/json json; } default_type application/json;"
    http = f"access_log off; sendfile on; keepalive_requests 1000000000; {types}"
    http += f" server {{ listen {HOST}:{port}; root {folder_of_answers}; }}"
    # As root it would read the files as somebody else, who may not.
    user = "user root;" if os.geteuid() == 0 else ""
    written = f"{user} daemon off; pid {place}/nginx.pid; worker_processes 1; events {{}} http {{ {http} }}"
    (place / "nginx.conf").write_text(written)
    return [shutil.which("nginx") or "nginx", "-c", str(place / "nginx.conf"), "-e", str(place / "nginx.log")]


def _peers(database: Path, answers: Path) -> list[tuple[Kind, Callable[[Case], str]]]:
    folder = ("--working-dir", str(HERE))
    return [
        (Kind(NGINX, partial(_nginx, answers), _nothing, ""), lambda case: f"/{case.name}"),
        (
            Kind(MEMORY, wsgi(OURS, "bytes_in_memory:app", *folder), _nothing, ""),
            lambda case: f"/{case.name}",
        ),
        (Kind(FLASK, wsgi(OURS, "flask_sqlite:app", *folder), _nothing, ""), _by_sql),
        (
            Kind("FastAPI, SQLite", granian(PEERS, "fastapi_sqlite:app", "--interface", "asgi", *folder), _nothing, ""),
            _by_sql,
        ),
        (Kind(OBVIOUS, wsgi(OURS, "smorest_orm:app", *folder), _nothing, ""), _by_sql),
        (Kind(DATASETTE, partial(_datasette, database), _nothing, ""), _by_datasette),
    ]


@contextmanager
def asked_in_turn(folder: Path, sites: list[Site], months: tuple) -> Iterator[tuple[list[Asked], list[str]]]:
    """Everybody who is installed, Crosstally first, and the names of those who are not."""
    database, answers = folder / "bench.db", folder / "answers"
    fill_table(database, sites, months)
    answers.mkdir()
    with ExitStack() as servers:
        hub = Kind("Crosstally", wsgi(OURS, "wsgi:create_app", "--factory", "--working-dir", str(ROOT)), _nothing, "")
        ours = servers.enter_context(running(replace(hub, prepare=partial(_hub, sites, months)), folder / "hub"))
        token = token_for(ours.port, "researcher", (folder / "hub/secret.txt").read_text())
        headers = {"Authorization": f"Bearer {token}"}
        found = [
            Asked(KEPT, ours, partial(_again, lambda case: case.path, **headers), is_quick=True),
            Asked(WORKED_OUT, ours, partial(_never_the_same, **headers)),
        ]
        for case in cases(sites, [str(month) for month in months]):
            (answers / case.name).write_bytes(answer_to(found[0], case))
        peers = _peers(database, answers)
        for kind, path in peers:
            if is_installed(kind):
                prepared = replace(kind, prepare=partial(_table, database, answers))
                server = servers.enter_context(running(prepared, folder / kind.name.replace(" ", "-")))
                found.append(Asked(kind.name, server, partial(_again, path), kind.name in (NGINX, MEMORY)))
        yield found, [kind.name for kind, _ in peers if not is_installed(kind)]


def answer_to(asked: Asked, case: Case) -> bytes:
    """The body of one answer."""
    with socket.create_connection((HOST, asked.server.port)) as connection:
        connection.sendall(next(asked.requests(case)))
        answer = HTTPResponse(connection)
        answer.begin()
        body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{asked.name} answered {answer.status} to {case.name}: {body[:500]!r}")
    return body
