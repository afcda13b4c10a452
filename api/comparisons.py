"""Comparisons between sites, from published cells alone."""

from __future__ import annotations

from flask import Response, jsonify, url_for

from actions.compare_rates import compare_rates
from api.context import hub
from api.sealing import seal
from auth.guard import public
from domain.dictionary import Level
from domain.refusals import Retracted
from openapi.blueprint import Blueprint
from schemas.answers import RatesSchema
from schemas.requests import RatesQuerySchema

comparisons = Blueprint("comparisons", __name__, url_prefix="/v1/comparisons", description="Comparisons.")
comparisons.after_request(seal)


@comparisons.route("/rates")
@public
@comparisons.arguments(RatesQuerySchema, location="query")
@comparisons.response(200, RatesSchema)
@comparisons.refuses(Retracted)
def get_rates(query: dict) -> Response:
    """Rates and shares

    For policymakers and researchers: a measure of the dictionary for every site, city, or all together, each with its
    exact interval and the months behind it. Where a count is hidden the value is withheld and `bounds` says what the
    published figures allow. `comparability` says first whether these numbers are values of one rate at all. Months are
    counted as site-months.
    """
    release, answer = compare_rates(hub(), **{**query, "by": Level(query["by"])})
    url = hub().settings.issuer + url_for("releases.get_manifest", release=release)
    return jsonify({"release": {"id": release, "url": url}, **answer.content})
