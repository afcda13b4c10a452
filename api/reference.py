"""The dictionary, the operators and the sites: what anyone may know."""

from __future__ import annotations

from flask import Response, jsonify

from actions.read_directory import list_operators, list_sites, read_dictionary, read_site
from api.context import hub
from auth.guard import public
from domain.dictionary_content import dictionary_content
from openapi.blueprint import Blueprint
from schemas.answers import DictionarySchema, OperatorSchema, SiteSchema, page_of

reference = Blueprint("reference", __name__, url_prefix="/v1", description="Dictionary, operators and sites.")


@reference.route("/dictionary")
@public
@reference.response(200, DictionarySchema)
def get_dictionary() -> Response:
    """The newest dictionary

    For anyone who reports, reads or compares: every indicator with its definition, every breakdown with its codes,
    the rules a report is judged by, the measures, and what is published. Forms and clients are built from it.
    """
    return jsonify(dictionary_content(read_dictionary(hub())))


@reference.route("/dictionary/<name:version>")
@public
@reference.response(200, DictionarySchema)
def get_dictionary_version(version: str) -> Response:
    """One version of the dictionary

    For readers of older reports and releases, which name the version they were made under. A version never changes.
    """
    return jsonify(dictionary_content(read_dictionary(hub(), version)))


@reference.route("/operators")
@public
@reference.response(200, page_of(OperatorSchema))
def get_operators() -> dict:
    """The operators

    For readers who want to know who reports: the tenants of this hub.
    """
    return {"items": list_operators(hub()), "next": None}


@reference.route("/sites")
@public
@reference.response(200, page_of(SiteSchema))
def get_sites() -> dict:
    """The sites

    For readers and reporters: where the sites are, whose they are, when they opened, where their series break, and
    whether their numbers are synthetic.
    """
    return {"items": list_sites(hub()), "next": None}


@reference.route("/sites/<slug:site>")
@public
@reference.response(200, SiteSchema)
def get_site(site: str) -> object:
    """One site

    The same facts about one site.
    """
    return read_site(hub(), site)
