"""crosstally template, validate, submit, status, review: a month's report from the empty form to its acceptance."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import click

from crosstally.commands.endings import REFUSED
from crosstally.commands.screen import as_json, print_findings, print_json, print_table
from crosstally.commands.session import Session, pass_session
from crosstally.extras import ExtraMissing, needed
from crosstally.files import media_type_of
from crosstally.models import Finding, Receipt, StoredReport, Validation
from crosstally.problems import PointedError

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
SITE, MONTH = click.argument("site"), click.argument("month")


def _all(*decorators: Callable) -> Callable:
    return lambda command: reduce(lambda made, decorate: decorate(made), reversed(decorators), command)


@click.command()
@click.option("--site", help="The form of this site, with --month: it shows what was reported the month before.")
@click.option("--month", help="Such as 2026-05.")
@click.option("--dictionary", help="The version of the dictionary; without it the newest.")
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), help="The file: .xlsx or .csv.")
@pass_session
def template(session: Session, site: str | None, month: str | None, dictionary: str | None, path: Path | None) -> None:
    """Fetch the form of a report, as a workbook or CSV."""
    if (site is None) != (month is None):
        raise click.UsageError("Give both --site and --month, or neither.")
    kind = path.suffix.lstrip(".") if path else "xlsx"
    if kind not in ("xlsx", "csv"):
        raise click.UsageError("The file of a form ends in .xlsx or .csv.")
    if site and month:
        with session.client() as hub:
            content, name = hub.site_template(site, month, kind), f"{site}-{month}"
    else:
        with session.reader() as hub:
            version = dictionary or hub.dictionary()["version"]
            content, name = hub.template(version, kind), f"report-{version}"
    path = path or Path(f"{name}.{kind}")
    path.write_bytes(content)
    click.echo(f"{path}: fill in, then crosstally validate {path}")


@click.command()
@_all(FILE, as_json)
@click.option("--site", help="Judge it as this site's, with --month: by the hub, which knows the calendar.")
@click.option("--month", help="Such as 2026-05.")
@click.option(
    "--online", is_flag=True, help="Ask the hub, which also says what the public would see; it keeps nothing."
)
@pass_session
def validate(session: Session, file: Path, is_json: bool, site: str | None, month: str | None, online: bool) -> None:
    """Judge the report in FILE (.json, .csv, .xlsx, .xml) by the rules; nothing is stored.

    With the extra `validate` this happens on this machine and nothing is sent; without it, with --online, or with a
    site and month, the hub is asked, which needs no account. Ends with 1 where something must be corrected.
    """
    if (site is None) != (month is None):
        raise click.UsageError("Give both --site and --month, or neither.")
    kind, content = media_type_of(file), file.read_bytes()
    is_here = not (online or site or session.hub) and _can_judge()
    if is_here:
        found = _judged_here(content, kind, is_json)
    else:
        with session.reader() as hub:
            found = hub.validate(content, media_type=kind, site=site, month=month)
    _tell(found, is_json, "on this machine" if is_here else "by the hub")
    if any(finding.is_error for finding in found.findings):
        raise click.exceptions.Exit(REFUSED)


def _can_judge() -> bool:
    try:
        needed("crosstally.checking", extra="validate", purpose="Judging a report on this machine")
    except ExtraMissing:
        return False
    return True


def _judged_here(content: bytes, kind: str, is_json: bool) -> Validation:
    checking = needed("crosstally.checking", extra="validate", purpose="Judging a report on this machine")
    try:
        return Validation(checking.findings(content, kind))
    except checking.Refused as refused:
        errors: tuple[PointedError, ...] = refused.errors
        found = tuple(Finding("", "error", e.code, e.pointer, e.detail, e.place) for e in errors)
        return Validation(found or (Finding("", "error", "unreadable", "", refused.detail),))


def _tell(found: Validation, is_json: bool, by: str) -> None:
    if is_json:
        print_json({"findings": found.findings, "preview": found.preview, "no_preview": found.no_preview or None})
        return
    print_findings(found.findings)
    errors = sum(finding.is_error for finding in found.findings)
    click.echo(f"Judged {by}: {errors} errors, {len(found.findings) - errors} warnings.")
    hidden = sum(item["status"] == "suppressed" for item in found.preview)
    if found.preview:
        click.echo(f"Of its {len(found.preview)} counts the public would not see {hidden}; --json lists them.")
    elif found.no_preview:
        click.echo(found.no_preview)


@click.command()
@_all(FILE, SITE, MONTH, as_json)
@click.option("--revise", is_flag=True, help="Replace the revision that was sent or seen last (see status).")
@pass_session
def submit(session: Session, file: Path, site: str, month: str, is_json: bool, revise: bool) -> None:
    """Send the report in FILE (.json, .csv, .xlsx, .xml) for SITE and MONTH, such as 2026-05.

    The same content again changes nothing. Where there is another report already, see it with `crosstally status` and
    add --revise; if somebody changes it in between, nothing of theirs is overwritten.
    """
    receipt = send(session, file.read_bytes(), media_type_of(file), site, month, revise=revise)
    tell_receipt(receipt, is_json)


def send(session: Session, content: bytes, kind: str, site: str, month: str, *, revise: bool) -> Receipt:
    """Send a report and remember its revision; raises HubError."""
    etag = session.profile.seen(site, month) if revise else None
    if revise and etag is None:
        raise click.UsageError(
            f"No revision of {site} {month} was sent or seen from here: crosstally status {site} {month}"
        )
    with session.client() as hub:
        receipt = hub.submit(site, month, content, media_type=kind, if_match=etag)
    session.remember(site, month, receipt.etag)
    return receipt


def tell_receipt(receipt: Receipt, is_json: bool) -> None:
    """Print a receipt."""
    if is_json:
        print_json(receipt)
        return
    print_findings(receipt.findings)
    how = "stored" if receipt.is_new else "stands"
    click.echo(f"{receipt.site} {receipt.month}: revision {receipt.revision} {how}, {receipt.state}.")
    if receipt.findings:
        click.echo("A report is accepted when each warning is corrected or acknowledged in it.")


@click.command()
@click.argument("site", required=False)
@click.argument("month", required=False)
@as_json
@pass_session
def status(session: Session, site: str | None, month: str | None, is_json: bool) -> None:
    """Show where your reports stand, or the one of SITE and MONTH with its findings and review."""
    with session.client() as hub:
        if site is None or month is None:
            heads = [head for head in hub.reports() if site in (None, head.site)]
            return _tell_heads(heads, is_json)
        found = hub.report(site, month)
    session.remember(site, month, found.etag)
    _tell_report(found, is_json)


def _tell_heads(heads: list, is_json: bool) -> None:
    if is_json:
        print_json(heads)
    else:
        print_table(("site", "month", "state", "revision"), ((h.site, h.month, h.state, h.revision) for h in heads))


def _tell_report(found: StoredReport, is_json: bool) -> None:
    if is_json:
        click.echo(json.dumps({**vars(found), "findings": [vars(finding) for finding in found.findings]}, indent=2))
        return
    print_findings(found.findings)
    click.echo(f"{found.site} {found.month}: revision {found.revision}, {found.state}.")
    if found.review:
        reasons = ", ".join(found.review.get("reasons") or ())
        click.echo(f"Review: {found.review['decision']} {reasons}".rstrip())


@click.command()
@_all(SITE, MONTH)
@click.option("--accept", "decision", flag_value="accept", help="It goes into the next release.")
@click.option("--return", "decision", flag_value="return", help="It goes back, with reasons.")
@click.option("--reason", "reasons", multiple=True, help="A code of the dictionary's list return_reasons.")
@pass_session
def review(session: Session, site: str, month: str, decision: str | None, reasons: tuple[str, ...]) -> None:
    """Accept or return the report of SITE and MONTH as its steward: the revision that you saw last (see status)."""
    if decision is None:
        raise click.UsageError("Say --accept or --return.")
    with session.client() as hub:
        found = hub.report(site, month)
        if session.profile.seen(site, month) != found.etag:
            raise click.UsageError(f"You have not seen this revision yet: crosstally status {site} {month}")
        head = hub.review(site, month, found.revision, decision, reasons)
    click.echo(f"{head.site} {head.month}: revision {head.revision}, {head.state}.")
