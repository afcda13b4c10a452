"""People with an account: an administrator lists, invites, changes and disables them."""

from __future__ import annotations

from actions.people.change_person import change_person, disable_person, enable_person
from actions.people.invite_person import invite_person
from actions.people.manage import MANAGERS
from actions.people.read_people import list_people, read_person
from api.context import hub
from auth.guard import current_principal, secured
from domain.access import Role
from domain.person import PersonState
from domain.refusals import Conflict
from openapi.blueprint import Blueprint
from schemas.answers import page_of
from schemas.people import InvitationSchema, InvitedSchema, UserChangeSchema, UserQuerySchema, UserSchema

users = Blueprint("users", __name__, url_prefix="/v1", description="People with an account, and their roles.")

PLACE = "/users/<slug:user>"
PRIVATE = {"Cache-Control": "no-store"}


@users.route("/users")
@secured(*MANAGERS)
@users.arguments(UserQuerySchema, location="query")
@users.response(200, page_of(UserSchema))
def get_users(query: dict) -> tuple:
    """The people one manages

    For a hub admin, everybody; for an operator's admin, the people of that operator. Without what they sign in with.
    """
    state = PersonState(query["state"]) if "state" in query else None
    people = list_people(hub(), by=current_principal(), operator=query.get("operator"), state=state)
    return {"items": people, "next": None}, PRIVATE


@users.route(PLACE)
@secured(*MANAGERS)
@users.response(200, UserSchema)
def get_user(user: str) -> tuple:
    """One person

    For a hub admin and the person's operator's admin.
    """
    return read_person(hub(), by=current_principal(), user=user), PRIVATE


@users.route("/users", methods=["POST"])
@secured(*MANAGERS)
@users.arguments(InvitationSchema)
@users.response(201, InvitedSchema)
@users.refuses(Conflict)
def post_user(invitation: dict) -> tuple:
    """Invite somebody

    For a hub admin and an operator's admin: makes an account and answers the link with which its owner chooses a
    password. The link works once, for a week, and is shown only here. Nobody gives a role that may do more than they
    may themselves; who sends reports belongs to an operator.
    """
    roles = [Role(role) for role in invitation.pop("roles")]
    person, link = invite_person(hub(), by=current_principal(), roles=roles, **invitation)
    return {"user": person, "link": link.url, "expires_at": link.expires_at}, PRIVATE


@users.route(PLACE, methods=["PATCH"])
@secured(*MANAGERS)
@users.arguments(UserChangeSchema)
@users.response(200, UserSchema)
def patch_user(change: dict, user: str) -> tuple:
    """Change a person's name or roles

    For a hub admin and an operator's admin. Other roles sign the person out everywhere; what they may do changes at
    once. Nobody decides about somebody who may do more than they may themselves.
    """
    roles = [Role(role) for role in change["roles"]] if "roles" in change else None
    return change_person(hub(), by=current_principal(), user=user, name=change.get("name"), roles=roles), PRIVATE


@users.route(PLACE + "/disable", methods=["POST"])
@secured(*MANAGERS)
@users.response(200, UserSchema)
@users.refuses(Conflict)
def post_disable_user(user: str) -> tuple:
    """Let somebody in no longer

    For a hub admin and an operator's admin: ends the person's sessions and links at once. What they did stays.
    """
    return disable_person(hub(), by=current_principal(), user=user), PRIVATE


@users.route(PLACE + "/enable", methods=["POST"])
@secured(*MANAGERS)
@users.response(200, UserSchema)
@users.refuses(Conflict)
def post_enable_user(user: str) -> tuple:
    """Let a disabled person in again

    For a hub admin and an operator's admin: with the roles, password and second factors the person had.
    """
    return enable_person(hub(), by=current_principal(), user=user), PRIVATE
