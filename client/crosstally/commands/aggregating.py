"""crosstally aggregate: from lines to a report, on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from crosstally.calls import JSON
from crosstally.commands.comparing import Setting
from crosstally.commands.endings import REFUSED
from crosstally.commands.reporting import send, tell_receipt
from crosstally.commands.screen import print_findings, print_table, progress
from crosstally.commands.session import Session, pass_session
from crosstally.extras import needed

K = 11
"""Counts below this are hidden by a hub that was set up as usual; each release says what it was."""


@click.command()
@click.argument("export", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping", type=click.Path(dir_okay=False, path_type=Path), default=Path("mapping.toml"), show_default=True,
    help="How columns become counts; where it is not there yet, it is built by asking.",
)  # fmt: skip
@click.option("--month", help="Such as 2026-05; not needed where all lines are of one.")
@click.option("--given", "told", type=Setting(), multiple=True, help="A count that no line has: operating_hours=248.")
@click.option(
    "--acknowledge", "acknowledged", type=Setting(), multiple=True,
    help="A warning that you looked at, and why it stands: r24=checked_correct.",
)  # fmt: skip
@click.option("--closed", help="The code of the reason, where the site was closed all month.")
@click.option("--to", "to", type=click.Path(dir_okay=False, path_type=Path), help="The report's file (JSON).")
@click.option("--k", default=K, show_default=True, help="Counts below this are shown as small.")
@click.option("--submit", "is_sent", is_flag=True, help="Send the report, after showing it and asking.")
@click.option("--site", help="The site to send it for; without it the mapping's.")
@click.option("--revise", is_flag=True, help="With --submit: replace the revision that was sent or seen last.")
@click.option("--yes", is_flag=True, help="With --submit: do not ask.")
@pass_session
def aggregate(session: Session, export: Path, mapping: Path, told: Sequence[tuple[str, str]], **options: Any) -> None:
    """Make the monthly report from EXPORT, a CSV or workbook of your own lines (one visit or event each).

    All of it happens on this machine: without --submit nothing is sent, with it the report alone, after its small
    counts were shown. Persons are told apart by keys that are made for this run and kept nowhere.
    No line is written to any file, and what is printed names columns and rows, never what stands there.
    """
    tool = needed("crosstally.aggregation", extra="aggregate", purpose="Counting lines")
    if not mapping.exists():
        _build(tool, export, mapping)
    mapped = tool.load(mapping)
    with progress("Counting") as bar:
        bar(export.name, 0, 1)
        lines = tool.read_export(export, mapped)
        month = _month(tool, lines, options["month"])
        counts = tool.count(lines, mapped, month, _numbers(told, mapped.given), bar)
    content, is_good = _judged(tool, mapped, counts, options)
    if not is_good:
        raise click.exceptions.Exit(REFUSED)
    site = options["site"] or mapped.site
    path = options["to"] or Path(f"{site or 'report'}-{month}.json")
    path.write_text(json.dumps(content, indent=2) + "\n")
    click.echo(f"Report written to {path}. Nothing was sent.")
    if options["is_sent"]:
        _send(session, content, site, str(month), options)


def _month(tool: Any, lines: Any, told: str | None) -> Any:
    if told:
        return tool.Month.parse(told)
    there = tool.months_of(lines)
    if len(there) != 1:
        listed = ", ".join(f"{month} ({count} lines)" for month, count in there.items())
        raise click.UsageError(f"Say which month: --month. There are {listed or 'no lines'}.")
    return tool.Month.parse(next(iter(there)))


def _numbers(told: Sequence[tuple[str, str]], known: frozenset[str]) -> dict[str, float]:
    """The counts that were told, by indicator."""
    found = {}
    for name, text in told:
        if name not in known:
            raise click.UsageError(
                f"--given {name}: the mapping gives no count of it; these it does: {', '.join(known)}"
            )
        try:
            found[name] = float(text) if "." in text else int(text)
        except ValueError:
            raise click.UsageError(f"--given {name}: {text!r} is no number") from None
    return found


def _judged(tool: Any, mapped: Any, counts: Any, options: Mapping[str, Any]) -> tuple[dict, bool]:
    """The report, shown with what is small and what is wrong, and whether it is one."""
    content = tool.report_content(mapped, counts, options["closed"], options["acknowledged"])
    for note in counts.notes:
        click.echo(f"Note: {note}", err=True)
    for problem in counts.problems:
        click.echo(f"Problem: {problem}", err=True)
    if counts.problems:
        return content, False
    report, findings = tool.judge(content)
    if report is not None:
        print_table(("indicator", "breakdown", "category", "count"), tool.rows(report))
        _tell_small(list(tool.small_cells(report, mapped.dictionary, options["k"])), options["k"])
    print_findings(findings)
    return content, not any(finding.is_error for finding in findings)


def _tell_small(cells: Sequence[tuple[str, object]], k: int) -> None:
    if cells:
        print_table(("small counts", "count"), cells)
        click.echo(f"{len(cells)} counts are below {k}. The hub gets them and hides them from everybody else.")
    else:
        click.echo(f"No count is from 1 to {k - 1}.")


def _send(session: Session, content: dict, site: str, month: str, options: Mapping[str, Any]) -> None:
    if not site:
        raise click.UsageError("Say for which site: --site, or site in the mapping.")
    if not options["yes"]:
        click.confirm(f"Send this report for {site}, {month}?", abort=True)
    receipt = send(session, json.dumps(content).encode(), JSON, site, month, revise=options["revise"])
    tell_receipt(receipt, is_json=False)


def _build(tool: Any, export: Path, path: Path) -> None:
    """Ask how the columns become counts, and keep the answers."""
    if not _is_terminal():
        raise click.UsageError(f"There is no {path}; run this once in a terminal to build it.")
    is_table = export.suffix.lower() == ".csv"
    how = {"separator": click.prompt("What separates columns", default=",")} if is_table else {}
    read = tool.Export(time="", time_format="", **how)
    frame = tool.read_columns(export, read)
    known = tool.shipped_dictionaries()
    content = tool.build(frame, known[max(known)], _ask, how)
    tool.mapping_of(content)
    path.write_text(tool.written(content))
    click.echo(f"Kept in {path}; it can be edited.")


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _ask(words: str, default: str, choices: Sequence[str] | None = None) -> str:
    kind = click.Choice(list(choices)) if choices else None
    return str(click.prompt(words, default=default, type=kind, show_choices=len(choices or ()) < 10))
