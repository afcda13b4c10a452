"""Completeness and timeliness of reporting, for anyone."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response

from actions.read_completeness import read_completeness
from api.context import LINK, hub, paged
from auth.guard import public
from domain.completeness import SiteMonth, Tally, sums
from openapi.blueprint import Blueprint
from schemas.completeness import CompletenessQuerySchema, CompletenessSchema

completeness = Blueprint("completeness", __name__, url_prefix="/v1", description="Which reports came, and when.")


@completeness.route("/completeness")
@public
@completeness.arguments(CompletenessQuerySchema, location="query")
@completeness.response(200, CompletenessSchema, headers=LINK)
def get_completeness(query: dict) -> Response:
    """Which reports are expected, received, on time, accepted

    For anyone who asks how complete the figures are. A report is expected for every month that has ended at a site,
    from its opening (or the first month it reports) to its closing, and counts once however often it was revised.
    """
    rows = read_completeness(
        hub(), operators=query.get("operator", ()), sites=query.get("site", ()), period=query.get("period")
    )
    start, limit = int(query.get("cursor", 0)), query["limit"]
    following = start + limit if start + limit < len(rows) else None
    items = [_item(row) for row in rows[start : start + limit]]
    return paged(items, following, _sums(rows))


def _item(row: SiteMonth) -> dict:
    place = {"operator": row.operator, "site": row.site, "month": str(row.month)}
    return {**place, "due_by": row.due_by.isoformat(), **asdict(row.tally)}


def _sums(rows: list[SiteMonth]) -> dict:
    operators = sums(rows, lambda row: row.operator)
    months = sums(rows, lambda row: str(row.month))
    return {
        "operators": [{"operator": operator, **asdict(tally)} for operator, tally in operators.items()],
        "months": [{"month": month, **asdict(tally)} for month, tally in months.items()],
        "total": asdict(sum((row.tally for row in rows), Tally())),
    }
