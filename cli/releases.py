"""crosstally-hub releases: preview, cut, explain, publish, discard, retract; list, compare, verify, attack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from actions.attack_release import attack_release
from actions.cut_release import cut_release
from actions.diff_releases import diff_releases
from actions.discard_draft import discard_draft
from actions.explain_release import explain_release
from actions.open_release import LATEST, find_release
from actions.preview_release import preview_release, preview_report
from actions.publish_release import publish_release
from actions.read_release import ReleaseEntry, list_drafts, list_releases
from actions.retract_release import retract_release
from actions.verify_ledger import verify_ledger
from auth.keys import is_signed, release_keys
from domain.access import SYSTEM
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month
from domain.reasons import WORDS
from domain.release import Inclusion, Reason
from domain.settings import Settings
from wsgi import build_hub

REASONS = shipped_dictionaries()[max(shipped_dictionaries())].code_list("retraction")


@contextmanager
def _progress(title: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on the standard error, and what tells it how far the work is."""
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda done: bar.update(task, completed=done)


@click.group()
def releases() -> None:
    """Cut, publish, retract and verify releases."""


@releases.command()
@click.option("--publish", is_flag=True, help="Publish at once when the attack finds nothing; else keep a draft.")
@click.pass_obj
def cut(settings: Settings, publish: bool) -> None:
    """Cut a release of every accepted report."""
    with _progress("Protecting and attacking") as told:
        release = cut_release(build_hub(settings), by=SYSTEM, publish=publish, progress=told)
    click.echo(f"{release} {'published' if publish else 'cut, not published'}")


@releases.command()
@click.argument("release")
@click.pass_obj
def publish(settings: Settings, release: str) -> None:
    """Publish the draft RELEASE."""
    click.echo(f"{publish_release(build_hub(settings), by=SYSTEM, release=release).id} published")


class ReportPlace(click.ParamType):
    """SITE/MONTH, such as nyc-east-harlem/2026-05."""

    name = "SITE/MONTH"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Month]:
        """The site and the month; fails with what was expected."""
        site, _, month = value.partition("/")
        try:
            return site, Month.parse(month)
        except ValueError as error:
            self.fail(f"{value!r} is no site and month like nyc-east-harlem/2026-05: {error}", param, ctx)


@releases.command()
@click.option("--report", type=ReportPlace(), help="What the public would see of this report, taken by itself.")
@click.pass_obj
def preview(settings: Settings, report: tuple[str, Month] | None) -> None:
    """Print what would be cut now: rows shown and hidden, reports held back, corrections that wait."""
    if report is not None:
        _preview_report(settings, *report)
        return
    with _progress("Protecting and attacking") as told:
        found = preview_release(build_hub(settings), by=SYSTEM, progress=told)
    table = Table("level", "period", "cells", "shown", "hidden")
    for (level, period, is_category), (shown, hidden) in found.rows.items():
        table.add_row(level, period, "categories" if is_category else "totals", str(shown), str(hidden))
    Console(highlight=False).print(table)
    for reason, count in sorted(found.reasons.items()):
        click.echo(f"{count:8}  {WORDS[reason]}")
    for (site, month), inclusion in found.inclusions.items():
        if inclusion is not Inclusion.INCLUDED:
            waiting = ", ".join(found.table.waiting.get((site, month), ()))
            click.echo(f"{site} {month}  {inclusion.value}  {waiting}".rstrip())


def _preview_report(settings: Settings, site: str, month: Month) -> None:
    table = Table("period", "cell", "the public", "why")
    for cell in preview_report(build_hub(settings), by=SYSTEM, site=site, month=month):
        name = "/".join(part for part in vars(cell.key.name).values() if part)
        table.add_row(str(cell.key.period), name, "sees" if cell.is_shown else "does not see", _why(cell.reason))
    Console(highlight=False).print(table)
    click.echo("In a release more can be hidden, to protect what others sent.")


def _why(reason: Reason | None) -> str:
    return WORDS[reason] if reason else ""


@releases.command()
@click.argument("release")
@click.option("--site", help="Only the rows of this site.")
@click.option("--period", help="Only the rows of this month, quarter or year, such as 2026-05 or 2026-Q2.")
@click.pass_obj
def explain(settings: Settings, release: str, site: str | None, period: str | None) -> None:
    """Print why RELEASE, published or a draft, hides what it hides."""
    found = explain_release(build_hub(settings), by=SYSTEM, release=release)
    table = Table("level", "unit", "period", "cell", "why")
    for cell in found.cells:
        if site in (None, cell.unit) and period in (None, cell.period):
            table.add_row(cell.level, cell.unit, cell.period, cell.cell, cell.words)
    Console(highlight=False).print(table)
    for place, indicators in found.waiting.items():
        if site in (None, place.split("/")[0]):
            click.echo(f"{place}  waits for a larger correction: {', '.join(indicators)}")


@releases.command()
@click.argument("release", default=LATEST)
@click.pass_obj
def attack(settings: Settings, release: str) -> None:
    """Attack RELEASE (default: the newest) again, as anyone and as each operator, beside all before it."""
    with _progress("Attacking") as told:
        verdict = attack_release(build_hub(settings), by=SYSTEM, release=release, progress=told)
    for cell, attacker in verdict.breaches:
        click.echo(f"{attacker} can work out {cell}")
    if verdict.breaches:
        raise click.ClickException(f"{len(verdict.breaches)} breaches in {verdict.release}")
    click.echo(f"{verdict.release}: nothing found")


@releases.command()
@click.argument("draft")
@click.pass_obj
def discard(settings: Settings, draft: str) -> None:
    """Discard DRAFT and its files."""
    discard_draft(build_hub(settings), by=SYSTEM, release=draft)
    click.echo(f"{draft} discarded")


@releases.command()
@click.argument("release")
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Why; the dictionary says what it means.")
@click.pass_obj
def retract(settings: Settings, release: str, reason: str) -> None:
    """Take RELEASE back, by a further release that says so."""
    made = retract_release(build_hub(settings), by=SYSTEM, release=release, reason=reason)
    click.echo(f"{made.id} published, retracts {release}")


@releases.command("list")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Only what was published when this day ended (UTC).")
@click.pass_obj
def list_(settings: Settings, as_of: datetime | None) -> None:
    """List the releases, newest first, after the drafts that wait."""
    hub = build_hub(settings)
    if as_of:
        find_release(hub, as_of.date())
    else:
        for draft in list_drafts(hub, by=SYSTEM):
            click.echo(f"{draft.id}  {draft.created_at:%Y-%m-%d %H:%M}  draft")
    for release in list_releases(hub, as_of=as_of.date() if as_of else None):
        line = f"{release.id}  {release.published_at:%Y-%m-%d %H:%M}  {release.sha256}  {_fate(release)}"
        click.echo(line.rstrip())


def _fate(release: ReleaseEntry) -> str:
    if release.retracts:
        return f"retracts {release.retracts}: {release.reason}"
    return f"retracted by {release.retracted_by}: {release.reason}" if release.retracted_by else ""


@releases.command()
@click.argument("release")
@click.argument("earlier")
@click.option("--limit", type=click.IntRange(0), default=100, show_default=True, help="How many rows to print at most.")
@click.pass_obj
def diff(settings: Settings, release: str, earlier: str, limit: int) -> None:
    """Print what changed from EARLIER to RELEASE."""
    found = diff_releases(build_hub(settings), release=release, earlier=earlier)
    click.echo(f"{found.added} added, {found.removed} removed, {found.changed} changed")
    table = Table()
    for title in ("level", "unit", "period", "cell", "before", "after"):
        table.add_column(title, overflow="fold")
    for item in found.items(0, limit):
        cell = "/".join(filter(None, (item["indicator"], item["breakdown"], item["category"])))
        table.add_row(item["level"], item["unit"], item["period"], cell, _told(item["before"]), _told(item["after"]))
    if table.row_count:
        Console(highlight=False).print(table)
    if len(found.changes) > limit:
        click.echo(f"and {len(found.changes) - limit} more; --limit prints them")


def _told(state: dict | None) -> str:
    """A state in a few characters: the value, the status, or the status with its bounds."""
    if state is None:
        return "-"
    if state["value"] is not None:
        return str(state["value"])
    if state["lower"] is None:
        return state["value_status"]
    return f"{state['value_status']} {state['lower']}..{'' if state['upper'] is None else state['upper']}"


@releases.command()
@click.argument("release", required=False)
@click.pass_obj
def verify(settings: Settings, release: str | None) -> None:
    """Check every release, or RELEASE: manifests, signatures, chain, files, retractions."""
    keys = release_keys(settings).jwks()
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("Verifying")
        verdict = verify_ledger(
            build_hub(settings),
            is_signed=lambda content, signature: is_signed(content, signature, keys),
            release=release,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )
    for fault in verdict.faults:
        click.echo(f"{fault.release}  {fault.part}: {fault.words}")
    if verdict.faults:
        raise click.ClickException(f"{len(verdict.faults)} faults")
    click.echo(f"{verdict.verified} releases verified")
