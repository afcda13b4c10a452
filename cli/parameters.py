"""What several commands ask for in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from domain.periods import Month, MonthRange
from domain.preconditions import ANY, Preconditions

ANY_STATE = Preconditions(if_match=frozenset({ANY}))
"""A change whatever the state: at the command line nobody read an older one before."""


class MonthParameter(click.ParamType):
    """A month on the command line, written 2026-05."""

    name = "month"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        """Read the text, or fail with what a month looks like."""
        try:
            return value if isinstance(value, Month) else Month.parse(str(value))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


class MonthRangeParameter(click.ParamType):
    """Months on the command line, written 2026-01..2026-06, or as one month, quarter or year."""

    name = "months"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> MonthRange:
        """Read the text, or fail with what months look like."""
        try:
            return value if isinstance(value, MonthRange) else MonthRange.parse(str(value))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


MONTH = MonthParameter()
MONTH_RANGE = MonthRangeParameter()
DAY = click.DateTime(["%Y-%m-%d"])


def given(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    found = {name: value for name, value in facts.items() if value not in (None, ())}
    if not found:
        raise click.UsageError("Say what to change.")
    return found


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment told without a time zone."""
    return moment and moment.replace(tzinfo=UTC)


def print_facts(facts: Mapping[str, object]) -> None:
    """One fact on a line."""
    for name, value in facts.items():
        told = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
        click.echo(f"{name}: {'' if told is None else told}")
