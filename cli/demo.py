"""crosstally-hub demo: the main job, run for real over HTTP on an embedded hub, and its tables printed.

Everything goes through the doors that partners use: tokens, PUT, review, cut, comparison. Only operators,
sites and clients are registered at the command line, as a hub's administrator would.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import httpx
from rich.console import Console
from rich.progress import Progress

from actions.hub import Hub
from actions.register_client import register_client
from actions.register_operator import register_operator, register_site
from cli.demo_client import DemoClient
from cli.demo_reports import DEMO_OPERATORS, DEMO_SITES, real_reports
from cli.demo_tables import print_tables
from cli.synthetic import synthetic_reports
from domain.access import OPERATOR_SCOPES, SYSTEM, Scope
from domain.clients import Client
from domain.settings import Settings
from wsgi import build_hub

FOLDER = Path("var/demo")
START_SECONDS = 120
CUT_SECONDS = 600

STAFF = {
    "steward": (Scope.REPORTS_REVIEW, Scope.RELEASES_PUBLISH),
    "researcher": (Scope.DATA_READ,),
    "admin": (Scope.OPERATORS_ADMIN, Scope.CLIENTS_MANAGE, Scope.AUDIT_READ),
}


@click.command()
@click.option("--port", type=int, default=8000, show_default=True, help="Port to serve on.")
@click.option("--serve/--no-serve", default=True, help="Keep serving after the tables are printed.")
@click.pass_obj
def demo(settings: Settings, port: int, serve: bool) -> None:
    """Recreate var/demo, send the demo reports through the API, cut a release, print the comparison."""
    settings = _settings(settings, port)
    console = Console(width=118, highlight=False)
    shutil.rmtree(FOLDER, ignore_errors=True)
    clients = _furnish(build_hub(settings))
    with _server(settings) as server:
        _run_main_job(settings, clients, console)
        print_tables(DemoClient(settings.issuer), console)
        _write_credentials(settings, clients)
        if serve:
            console.print(f"\nServing on {settings.issuer}; credentials in {FOLDER}/credentials.json; Ctrl-C stops.")
            server.wait()


def _settings(settings: Settings, port: int) -> Settings:
    base = FOLDER.absolute()
    return replace(
        settings,
        database_url=f"sqlite:///{base}/crosstally.db",
        keys_dir=base / "keys",
        releases_dir=base / "releases",
        issuer=f"http://127.0.0.1:{port}",
        port=port,
    )


def _furnish(hub: Hub) -> dict[str, dict]:
    """Register operators, sites and clients; answers the clients as credentials.json holds them."""
    for operator in DEMO_OPERATORS:
        register_operator(hub, by=SYSTEM, operator=operator)
    for site in DEMO_SITES:
        register_site(hub, by=SYSTEM, site=site)
    clients = {}
    for operator in DEMO_OPERATORS:
        sites = [site.id for site in DEMO_SITES if site.operator == operator.id]
        clients[operator.id] = _client(hub, operator.id, tuple(OPERATOR_SCOPES), operator.id, sites)
    return clients | {name: _client(hub, name, scopes) for name, scopes in STAFF.items()}


def _client(
    hub: Hub, name: str, scopes: tuple[Scope, ...], operator: str | None = None, sites: Sequence[str] = ()
) -> dict:
    client = Client(f"demo-{name}", name, operator, frozenset(sites), frozenset(scopes))
    secret = register_client(hub, by=SYSTEM, client=client)
    return {
        "client_id": f"demo-{name}",
        "client_secret": secret,
        "scope": " ".join(sorted(scopes)),
        "sites": list(sites),
    }


@contextmanager
def _server(settings: Settings) -> Iterator[subprocess.Popen]:
    """The hub as a process of its own, until the block ends."""
    with (FOLDER / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "cli.main", "serve"]
        server = subprocess.Popen(command, env={**os.environ, **settings.environ()}, stdout=log, stderr=log)
        try:
            _wait_until_alive(server, settings.issuer)
            yield server
        except KeyboardInterrupt:
            click.echo("stopping")
        finally:
            server.terminate()
            server.wait()


def _wait_until_alive(server: subprocess.Popen, base_url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(f"{base_url}/healthz").raise_for_status()
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    else:
        raise click.ClickException(f"the server did not start; {FOLDER}/server.log says why (is the port taken?)")


def _run_main_job(settings: Settings, clients: dict[str, dict], console: Console) -> None:
    operators = {site.id: site.operator for site in DEMO_SITES}
    api = {name: DemoClient(settings.issuer, client) for name, client in clients.items()}
    reports = [*real_reports(), *synthetic_reports()]
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("Sending and accepting reports", total=len(reports))
        for report in reports:
            receipt = api[operators[report.site]].put_report(report.site, str(report.month), report.body)
            api["steward"].accept(report.site, str(report.month), receipt["revision"])
            bar.advance(task)
        task = bar.add_task("Cutting the release", total=1.0)
        for progress in api["steward"].cut(patience=CUT_SECONDS):
            bar.update(task, completed=progress)


def _write_credentials(settings: Settings, clients: dict[str, dict]) -> None:
    content = {
        "base_url": settings.issuer,
        "token_url": f"{settings.issuer}/oauth/token",
        "clients": clients,
        "users": {},
    }
    descriptor = os.open(FOLDER / "credentials.json", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
