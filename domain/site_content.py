"""A site as JSON values, and back: what the directory answers and every release keeps."""

from __future__ import annotations

from collections.abc import Mapping

from domain.periods import Month
from domain.report import SeriesBreak, Site


def site_content(site: Site) -> dict[str, object]:
    """The public facts of a site."""
    return {
        "id": site.id,
        "label": site.label,
        "city": site.city,
        "operator": site.operator,
        "opened": str(site.opened),
        "closed": str(site.closed) if site.closed else None,
        "timezone": site.timezone,
        "synthetic": site.synthetic,
        "stations": site.stations,
        "series_breaks": [
            {"month": str(b.month), "indicator": b.indicator, "code": b.code} for b in site.series_breaks
        ],
    }


def site_from_content(content: Mapping) -> Site:
    """The inverse of `site_content`."""
    breaks = tuple(SeriesBreak(Month.parse(b["month"]), b["indicator"], b["code"]) for b in content["series_breaks"])
    months = {"opened": Month.parse(content["opened"]), "series_breaks": breaks}
    return Site(**{**content, **months, "closed": Month.parse(content["closed"]) if content["closed"] else None})
