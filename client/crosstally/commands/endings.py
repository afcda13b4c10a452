"""How a command ends: the exit codes, and every exception that becomes one.

0  done
1  refused: the report or the question is wrong, or there is no such thing
2  the command line cannot be read, or a file is not there
3  not now: the hub does not answer, or asks to wait
4  not allowed: the credentials are wrong, or do not cover this
5  something else stands there: a report exists already, or somebody changed it
6  not genuine: a release does not verify, or gives away what it should hide
7  an extra of this package is needed
"""

from __future__ import annotations

import click

from crosstally.extras import ExtraMissing
from crosstally.problems import (
    Conflict,
    Forbidden,
    HubError,
    PreconditionMissing,
    Problem,
    Stale,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unreachable,
)
from crosstally.profiles import NoProfile

DONE, REFUSED, USAGE, NOT_NOW, NOT_ALLOWED, OTHER_STATE, NOT_GENUINE, EXTRA = range(8)

_CODES: tuple[tuple[tuple[type[Exception], ...], int], ...] = (
    ((Unreachable, Unavailable, TooManyRequests), NOT_NOW),
    ((Unauthorized, Forbidden, NoProfile), NOT_ALLOWED),
    ((Conflict, Stale, PreconditionMissing), OTHER_STATE),
    ((ExtraMissing,), EXTRA),
    ((HubError, ValueError), REFUSED),
    ((OSError,), USAGE),
)


def code_of(error: Exception) -> int:
    """The exit code that an exception ends a command with; raises it where it is a mistake of ours."""
    for kinds, code in _CODES:
        if isinstance(error, kinds):
            return code
    raise error


class Commands(click.Group):
    """A group whose refusals are printed, with their exit code, instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            code = code_of(error)
            click.echo(f"Error: {_words(error)}", err=True)
            raise click.exceptions.Exit(code) from None


def _words(error: Exception) -> str:
    if isinstance(error, (TooManyRequests, Unavailable)) and error.retry_after is not None:
        return f"{error} Try again in {error.retry_after:.0f} seconds."
    return str(error)


def told(problem: Problem) -> dict[str, object]:
    """A problem as JSON values, for `--json`."""
    errors = [vars(error) for error in problem.errors]
    return {"status": problem.status, "title": problem.title, "detail": problem.detail, "errors": errors}
