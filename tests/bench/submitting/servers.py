"""Those who take reports: how each is started, what it is sent, and what it has stored.

All keep to SQLite with a write-ahead log and `synchronous = FULL`, in one worker process, each in a folder of its own.
What is installed for this alone runs in the Python that SUBMITTING_PEERS names, by default that of `.venv-bench`.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path

from actions.register_client import register_client
from actions.register_operator import register_operator, register_site
from domain.access import OPERATOR_SCOPES, SYSTEM
from domain.clients import Client
from domain.periods import Month
from domain.report import Operator, Site
from tests.arrows import ROOT
from tests.bench.submitting.body import CELLS, as_document, as_rows
from tests.bench.submitting.load import HOST, request
from tests.builders import make_hub

HERE = Path(__file__).parent
PEERS = Path(os.environ.get("SUBMITTING_PEERS", ROOT / ".venv-bench/bin/python")).absolute()
THREADS = 4
PATIENCE = 60
OPERATORS, SITES = 10, 12
MONTHS = [f"{year}-{month:02}" for year in range(2004, 2026) for month in range(1, 13)]

Requests = Iterator[bytes]


@dataclass(frozen=True)
class Kind:
    """A way to take reports: its command, what it is asked, and how many rows it keeps of a report."""

    name: str
    command: Callable[[int], list[str]]
    requests: Callable[[int, Path], Requests]
    stored: str
    rows: int = 1
    prepare: Callable[[int, Path], Mapping[str, str]] = field(default=lambda port, folder: {})


@dataclass
class Running:
    """A server, and where it keeps what it was sent."""

    kind: Kind
    port: int
    database: Path
    process: subprocess.Popen
    requests: Requests
    answered: int = 0

    def cpu(self) -> float:
        """Seconds of processor time of the server and its workers so far."""
        return sum(_cpu(pid) for pid in _with_children(self.process.pid))

    def reports_stored(self) -> float:
        """How many reports are in its database."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(self.kind.stored).fetchone()[0] / self.kind.rows


@contextmanager
def running(kind: Kind, folder: Path) -> Iterator[Running]:
    """The server, until the block ends."""
    folder.mkdir()
    port, database = _free_port(), folder / "bench.db"
    environment = {**os.environ, "BENCH_DATABASE": str(database), "PYTHONPATH": str(ROOT), **kind.prepare(port, folder)}
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            kind.command(port), cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _await(port, process, folder / "output.txt")
        yield Running(kind, port, database, process, kind.requests(port, folder))
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)


def granian(python: Path, application: str, *options: str) -> Callable[[int], list[str]]:
    start = [str(python), "-m", "granian", "--no-ws", "--host", HOST, "--workers", "1", "--log-level", "warning"]
    return lambda port: [*start, "--port", str(port), *options, application]


def wsgi(python: Path, application: str, *options: str) -> Callable[[int], list[str]]:
    return granian(python, application, "--interface", "wsgi", "--blocking-threads", str(THREADS), *options)


def _documents(port: int, folder: Path) -> Requests:
    body = as_document()
    for site, month in _places():
        yield request("PUT", f"/sites/{site}/reports/{month}", body)


def _rows(port: int, folder: Path) -> Requests:
    for site, month in _places():
        yield request("PUT", f"/sites/{site}/reports/{month}", json.dumps({"rows": as_rows(site, month)}).encode())


def _upserts(port: int, folder: Path) -> Requests:
    for site, month in _places():
        body = json.dumps({"rows": as_rows(site, month)}).encode()
        yield request("POST", "/bench/stored/-/upsert", body)


def _places() -> Iterator[tuple[str, str]]:
    """Never the same again: what looks at nothing takes thousands in a second."""
    for again in count():
        for operator, site, month in product(range(OPERATORS), range(SITES), MONTHS):
            yield f"site-{again}-{operator}-{site}", month


# ---- the hub ------------------------------------------------------------------------------------------


def _furnish(port: int, folder: Path) -> Mapping[str, str]:
    """A hub of many operators, and the secrets of their clients in a file."""
    address = {"database_url": f"sqlite:///{folder}/bench.db", "issuer": f"http://{HOST}:{port}"}
    hub = make_hub(folder, rate_limit="1000000000 per minute", **address)
    kept = {}
    for number in range(OPERATORS):
        operator = f"operator-{number}"
        sites = [f"site-{number}-{place}" for place in range(SITES)]
        register_operator(hub, by=SYSTEM, operator=Operator(operator, operator))
        for site in sites:
            opened = Month(2004, 1)
            register_site(hub, by=SYSTEM, site=Site(site, site, "city", operator, opened, stations=3, synthetic=True))
        client = Client(operator, operator, operator, frozenset(sites), frozenset(OPERATOR_SCOPES))
        kept[operator] = register_client(hub, by=SYSTEM, client=client)
    hub.database.close()
    (folder / "clients.json").write_text(json.dumps(kept))
    return {**hub.settings.environ(), "PYTHONPATH": str(ROOT)}


def _reports(port: int, folder: Path) -> Requests:
    """Reports of one operator after the other, each with a token of its own."""
    body, tokens = as_document(), {}
    clients = json.loads((folder / "clients.json").read_text())
    for month, place, number in product(MONTHS, range(SITES), range(OPERATORS)):
        operator = f"operator-{number}"
        if operator not in tokens or tokens[operator][1] < time.monotonic():
            tokens[operator] = token_for(port, operator, clients[operator]), time.monotonic() + 600
        path = f"/v1/sites/site-{number}-{place}/reports/{month}"
        yield request("PUT", path, body, Authorization=f"Bearer {tokens[operator][0]}")


def token_for(port: int, client: str, secret: str) -> str:
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    asked = urllib.request.Request(
        f"http://{HOST}:{port}/oauth/token",
        b"grant_type=client_credentials",
        {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
    )
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)["access_token"]


# ---- Datasette ----------------------------------------------------------------------------------------


def _datasette_table(port: int, folder: Path) -> Mapping[str, str]:
    """The table, and permission for everybody to write into it: nothing is asked of who writes."""
    columns = "site TEXT, month TEXT, indicator TEXT, breakdown TEXT, category TEXT, value REAL"
    with closing(sqlite3.connect(folder / "bench.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        key = "PRIMARY KEY (site, month, indicator, breakdown, category)"
        connection.execute(f"CREATE TABLE stored ({columns}, {key})")
    allowed = dict.fromkeys(("insert-row", "update-row"), True)
    (folder / "datasette.json").write_text(json.dumps({"permissions": allowed}))
    return {"DATASETTE_SECRET": secrets.token_hex()}


def _datasette(port: int) -> list[str]:
    options = ["--host", HOST, "--port", str(port), "-c", "datasette.json", "--setting", "max_insert_rows", str(CELLS)]
    return [str(PEERS), "-m", "datasette", "serve", "bench.db", *options]


OURS = Path(sys.executable).absolute()
COUNT = "SELECT count(*) FROM stored"
BARE, HUB = "bare durable INSERT", "Crosstally"
KINDS = (
    Kind(BARE, wsgi(OURS, "bare:app", "--working-dir", str(HERE / "peers")), _documents, COUNT),
    Kind(
        HUB,
        wsgi(OURS, "wsgi:create_app", "--factory", "--working-dir", str(ROOT)),
        _reports,
        "SELECT count(*) FROM revisions",
        prepare=_furnish,
    ),
    Kind(
        "FastAPI, pydantic, 243 rows",
        granian(PEERS, "fastapi_rows:app", "--interface", "asgi", "--working-dir", str(HERE / "peers")),
        _documents,
        COUNT,
        CELLS,
    ),
    Kind("Datasette, upsert", _datasette, _upserts, COUNT, CELLS, _datasette_table),
    Kind(
        "flask-smorest, ORM, 243 rows",
        wsgi(OURS, "smorest_rows:app", "--working-dir", str(HERE / "peers")),
        _rows,
        COUNT,
        CELLS,
    ),
)


def is_installed(kind: Kind) -> bool:
    """Whether the Python that the server needs is there."""
    return shutil.which(kind.command(0)[0]) is not None


# ---- processes ----------------------------------------------------------------------------------------


def _await(port: int, process: subprocess.Popen, output: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"did not start: {output.read_text(errors='replace')[-2000:]}")
        with suppress(OSError), socket.create_connection((HOST, port)):
            return
        time.sleep(0.1)


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _with_children(int(child))


def _cpu(pid: int) -> float:
    facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return found.getsockname()[1]
