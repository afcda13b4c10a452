"""The benchmark of submitting: everybody is sent the same cells, and what is told was acknowledged and is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import repeat
from threading import Thread

import pytest

from domain.checks import check_report
from domain.periods import Month
from schemas.reports import ReportBodySchema
from tests.bench.submitting.__main__ import Turn, table
from tests.bench.submitting.body import CELLS, as_document, as_rows
from tests.bench.submitting.load import drive, request
from tests.bench.submitting.servers import BARE, HUB, KINDS, Running, running
from tests.domain.examples import DICTIONARY, SITE

OURS = [kind for kind in KINDS if kind.name in (BARE, HUB)]


class Refusing(BaseHTTPRequestHandler):
    """Reads the body and takes nothing."""

    def do_PUT(self) -> None:
        self.rfile.read(2)
        self.send_error(503)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module", params=OURS, ids=lambda kind: kind.name)
def server(request, tmp_path_factory) -> Iterator[Running]:
    with running(request.param, tmp_path_factory.mktemp("bench") / "server") as started:
        yield started


def test_the_report_has_all_its_cells_and_breaks_no_rule():
    report = ReportBodySchema().load(json.loads(as_document()))
    findings = check_report(report, DICTIONARY, site=SITE, month=Month(2025, 5), today=date(2026, 6, 3))
    assert sum(1 for _ in report.cells()) == CELLS
    assert [finding for finding in findings if finding.level == "error"] == []


def test_as_rows_it_is_the_same_report():
    rows = {(row["indicator"], row["breakdown"], row["category"]): row["value"] for row in as_rows("x", "2025-05")}
    report = ReportBodySchema().load(json.loads(as_document()))
    assert rows == {(n.indicator, n.breakdown, n.category): cell.content for n, cell in report.cells()}


def test_what_was_acknowledged_is_stored(server: Running):
    before, cpu = server.reports_stored(), server.cpu()
    load = drive(server.port, server.requests.__next__, connections=3, seconds=0.3)
    assert server.reports_stored() - before == len(load.latencies) >= 3
    assert server.cpu() >= cpu and load.rate > 0 and load.p50 > 0


def test_an_answer_that_is_no_success_ends_the_run():
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.handle_request).start()
        with pytest.raises(RuntimeError, match="answered b'HTTP/1.0 503"):
            drive(server.server_port, repeat(request("PUT", "/", b"{}")).__next__, connections=1, seconds=0.1)


def test_the_table_tells_how_one_is_to_the_other():
    turns = {BARE: Turn(1000, 0.5, 0.6), HUB: Turn(500, 1.5, 1.2), "rows": Turn(100, 5, 9)}
    _, _, bare, hub, rows, _, said = table(turns, sync=0.5)
    assert bare.split(" | ")[1:] == ["1000", "100%", "0.5", "0.50", "0.60", "1.2 |"]
    assert hub.split(" | ")[2] == "50%" and rows.split(" | ")[3] == "5.0"
    assert "0.50 ms" in said
