"""Thirty-two clients that write one report at once, over HTTP, to a hub that is killed meanwhile.

Each client tries to put a count of its own into the report of the same site and month: it names the newest ETag
that it has been told, and learns the current one from the 412 where another was first. What each request was told
is kept, and compared with what is stored when nobody writes any longer.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy import func, select

from actions.hub import Hub, now
from actions.read_report import list_revisions
from actions.verify_audit import verify_audit
from domain.access import SYSTEM
from domain.canonical import canonical_json, sha256_of
from store.reports import head_of
from store.tables import audit
from store.tenancy import AUDITOR, of_operator
from tests.arrows import ROOT
from tests.builders import MAY, body, operator_principal, register_test_clients
from tests.demo import free_port

CLIENTS = 32
START_SECONDS = 240
PLACE = "nyc-east", MAY
PATH = "/v1/sites/nyc-east/reports/2026-05"


@dataclass(frozen=True)
class Told:
    """What a client was told of a revision: its number and ETag, the ETag it named, and the count it sent."""

    number: int
    etag: str
    named: str
    referrals: int


@dataclass
class Load:
    """Thirty-two clients, and what they were told so far."""

    base_url: str
    token: str
    told: list[Told] = field(default_factory=list)
    unanswered: set[int] = field(default_factory=set)
    strange: list[str] = field(default_factory=list)
    overtaken: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1000))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The clients write until the block ends."""
        stop = threading.Event()
        threads = [threading.Thread(target=self._write, args=(stop,)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _write(self, stop: threading.Event) -> None:
        connection, known = HTTPConnection(urlsplit(self.base_url).netloc, timeout=240), '"0-0"'
        while not stop.is_set():
            referrals = next(self._numbers)
            try:
                known = self._try(connection, referrals, known)
            except (OSError, HTTPException):
                connection.close()
                self.unanswered.add(referrals)
                time.sleep(0.05)
        connection.close()

    def _try(self, connection: HTTPConnection, referrals: int, named: str) -> str:
        """Send once; answers the ETag of the report as the client then knows it."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "If-Match": named}
        connection.request("PUT", PATH, json.dumps(body(referrals_made=referrals)), headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        if answer.status == 200:
            self.told.append(Told(content["revision"], content["etag"], named, referrals))
        elif answer.status == 412 and self._is_about_referrals(content):
            self.overtaken += 1
        else:
            self.strange.append(f"{answer.status} {content}")
        return answer.headers.get("ETag", named)

    @staticmethod
    def _is_about_referrals(problem: dict) -> bool:
        """Whether nothing is said to have changed but what these clients change."""
        return {item["pointer"] for item in problem["errors"]} <= {"/indicators/referrals_made/total"}


class Served:
    """A hub, and `crosstally-hub serve` on its database in processes of their own."""

    def __init__(self, hub: Hub) -> None:
        self.hub = replace(hub, clock=now)
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.secrets = register_test_clients(self.hub)
        self.process: subprocess.Popen | None = None
        self.log = Path(hub.settings.keys_dir).with_name("serve.log")

    def start(self, workers: int = 2) -> None:
        """Start the server, and wait until it answers."""
        changed = replace(self.hub.settings, workers=workers, rate_limit="1000000 per minute", issuer=self.base_url)
        environment = {**os.environ, **changed.environ(), "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.base_url}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """kill -9, the server and all its processes."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def token(self) -> str:
        """An access token of the operator's client."""
        form = {"grant_type": "client_credentials"}
        answer = httpx.post(f"{self.base_url}/oauth/token", data=form, auth=self.secrets["nyc"], timeout=60)
        return answer.json()["access_token"]


def faults(hub: Hub, load: Load) -> Iterator[str]:
    """Whatever is not as it must be once nobody writes."""
    yield from load.strange
    # A writer that was killed may have committed a moment ago; who has the next turn sees it.
    with hub.database.write(of_operator("nyc")) as connection:
        head = head_of(connection, *PLACE)
    page = list_revisions(hub, by=operator_principal("nyc"), site="nyc-east", month=MAY, limit=10**6)
    revisions = {view.revision.number: view.revision for view in page.items}
    if head is None or list(revisions) != list(range(1, head.revision + 1)):
        yield "the numbers are not 1 to the head's, each once"
    for told in load.told:
        revision = revisions.get(told.number)
        if revision is None or revision.content["indicators"]["referrals_made"]["total"] != told.referrals:
            yield f"revision {told.number} was acknowledged and is not there as it was sent"
        elif told.etag != f'"{revision.etag}"' or told.named != f'"{revisions[told.number - 1].etag}"':
            yield f"revision {told.number} was not made from the one before it"
    if len({told.number for told in load.told}) != len(load.told):
        yield "one number was given twice"
    sent = {told.referrals for told in load.told} | load.unanswered
    for revision in list(revisions.values())[1:]:
        if sha256_of(canonical_json(revision.content)) != revision.sha256:
            yield f"revision {revision.number} is not whole"
        if revision.content["indicators"]["referrals_made"]["total"] not in sent:
            yield f"revision {revision.number} was sent by nobody, or refused"
    if lines_of_reports(hub) != len(revisions):
        yield "the log has not one line for each revision"
    yield from map(str, verify_audit(hub, by=SYSTEM).faults)


def lines_of_reports(hub: Hub) -> int:
    """How many lines of the log tell of a revision sent."""
    with hub.database.read(AUDITOR) as connection:
        sending = audit.c.action.in_(["report.submit", "report.revise"])
        return connection.scalar(select(func.count()).select_from(audit).where(sending)) or 0
