"""Operators and sites: what anyone may know, and what the hub's administrator registers and changes."""

from __future__ import annotations

from typing import Any

from flask import url_for

from actions.change_operator import change_operator
from actions.change_site import change_site
from actions.read_directory import list_operators, list_sites, read_operator, read_site
from actions.register_operator import register_operator, register_site
from api.context import IF_MATCH, hub, preconditions, tagged
from auth.guard import current_principal, public, secured
from domain.access import Scope
from domain.directory_content import operator_etag, site_etag
from domain.refusals import Conflict, PreconditionFailed, PreconditionMissing
from domain.report import Operator, Site
from openapi.blueprint import Blueprint
from schemas.administration import NewOperatorSchema, NewSiteSchema, OperatorChangeSchema, SiteChangeSchema
from schemas.answers import ETAG, LOCATION, OperatorSchema, SiteSchema, page_of

directory = Blueprint("directory", __name__, url_prefix="/v1", description="Operators and sites.")


@directory.route("/operators")
@public
@directory.response(200, page_of(OperatorSchema))
def get_operators() -> dict:
    """The operators

    For readers who want to know who reports: the tenants of this hub.
    """
    return {"items": list_operators(hub()), "next": None}


@directory.route("/operators", methods=["POST"])
@secured(Scope.OPERATORS_ADMIN)
@directory.arguments(NewOperatorSchema)
@directory.response(201, OperatorSchema, headers={**ETAG, **LOCATION})
@directory.refuses(Conflict)
def post_operator(facts: dict[str, Any]) -> tuple:
    """Register an operator

    For the hub's administrator: a new tenant, with what it agreed to about disclosure. Its sites and its first admin
    follow.
    """
    made = register_operator(hub(), by=current_principal(), operator=Operator(**facts))
    location = url_for("directory.get_operator", operator=made.id)
    return tagged(made, operator_etag(made), status=201, location=location)


@directory.route("/operators/<slug:operator>")
@public
@directory.response(200, OperatorSchema, headers=ETAG)
def get_operator(operator: str) -> tuple:
    """One operator

    For readers, and for the hub's administrator, who needs the ETag to change it.
    """
    found = read_operator(hub(), operator)
    return tagged(found, operator_etag(found))


@directory.route("/operators/<slug:operator>", methods=["PATCH"])
@secured(Scope.OPERATORS_ADMIN)
@directory.doc(parameters=[IF_MATCH])
@directory.arguments(OperatorChangeSchema)
@directory.response(200, OperatorSchema, headers=ETAG)
@directory.refuses(Conflict, PreconditionMissing, PreconditionFailed)
def patch_operator(changes: dict[str, Any], operator: str) -> tuple:
    """Change an operator, or disable it

    For the hub's administrator. The sentinel level is agreed before anything is counted: with reports there it can't
    be changed. For a disabled operator nobody acts, from the next request on; what it reported stays.
    """
    changed = change_operator(
        hub(), by=current_principal(), operator=operator, changes=changes, preconditions=preconditions()
    )
    return tagged(changed, operator_etag(changed))


@directory.route("/sites")
@public
@directory.response(200, page_of(SiteSchema))
def get_sites() -> dict:
    """The sites

    For readers and reporters: where the sites are, whose they are, when they opened, where their series break, and
    whether their numbers are synthetic.
    """
    return {"items": list_sites(hub()), "next": None}


@directory.route("/sites", methods=["POST"])
@secured(Scope.OPERATORS_ADMIN)
@directory.arguments(NewSiteSchema)
@directory.response(201, SiteSchema, headers={**ETAG, **LOCATION})
@directory.refuses(Conflict)
def post_site(facts: dict[str, Any]) -> tuple:
    """Register a site

    For the hub's administrator: a place of an operator that is there.
    """
    made = register_site(hub(), by=current_principal(), site=Site(**facts))
    return tagged(made, site_etag(made), status=201, location=url_for("directory.get_site", site=made.id))


@directory.route("/sites/<slug:site>")
@public
@directory.response(200, SiteSchema, headers=ETAG)
def get_site(site: str) -> tuple:
    """One site

    The same facts about one site.
    """
    found = read_site(hub(), site)
    return tagged(found, site_etag(found))


@directory.route("/sites/<slug:site>", methods=["PATCH"])
@secured(Scope.OPERATORS_ADMIN)
@directory.doc(parameters=[IF_MATCH])
@directory.arguments(SiteChangeSchema)
@directory.response(200, SiteSchema, headers=ETAG)
@directory.refuses(PreconditionMissing, PreconditionFailed)
def patch_site(changes: dict[str, Any], site: str) -> tuple:
    """Change a site, or disable it

    For the hub's administrator. Releases keep the facts of their day. Nobody reports for a disabled site; a site that
    closed for good has `closed` instead, and its months up to then can still be reported.
    """
    changed = change_site(hub(), by=current_principal(), site=site, changes=changes, preconditions=preconditions())
    return tagged(changed, site_etag(changed))
