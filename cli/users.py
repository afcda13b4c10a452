"""crosstally-hub users, providers: people with an account, and where else they sign in."""

from __future__ import annotations

from collections.abc import Iterable

import click

from actions.hub import Hub
from actions.people.change_person import change_person, disable_person, enable_person
from actions.people.invite_person import invite_person
from actions.people.issue_link import Link, issue_link
from actions.people.providers import configure_provider, forget_provider, list_providers
from actions.people.read_people import find_person, list_people
from domain.access import SYSTEM, Role
from domain.person import Person, PersonState
from domain.settings import Settings
from wsgi import build_hub

ROLE = click.Choice([str(role) for role in Role])
NEVER = "never"


@click.group()
def users() -> None:
    """The people who sign in. WHO is an e-mail address or an id."""


@users.command("invite")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", "roles", multiple=True, required=True, type=ROLE, help="A role; give the option once for each.")
@click.option("--operator", help="The operator the person works for; none for the hub's own people.")
@click.pass_obj
def invite(settings: Settings, email: str, name: str, roles: tuple[str, ...], operator: str | None) -> None:
    """Make an account for EMAIL and print the link to hand to its owner, once."""
    person, link = invite_person(
        build_hub(settings), by=SYSTEM, name=name, email=email, roles=_roles(roles), operator=operator
    )
    _print_link(person, link)


@users.command("list")
@click.option("--operator", help="Only the people of this operator.")
@click.option("--state", type=click.Choice([str(state) for state in PersonState]), help="Only people in this state.")
@click.pass_obj
def users_list(settings: Settings, operator: str | None, state: str | None) -> None:
    """List the people; who asked for a new password is marked."""
    wanted = PersonState(state) if state else None
    for person in list_people(build_hub(settings), by=SYSTEM, operator=operator, state=wanted):
        asks = "  asks for a new password" if person.reset_requested_at else ""
        click.echo(
            f"{person.id}  {person.email}  {person.operator or '-'}  {','.join(sorted(person.roles))}  "
            f"{person.state}{asks}"
        )


@users.command("show")
@click.argument("who")
@click.pass_obj
def show(settings: Settings, who: str) -> None:
    """Show all that is known of WHO, which is no secret."""
    _print_person(find_person(build_hub(settings), by=SYSTEM, user_or_email=who))


@users.command("change")
@click.argument("who")
@click.option("--name", help="Another name.")
@click.option("--role", "roles", multiple=True, type=ROLE, help="Instead of the roles there are; once for each.")
@click.pass_obj
def change(settings: Settings, who: str, name: str | None, roles: tuple[str, ...]) -> None:
    """Change the name or the roles of WHO; other roles sign them out."""
    if name is None and not roles:
        raise click.UsageError("Say what to change: --name or --role.")
    hub = build_hub(settings)
    _print_person(change_person(hub, by=SYSTEM, user=_id(hub, who), name=name, roles=_roles(roles) or None))


@users.command("disable")
@click.argument("who")
@click.pass_obj
def disable(settings: Settings, who: str) -> None:
    """Let WHO in no longer, at once."""
    hub = build_hub(settings)
    _print_person(disable_person(hub, by=SYSTEM, user=_id(hub, who)))


@users.command("enable")
@click.argument("who")
@click.pass_obj
def enable(settings: Settings, who: str) -> None:
    """Let WHO in again."""
    hub = build_hub(settings)
    _print_person(enable_person(hub, by=SYSTEM, user=_id(hub, who)))


@users.command("reset")
@click.argument("who")
@click.option("--second-factors", is_flag=True, help="Forget the second factors too: they are lost.")
@click.pass_obj
def reset(settings: Settings, who: str, second_factors: bool) -> None:
    """Print a link with which WHO chooses a new password, once. Be sure who asks."""
    hub = build_hub(settings)
    person = find_person(hub, by=SYSTEM, user_or_email=who)
    _print_link(person, issue_link(hub, by=SYSTEM, user=person.id, forget_factors=second_factors))


@click.group()
def providers() -> None:
    """The OpenID Connect providers at which operators' people sign in."""


@providers.command("set")
@click.argument("operator")
@click.option("--issuer", required=True, help="The provider's issuer, as its metadata writes it.")
@click.option("--client-id", required=True, help="What the hub is called there.")
@click.option("--secret-from", help="Where the hub's secret is: env:NAME or file:PATH. None for PKCE alone.")
@click.option("--email-domain", required=True, help="The domain of the addresses it may speak for: example.org.")
@click.option("--role", "roles", multiple=True, required=True, type=ROLE, help="A role that may come this way.")
@click.option("--disabled", is_flag=True, help="Keep it, and let nobody in through it.")
@click.pass_obj
def set_provider(
    settings: Settings,
    operator: str,
    issuer: str,
    client_id: str,
    secret_from: str | None,
    email_domain: str,
    roles: tuple[str, ...],
    disabled: bool,
) -> None:
    """Let the people of OPERATOR sign in there, in place of the provider it had. They are invited first."""
    configure_provider(
        build_hub(settings),
        by=SYSTEM,
        operator=operator,
        issuer=issuer,
        client_id=client_id,
        secret_from=secret_from,
        email_domain=email_domain,
        roles=_roles(roles),
        disabled=disabled,
    )
    click.echo(f"return address to register there: {settings.issuer}/signin/elsewhere/{operator}/back")


@providers.command("list")
@click.pass_obj
def providers_list(settings: Settings) -> None:
    """List the providers in use."""
    for one in list_providers(build_hub(settings)):
        click.echo(f"{one.operator}  {one.issuer}  {one.client_id}  {one.email_domain}  {','.join(sorted(one.roles))}")


@providers.command("remove")
@click.argument("operator")
@click.pass_obj
def remove_provider(settings: Settings, operator: str) -> None:
    """Let the people of OPERATOR sign in here alone."""
    forget_provider(build_hub(settings), by=SYSTEM, operator=operator)


def _roles(names: Iterable[str]) -> list[Role]:
    return [Role(name) for name in names]


def _id(hub: Hub, who: str) -> str:
    return find_person(hub, by=SYSTEM, user_or_email=who).id


def _print_link(person: Person, link: Link) -> None:
    click.echo(f"{person.name} <{person.email}>, {person.id}: good once, until {link.expires_at:%Y-%m-%d %H:%M} UTC")
    click.echo(link.url)


def _print_person(person: Person) -> None:
    facts = {
        "id": person.id,
        "name": person.name,
        "e-mail": person.email,
        "operator": person.operator or "-",
        "roles": ", ".join(sorted(person.roles)),
        "state": person.state,
        "invited by": f"{person.created_by}, {person.created_at:%Y-%m-%d}",
        "last sign-in": f"{person.last_sign_in_at:%Y-%m-%d %H:%M} UTC" if person.last_sign_in_at else NEVER,
        "asked for a new password": f"{person.reset_requested_at:%Y-%m-%d %H:%M} UTC"
        if person.reset_requested_at
        else NEVER,
    }
    for name, fact in facts.items():
        click.echo(f"{name}: {fact}")
