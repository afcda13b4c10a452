"""crosstally-hub completeness."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from actions.read_completeness import read_completeness
from cli.parameters import MONTH_RANGE
from domain.completeness import SiteMonth, Tally, sums
from domain.periods import MonthRange
from domain.settings import Settings
from wsgi import build_hub

COLUMNS = 12
LEGEND = "A accepted   R received, not accepted   a, r the same, but late   . missing   o missing, not due yet"


@click.command()
@click.option("--operator", "operators", multiple=True, help="Only its sites; give the option once for each.")
@click.option("--site", "sites", multiple=True, help="Only this site; give the option once for each.")
@click.option("--period", type=MONTH_RANGE, help="Only these months, such as 2026-01..2026-06; else the last 12.")
@click.pass_obj
def completeness(settings: Settings, period: MonthRange | None, **wanted: Any) -> None:
    """Print which reports came, were on time and were accepted: sites x months."""
    hub = build_hub(settings)
    rows = read_completeness(hub, period=period, **wanted)
    if not rows:
        raise click.ClickException("No report is expected yet from such sites in such months.")
    months = sorted({row.month for row in rows})[-COLUMNS if period is None else 0 :]
    rows = [row for row in rows if row.month >= months[0]]
    # Wide enough for whatever was asked for: a table that is cut off would be read as whole.
    console = Console(highlight=False, width=max(118, 80 + 8 * len(months)))
    console.print(_table(rows, [str(month) for month in months], hub.clock()))
    console.print(f"{LEGEND}\n{_told(sum((row.tally for row in rows), Tally()))}")


def _table(rows: list[SiteMonth], months: list[str], now: datetime) -> Table:
    table = Table(title="Reports by site and month", title_justify="left")
    for heading in ("Operator", "Site"):
        table.add_column(heading, no_wrap=True)
    for month in months:
        table.add_column(month, justify="center", no_wrap=True)
    for heading in ("Expected", "Received", "On time", "Accepted"):
        table.add_column(heading, justify="right")
    tallies = sums(rows, lambda row: row.site)
    for site, tally in tallies.items():
        own = {str(row.month): row for row in rows if row.site == site}
        marks = [_mark(own[month], now) if month in own else "" for month in months]
        table.add_row(next(iter(own.values())).operator, site, *marks, *_figures(tally))
    return table


def _mark(row: SiteMonth, now: datetime) -> str:
    if not row.tally.received:
        return "." if now >= row.due_by else "o"
    mark = "A" if row.tally.accepted else "R"
    return mark if row.tally.on_time else mark.lower()


def _figures(tally: Tally) -> list[str]:
    return [str(number) for number in vars(tally).values()]


def _told(tally: Tally) -> str:
    expected, received, on_time, accepted = _figures(tally)
    return f"Of {expected} expected {received} received, {on_time} on time, {accepted} accepted."
