"""Comparisons between sites, from published cells alone."""

from __future__ import annotations

from typing import Any, Protocol

import orjson
from flask import Response, url_for

from actions.bound_persons import bound_persons
from actions.compare_over_time import compare_over_time
from actions.compare_rates import compare_rates
from actions.compare_ratios import compare_ratios
from actions.compare_standardized import compare_standardized
from actions.compare_with_target import compare_with_target
from actions.judge_comparability import judge_comparability
from actions.limit_zero_events import limit_zero_events
from actions.measure_heterogeneity import measure_heterogeneity
from api.context import hub
from api.sealing import seal
from auth.guard import public
from domain.dictionary import Level
from domain.refusals import Retracted
from openapi.blueprint import Blueprint
from schemas import comparisons as shapes

comparisons = Blueprint("comparisons", __name__, url_prefix="/v1/comparisons", description="Comparisons.")
comparisons.after_request(seal)


class Told(Protocol):
    """An answer of `comparison/`."""

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values."""


def _tell(release: str, answer: Told) -> Response:
    url = hub().settings.issuer + url_for("releases.get_manifest", release=release)
    told = {"release": {"id": release, "url": url}, **answer.content}
    return Response(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE), content_type="application/json")


def _asked(query: dict[str, Any]) -> dict[str, Any]:
    return {**query, "by": Level(query["by"])}


@comparisons.route("/rates")
@public
@comparisons.arguments(shapes.RatesQuerySchema, location="query")
@comparisons.response(200, shapes.RatesSchema)
@comparisons.refuses(Retracted)
def get_rates(query: dict) -> Response:
    """Rates and shares

    For policymakers and researchers: a measure of the dictionary for every site, city, or all together, each with
    its exact interval and the months behind it. Where a count is hidden the value is withheld and `bounds` says
    what the published figures allow. `comparability` says first whether these numbers are values of one rate at
    all. Months are counted as site-months.
    """
    return _tell(*compare_rates(hub(), **_asked(query)))


@comparisons.route("/ratios")
@public
@comparisons.arguments(shapes.RatiosQuerySchema, location="query")
@comparisons.response(200, shapes.RatiosSchema)
@comparisons.refuses(Retracted)
def get_ratios(query: dict) -> Response:
    """Ratios of units

    For researchers: every pair of units, or each unit beside all others together: the ratio of their rates (for a
    share, of their odds), its exact conditional interval and p-value, and the p-value adjusted for the number of
    comparisons (Holm). A pair that was not counted the same way gets no ratio and the reasons why. Where a count is
    hidden the ratio is withheld, and lies between the `bounds`.
    """
    return _tell(*compare_ratios(hub(), **_asked(query)))


@comparisons.route("/funnel")
@public
@comparisons.arguments(shapes.FunnelQuerySchema, location="query")
@comparisons.response(200, shapes.FunnelSchema)
@comparisons.refuses(Retracted)
def get_funnel(query: dict) -> Response:
    """Funnel

    For stewards and policymakers: which units lie further from the rate of all together than chance takes them:
    exact limits at 95 % and 99.8 % for the exposure of each. Whether units vary by more than chance is tested;
    where they do, the limits are moved away by Spiegelhalter's winsorized factor, or by the variance between units.
    A place outside is a reason to look, not a verdict.
    """
    return _tell(*compare_with_target(hub(), **_asked(query)))


@comparisons.route("/trends")
@public
@comparisons.arguments(shapes.TrendsQuerySchema, location="query")
@comparisons.response(200, shapes.TrendsSchema)
@comparisons.refuses(Retracted)
def get_trends(query: dict) -> Response:
    """Trends

    For operators and policymakers: a control chart of every unit by month, quarter or year, its phases cut at the
    breaks of the series, with limits and the run rules that hold; and the trend of the last phase as the factor by
    which the rate is multiplied in a year, with its interval. The plain word (rising, falling, no clear change) is
    withheld where counts are hidden, where there are fewer than 8 points, 12 months or 20 events, and where it was
    not counted the same way throughout.
    """
    return _tell(*compare_over_time(hub(), **_asked(query)))


@comparisons.route("/standardized")
@public
@comparisons.arguments(shapes.StandardizedQuerySchema, location="query")
@comparisons.response(200, shapes.StandardizedSchema)
@comparisons.refuses(Retracted)
def get_standardized(query: dict) -> Response:
    """Standardized rates

    For researchers: units as they would compare with the same mix of a breakdown, such as the route of use. The
    standard are all units of the answer together. A unit with a hidden stratum gets no standardized rate, and says
    so.
    """
    return _tell(*compare_standardized(hub(), **_asked(query)))


@comparisons.route("/heterogeneity")
@public
@comparisons.arguments(shapes.RatesQuerySchema, location="query")
@comparisons.response(200, shapes.HeterogeneitySchema)
@comparisons.refuses(Retracted)
def get_heterogeneity(query: dict) -> Response:
    """Heterogeneity

    For researchers: how much units differ, by a random-effects rate with its interval, tau², I², Cochran's Q, and
    the interval in which the rate of a further unit is to be expected. Units with hidden counts are left out, and
    named; their rows carry bounds.
    """
    return _tell(*measure_heterogeneity(hub(), **_asked(query)))


@comparisons.route("/zero-events")
@public
@comparisons.arguments(shapes.RatesQuerySchema, location="query")
@comparisons.response(200, shapes.ZeroEventsSchema)
@comparisons.refuses(Retracted)
def get_zero_events(query: dict) -> Response:
    """Zero events

    For policymakers: what "none in so many" says: the greatest rate that so few events can't rule out (exact,
    one-sided 95 %), as a number and as a sentence. Never "no risk". Where the events are hidden it is the limit for
    as many as there may be.
    """
    return _tell(*limit_zero_events(hub(), **_asked(query)))


@comparisons.route("/comparability")
@public
@comparisons.arguments(shapes.RatesQuerySchema, location="query")
@comparisons.response(200, shapes.ComparabilityAnswerSchema)
@comparisons.refuses(Retracted)
def get_comparability(query: dict) -> Response:
    """Comparability

    For researchers, of every pair of units: whether they can be compared for the measure, with the reasons, and in
    which codes of how they count they agree and differ. Of every unit: whether its own numbers are values of one
    rate.
    """
    return _tell(*judge_comparability(hub(), **_asked(query)))


@comparisons.route("/persons")
@public
@comparisons.arguments(shapes.PersonsQuerySchema, location="query")
@comparisons.response(200, shapes.PersonsSchema)
@comparisons.refuses(Retracted)
def get_persons(query: dict) -> Response:
    """Persons over months and sites

    For researchers and policymakers: persons never add up, for whoever comes twice is one person. So this gives
    bounds, at least the largest part and at most all parts together, and beside them what the operator itself
    counted over just this quarter or year, if it did.
    """
    return _tell(*bound_persons(hub(), **_asked(query)))
