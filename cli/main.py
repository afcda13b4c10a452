"""crosstally-hub: run and administer the hub."""

from __future__ import annotations

import os
import sys

import click

from cli.audit import audit
from cli.clients import clients
from cli.completeness import completeness
from cli.database import database
from cli.demo import demo
from cli.directory import operators, sites
from cli.generate import generate
from cli.keys import keys
from cli.releases import releases
from cli.reminders import reminders
from cli.serve import serve
from cli.templates import templates
from cli.users import providers, users
from cli.webhooks import webhooks
from domain.refusals import Refusal
from domain.settings import Settings, settings_table


class RefusalsAsErrors(click.Group):
    """A group whose refusals are printed as errors, with exit code 1, instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            for item in refusal.items:
                click.echo(f"  {item.pointer}: {item.detail}", err=True)
            raise click.ClickException(refusal.detail) from None


@click.group(cls=RefusalsAsErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """Run and administer a Crosstally hub. Settings are environment variables: `crosstally-hub settings`."""
    if ctx.obj is None:
        try:
            ctx.obj = Settings.from_environ(os.environ)
        except ValueError as wrong:
            raise click.ClickException(str(wrong)) from None


@main.command()
def settings() -> None:
    """List the settings, their defaults and what they mean."""
    for name, default, text in settings_table():
        click.echo(f"{name}\n    {text}\n    default: {default}")


for command in (
    *(serve, demo, database, releases, operators, sites, completeness, reminders, templates),
    *(clients, users, providers, webhooks, keys, audit, generate),
):
    main.add_command(command)


if __name__ == "__main__":
    sys.exit(main())
