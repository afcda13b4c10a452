"""crosstally-hub operators, sites, clients, audit."""

from __future__ import annotations

import json
from datetime import UTC
from typing import IO, Any

import click

from actions.read_directory import list_operators, list_sites
from actions.register_client import register_client
from actions.register_operator import SENTINEL_LEVELS, register_operator, register_site
from actions.verify_audit import verify_audit
from domain.access import SYSTEM, Scope
from domain.clients import Client, Grant
from domain.periods import Month
from domain.report import Operator, Site
from domain.settings import Settings
from wsgi import build_hub


class MonthParameter(click.ParamType):
    """A month on the command line, written 2026-05."""

    name = "month"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        """Read the text, or fail with what a month looks like."""
        try:
            return value if isinstance(value, Month) else Month.parse(str(value))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


MONTH = MonthParameter()


@click.group()
def operators() -> None:
    """The operators of sites: the hub's tenants."""


@operators.command("add")
@click.argument("operator")
@click.option("--label", required=True, help="The operator's name as readers see it.")
@click.option("--k", type=int, help="A stricter threshold than the hub's, where its regulator asks for one.")
@click.option("--sentinel", type=click.Choice(SENTINEL_LEVELS), default="none", show_default=True,
              help="The level at which deaths are published, agreed before any is counted.")  # fmt: skip
@click.pass_obj
def add_operator(settings: Settings, operator: str, label: str, k: int | None, sentinel: str) -> None:
    """Register OPERATOR, a short id such as `nyc`."""
    register_operator(build_hub(settings), by=SYSTEM, operator=Operator(operator, label, k, sentinel))


@operators.command("list")
@click.pass_obj
def operators_list(settings: Settings) -> None:
    """List the operators."""
    for operator in list_operators(build_hub(settings)):
        click.echo(f"{operator.id}  {operator.label}  k={operator.k or settings.k}  sentinel={operator.sentinel}")


@click.group()
def sites() -> None:
    """The sites that report."""


@sites.command("add")
@click.argument("site")
@click.option("--operator", required=True, help="The operator's id.")
@click.option("--city", required=True, help="The city's id, such as `new-york`.")
@click.option("--label", required=True, help="The site's name as readers see it.")
@click.option("--opened", type=MONTH, required=True, help="The month it opened, such as 2021-11.")
@click.option("--closed", type=MONTH, help="The month it closed for good.")
@click.option("--timezone", required=True, help="Its time zone, such as America/New_York.")
@click.option("--stations", type=int, help="How many booths and smoking places it has.")
@click.option("--synthetic", is_flag=True, help="Its numbers are made up, and will be marked so everywhere.")
@click.pass_obj
def add_site(settings: Settings, site: str, **facts: Any) -> None:
    """Register SITE, a short id such as `nyc-east-harlem`."""
    register_site(build_hub(settings), by=SYSTEM, site=Site(id=site, **facts))


@sites.command("list")
@click.pass_obj
def sites_list(settings: Settings) -> None:
    """List the sites."""
    for site in list_sites(build_hub(settings)):
        click.echo(f"{site.id}  {site.label}  {site.operator}  {site.opened}..{site.closed or ''}")


@click.group()
def clients() -> None:
    """The clients that ask for tokens."""


@clients.command("add")
@click.argument("client")
@click.option("--label", required=True, help="Who or what it is.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([str(s) for s in Scope]),
              help="A scope it may have; give the option once for each.")  # fmt: skip
@click.option("--operator", help="The operator it acts for.")
@click.option("--site", "sites", multiple=True, help="A site it is bound to; give the option once for each.")
@click.option("--grant", "grants", multiple=True, type=click.Choice([str(g) for g in Grant]),
              default=[str(Grant.CLIENT_CREDENTIALS)], show_default=True, help="How it comes to tokens.")  # fmt: skip
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where people go back to; compared exactly.")
@click.option("--network", "networks", multiple=True, help="From where it may come, such as 192.0.2.0/24.")
@click.option("--introspects", is_flag=True, help="It may ask about tokens that others hold.")
@click.option("--expires", "expires_at", type=click.DateTime(), help="When it ends, in UTC.")
@click.option("--jwks", type=click.File("rb"), help="A JWK Set of its public keys, instead of a secret.")
@click.pass_obj
def add_client(settings: Settings, client: str, jwks: IO[bytes] | None, **facts: Any) -> None:
    """Register CLIENT and print its secret, once; or register its public keys."""
    made = Client(
        id=client,
        label=facts["label"],
        operator=facts["operator"],
        sites=frozenset(facts["sites"]),
        scopes=frozenset(map(Scope, facts["scopes"])),
        expires_at=facts["expires_at"] and facts["expires_at"].replace(tzinfo=UTC),
        grants=frozenset(map(Grant, facts["grants"])),
        redirect_uris=facts["redirect_uris"],
        networks=facts["networks"],
        introspects=facts["introspects"],
    )
    secret = register_client(build_hub(settings), by=SYSTEM, client=made, jwks=_read_jwks(jwks))
    click.echo(secret or "registered with its keys")


def _read_jwks(file: IO[bytes] | None) -> Any:
    try:
        return file and json.load(file)
    except ValueError:
        raise click.ClickException("--jwks: that is not JSON") from None


@click.group()
def audit() -> None:
    """The log of who did what."""


@audit.command()
@click.option("--head", "heads", multiple=True, help="A hash that this command printed before, kept elsewhere.")
@click.pass_obj
def verify(settings: Settings, heads: tuple[str, ...]) -> None:
    """Check every line of the log, beside the releases and the hashes given, and print where it ends.

    Keep what is printed where nobody who can write to the database gets at it. Whoever owns the database can cut
    off what was written since the newest release and the newest hash that is known elsewhere, and nobody can tell.
    """
    verdict = verify_audit(build_hub(settings), by=SYSTEM, heads=heads)
    for fault in verdict.faults:
        click.echo(str(fault))
    if verdict.faults:
        raise click.ClickException(f"{len(verdict.faults)} faults")
    click.echo(f"the chain holds: {verdict.lines} lines, the last {verdict.head.sha256 if verdict.head else 'none'}")
