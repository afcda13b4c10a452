"""The pages of people: sign in, choose a password, look after one's account. They work without JavaScript.

Every view says who may see it, with a word of `auth/pages/frame.py`; every POST is proved to come from a form of ours.
"""

from __future__ import annotations

from flask import Blueprint, Flask

from actions.hub import Hub
from actions.people.read_people import principal_of
from auth.pages import account, elsewhere, factors, links, passkeys, signing_in
from auth.pages.frame import install_frame
from auth.people import People, SignedIn
from auth.providers import install_providers
from auth.sessions import install_sessions, signed_in
from domain.access import PERSON


def install_people(app: Flask, hub: Hub) -> None:
    """Give the application its pages for people."""
    install_sessions(app)
    install_providers(app, hub)
    app.register_blueprint(people_blueprint())


def people_of(hub: Hub) -> People:
    """What the OAuth server asks about people, answered from the sessions and the accounts of this hub."""

    def here() -> SignedIn | None:
        person = signed_in()
        principal = principal_of(hub, person.id) if person else None
        return SignedIn(principal, person.name) if person and principal else None

    return People(signed_in=here, find=lambda principal: principal_of(hub, principal.removeprefix(PERSON)))


def people_blueprint() -> Blueprint:
    """The pages, their style and their one script; they need the hub in the extensions of the application."""
    blueprint = Blueprint(
        "people", "auth", template_folder="templates", static_folder="static", static_url_path="/auth/static"
    )
    install_frame(blueprint)
    for module in (signing_in, elsewhere, links, account, factors, passkeys):
        for method, path, view in module.VIEWS:
            blueprint.add_url_rule(path, view_func=view, methods=[method])
    return blueprint
