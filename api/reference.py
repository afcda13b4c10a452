"""The dictionary: what anyone may know."""

from __future__ import annotations

from flask import Response, jsonify

from actions.read_directory import read_dictionary
from api.context import hub
from auth.guard import public
from domain.dictionary_content import dictionary_content
from openapi.blueprint import Blueprint
from schemas.answers import DictionarySchema

reference = Blueprint("reference", __name__, url_prefix="/v1", description="The dictionary.")


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
