"""crosstally compare: rates, ratios and the other comparisons, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from crosstally.commands.screen import as_json, print_json, print_table
from crosstally.commands.session import Session, pass_session

_LEFT_OUT = ("points", "bounds", "warnings", "label")


class Setting(click.ParamType):
    """A parameter of a comparison, NAME=VALUE."""

    name = "NAME=VALUE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The name and the value; fails with what was expected."""
        name, found, text = str(value).partition("=")
        if not found or not name:
            self.fail(f"{value!r} is not NAME=VALUE, such as measure=naloxone_share", param, ctx)
        return name, text


@click.command()
@click.argument("kind", default="rates")
@click.argument("settings", type=Setting(), nargs=-1)
@as_json
@pass_session
def compare(session: Session, kind: str, settings: Sequence[tuple[str, str]], is_json: bool) -> None:
    """Compare sites: KIND (rates, ratios, funnel, trends, zero-events, standardized, ...) and its parameters.

    crosstally compare rates measure=od_per_1000_visits period=2026-01..2026-06 by=site
    """
    with session.reader() as hub:
        answer = hub.compare(kind, **dict(settings))
    if is_json:
        print_json(answer)
        return
    rows = answer.get("rows") or []
    title = " ".join(filter(None, (kind, (answer.get("measure") or {}).get("id"), answer.get("period"))))
    columns = [name for name in (rows[0] if rows else {}) if name not in _LEFT_OUT]
    print_table(columns, ([_told(row, name) for name in columns] for row in rows), title)
    _tell_comparability(answer)
    click.echo(f"From published cells of release {answer['release']['id']} alone.")


def _tell_comparability(answer: Mapping[str, Any]) -> None:
    judged = answer.get("comparability")
    if judged:
        click.echo(f"Comparability: {judged['status']}")
        for reason in judged["reasons"]:
            click.echo(f"  {reason['code']}: {', '.join(reason['units'])} {reason['detail']}".rstrip())


def _told(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if name == "interval" and value is None and row.get("bounds") is not None:
        return f"within {_plain(row['bounds'])}"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return " to ".join(_plain(item) for item in value)
    return "" if value is None else str(value)
