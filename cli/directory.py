"""crosstally-hub operators, sites."""

from __future__ import annotations

from typing import Any

import click

from actions.change_operator import change_operator
from actions.change_site import change_site
from actions.read_directory import list_operators, list_sites, read_operator, read_site
from actions.register_operator import register_operator, register_site
from cli.parameters import ANY_STATE, MONTH, given, print_facts
from domain.access import SYSTEM
from domain.calendar import LAST_DUE_DAY, USUAL_DUE_DAY, DueDay
from domain.completeness import calendar_of
from domain.directory_content import site_facts
from domain.periods import Month
from domain.report import SENTINEL_LEVELS, Operator, Site
from domain.settings import Settings
from wsgi import build_hub

LEVEL = click.Choice(SENTINEL_LEVELS)
DUE_DAY = click.IntRange(1, LAST_DUE_DAY)


@click.group()
def operators() -> None:
    """The operators of sites: the hub's tenants."""


@operators.command("add")
@click.argument("operator")
@click.option("--label", required=True, help="The operator's name as readers see it.")
@click.option("--k", type=int, help="A stricter threshold than the hub's, where its regulator asks for one.")
@click.option("--sentinel", type=LEVEL, default="none", show_default=True,
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
        state = "  disabled" if operator.disabled else ""
        click.echo(
            f"{operator.id}  {operator.label}  k={operator.k or settings.k}  sentinel={operator.sentinel}{state}"
        )


@operators.command("show")
@click.argument("operator")
@click.pass_obj
def show_operator(settings: Settings, operator: str) -> None:
    """Print what is known of OPERATOR."""
    print_facts(vars(read_operator(build_hub(settings), operator)))


@operators.command("change")
@click.argument("operator")
@click.option("--label", help="The operator's name as readers see it.")
@click.option("--k", type=int, help="A stricter threshold than the hub's.")
@click.option("--sentinel", type=LEVEL, help="The level at which deaths are published, before any is counted.")
@click.pass_obj
def operators_change(settings: Settings, operator: str, **facts: Any) -> None:
    """Change what is given about OPERATOR."""
    _change_operator(settings, operator, **given(facts))


@operators.command("disable")
@click.argument("operator")
@click.pass_obj
def disable_operator(settings: Settings, operator: str) -> None:
    """Let nobody act for OPERATOR any longer; what it reported stays."""
    _change_operator(settings, operator, disabled=True)


@operators.command("enable")
@click.argument("operator")
@click.pass_obj
def enable_operator(settings: Settings, operator: str) -> None:
    """Let people and clients act for OPERATOR again."""
    _change_operator(settings, operator, disabled=False)


def _change_operator(settings: Settings, operator: str, **changes: Any) -> None:
    change_operator(build_hub(settings), by=SYSTEM, operator=operator, changes=changes, preconditions=ANY_STATE)


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
@click.option("--due-day", type=DUE_DAY, default=USUAL_DUE_DAY, show_default=True,
              help="The day of the month after, until whose end a report is due.")  # fmt: skip
@click.option("--reports-from", type=MONTH, help="The first month that it reports, if later than its opening.")
@click.pass_obj
def add_site(settings: Settings, site: str, due_day: int, reports_from: Month | None, **facts: Any) -> None:
    """Register SITE, a short id such as `nyc-east-harlem`."""
    due_days = (DueDay(reports_from or facts["opened"], due_day),)
    register_site(build_hub(settings), by=SYSTEM, site=Site(id=site, due_days=due_days, **facts))


@sites.command("list")
@click.pass_obj
def sites_list(settings: Settings) -> None:
    """List the sites."""
    for site in list_sites(build_hub(settings)):
        state = "  disabled" if site.disabled else ""
        click.echo(f"{site.id}  {site.label}  {site.operator}  {site.opened}..{site.closed or ''}{state}")


@sites.command("show")
@click.argument("site")
@click.pass_obj
def show_site(settings: Settings, site: str) -> None:
    """Print what is known of SITE."""
    found = read_site(build_hub(settings), site)
    due_days = [f"{due.day} from {due.month} on" for due in found.due_days]
    print_facts({**site_facts(found), "due_days": due_days})


@sites.command("change")
@click.argument("site")
@click.option("--label", help="The site's name as readers see it.")
@click.option("--closed", type=MONTH, help="The month it closed for good.")
@click.option("--timezone", help="Its time zone, such as America/New_York.")
@click.option("--stations", type=int, help="How many booths and smoking places it has.")
@click.option("--due-day", type=DUE_DAY, help="The day of the month after, until whose end a report is due.")
@click.option("--due-from", type=MONTH, help="With --due-day: the first month for which it holds; not before this one.")
@click.pass_obj
def sites_change(settings: Settings, site: str, due_day: int | None, due_from: Month | None, **facts: Any) -> None:
    """Change what is given about SITE; releases keep the facts of their day, and past months their due day."""
    if due_day is not None:
        facts["due_days"] = _due_days(settings, site, due_day, due_from)
    elif due_from:
        raise click.UsageError("--due-from goes with --due-day.")
    _change_site(settings, site, **given(facts))


def _due_days(settings: Settings, site: str, day: int, first: Month | None) -> tuple[DueDay, ...]:
    """The due days of the site, with another from a month on."""
    hub = build_hub(settings)
    found = read_site(hub, site)
    first = max(first or calendar_of(found).current_month(hub.clock()), found.opened)
    usual = (DueDay(found.opened, USUAL_DUE_DAY),) if first > found.opened else ()
    return (*(due for due in found.due_days or usual if due.month < first), DueDay(first, day))


@sites.command("disable")
@click.argument("site")
@click.pass_obj
def disable_site(settings: Settings, site: str) -> None:
    """Let nobody report for SITE any longer; what was reported stays."""
    _change_site(settings, site, disabled=True)


@sites.command("enable")
@click.argument("site")
@click.pass_obj
def enable_site(settings: Settings, site: str) -> None:
    """Let its operator report for SITE again."""
    _change_site(settings, site, disabled=False)


def _change_site(settings: Settings, site: str, **changes: Any) -> None:
    change_site(build_hub(settings), by=SYSTEM, site=site, changes=changes, preconditions=ANY_STATE)
