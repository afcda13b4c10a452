"""Which reports are expected, and which have come, on time, and been accepted."""

from __future__ import annotations

from collections.abc import Collection

from actions.hub import Hub
from domain.completeness import SiteMonth, site_months
from domain.periods import MonthRange
from store.arrivals import arrivals
from store.directory import all_sites
from store.tenancy import CALENDAR


def read_completeness(
    hub: Hub, *, operators: Collection[str] = (), sites: Collection[str] = (), period: MonthRange | None = None
) -> list[SiteMonth]:
    """Every report that is expected by now, of these operators and sites (none: of all), by month and site."""
    now = hub.clock()
    with hub.database.read(CALENDAR) as connection:
        wanted = [
            site
            for site in all_sites(connection)
            if (not operators or site.operator in operators) and (not sites or site.id in sites)
        ]
        came = arrivals(connection, period)
    rows = [row for site in wanted for row in site_months(site, came.get(site.id, {}), now, period)]
    return sorted(rows, key=lambda row: (row.month, row.site))
