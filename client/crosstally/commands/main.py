"""crosstally: report monthly counts, read and check releases."""

from __future__ import annotations

import click

from crosstally.commands.aggregating import aggregate
from crosstally.commands.comparing import compare
from crosstally.commands.endings import Commands
from crosstally.commands.login import login
from crosstally.commands.releasing import release
from crosstally.commands.reporting import review, status, submit, template, validate
from crosstally.commands.session import Session
from crosstally.profiles import DEFAULT
from crosstally.version import own_version

EPILOG = (
    "Exit codes: 0 done; 1 refused; 2 wrong command line; 3 the hub does not answer now; 4 not allowed; "
    "5 another revision stands there; 6 a release is not genuine; 7 an extra is needed."
)


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--profile", default=DEFAULT, envvar="CROSSTALLY_PROFILE", show_default=True, help="As whom: see login.")
@click.option("--hub", envvar="CROSSTALLY_HUB", help="The hub's address; without it that of the profile.")
@click.version_option(own_version(), prog_name="crosstally")
@click.pass_context
def main(ctx: click.Context, profile: str, hub: str | None) -> None:
    """Report monthly counts to a Crosstally hub, and read and check what it publishes."""
    ctx.obj = Session(profile, hub)


for command in (login, template, aggregate, validate, submit, status, review, release, compare):
    main.add_command(command)
