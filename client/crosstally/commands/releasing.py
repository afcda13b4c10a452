"""crosstally release: fetch releases, check that they are genuine, and attack them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crosstally.calls import LATEST
from crosstally.commands.endings import NOT_GENUINE
from crosstally.commands.screen import as_json, print_json, print_table, progress
from crosstally.commands.session import Session, pass_session
from crosstally.extras import needed
from crosstally.releases.copies import Copy, Folder, Online, fetch

FOLDER = click.argument("folder", type=click.Path(file_okay=False, path_type=Path, exists=True))
KEYS = click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public keys that reached you another way than the releases; without it those fetched with them.",
)


@click.group()
def release() -> None:
    """Fetch releases, check that they are genuine, and attack what they hide."""


@release.command()
@click.argument("id", default=LATEST)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("releases"))
@pass_session
def get(session: Session, id: str, folder: Path) -> None:
    """Fetch the release ID (default: the newest) into a folder, with the manifests of all before it and the keys.

    Each file is compared with its hash in the manifest. What is there already is not fetched again.
    """
    with session.reader() as hub, progress("Fetching") as told:
        found, fetched = fetch(hub, id, folder, told=told)
    click.echo(f"{found}: {fetched} files fetched into {folder / found}; crosstally release verify {folder}")


@release.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path, exists=True), required=False)
@KEYS
@as_json
@pass_session
def verify(session: Session, folder: Path | None, keys: Path | None, is_json: bool) -> None:
    """Check releases in FOLDER, offline, or without one those that the hub serves.

    Checked are every signature, the chain (each release names the one before it and its hash), every byte of the files,
    and retractions. All that is wrong is told, each with its release and part; then this ends with 6.

    A folder cannot tell whether newer releases were left out of it. Keys that were fetched with the releases prove that
    they belong together, not whose they are: compare the key's id that is printed with one you trust, or use --keys.
    """
    verifying = needed("crosstally.releases.verify", extra="keys", purpose="Checking signatures")
    if folder is None:
        with session.reader() as hub:
            verdict = _verified(verifying, Online(hub, keys))
    else:
        verdict = _verified(verifying, Folder(folder, keys))
    if is_json:
        print_json(verdict)
    releases = _counted(verdict.manifests, "release")
    for fault in () if is_json else verdict.faults:
        click.echo(f"{fault.release}  {fault.part}: {fault.words}", err=True)
    if verdict.faults:
        click.echo(f"Not genuine: {_counted(len(verdict.faults), 'fault')} in {releases}.", err=True)
        raise click.exceptions.Exit(NOT_GENUINE)
    if not is_json:
        click.echo(f"{releases} verified, {verdict.files} files, signed by {_list(verdict.signed_by)}")


def _verified(verifying: Any, copy: Copy) -> Any:
    with progress("Verifying") as told:
        return verifying.verify(copy, told=lambda done, of: told("", done, of))


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(words)


@release.command()
@FOLDER
@as_json
@click.option("--all", "shows_all", is_flag=True, help="Print every hidden cell with its bounds, not only narrow ones.")
def attack(folder: Path, is_json: bool, shows_all: bool) -> None:
    """Work out what the releases in FOLDER give away of what they hide. Offline; verify them first.

    What an outsider can do: the rows of the releases in the folder are put together by the sums, breakdowns and rules
    that everybody knows, and the least and the most that each hidden count can be is worked out by linear programs.
    Told are:

    \b
    breach   the count is surely between 1 and k-1 and known within less than k: the policy is broken (ends with 6)
    narrow   known within less than k, but it may also be 0, or k and more, which the policy does not protect
    sharper  the bounds found here are closer than those that the release tells of the cell

    The policy protects counts from 1 to k-1. Only who has the true counts can say of a narrow cell whether it is one of
    these, which is why the hub attacks with them before it publishes. That nothing is found here does not prove that
    somebody who knows more than the files, an operator for instance, finds nothing.
    """
    attacking = needed("crosstally.releases.attack", extra="attack", purpose="The attack")
    with progress("Attacking") as told:
        found = attacking.attack(folder, told=told)
    if is_json:
        print_json(found)
    else:
        _tell_attack(found, shows_all)
    if found.breaches:
        raise click.exceptions.Exit(NOT_GENUINE)


def _tell_attack(found: Any, shows_all: bool) -> None:
    rows = [cell for cell in found.cells if shows_all or cell.verdict]
    if rows:
        columns = ("release", "cell", "found", "told", "verdict")
        print_table(columns, ((c.release, c.cell, c.words, c.told, ", ".join(c.verdict)) for c in rows))
    click.echo(
        f"{len(found.cells)} hidden cells, {_counted(found.releases, 'release')}: {found.breaches} breaches, "
        f"{found.narrow} narrow, {found.sharper} sharper than told; "
        f"{found.relations} relations of {found.unknowns} counts."
    )


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
