"""When reports came and where they stand: dates and states, never a count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, and_, select

from domain.completeness import Arrival
from domain.periods import Month, MonthRange
from store.tables import reports, revisions

WITHDRAWN = "withdrawn"


def arrivals(connection: Connection, period: MonthRange | None = None) -> Mapping[str, Mapping[Month, Arrival]]:
    """What is known of every report in the period, by site and month."""
    same = and_(revisions.c.site == reports.c.site, revisions.c.month == reports.c.month, revisions.c.number == 1)
    query = select(
        reports.c.site, reports.c.month, reports.c.state, reports.c.accepted_revision, revisions.c.submitted_at
    ).join(revisions, same)
    if period:
        query = query.where(reports.c.month >= str(period.first), reports.c.month <= str(period.last))
    found: dict[str, dict[Month, Arrival]] = defaultdict(dict)
    for row in connection.execute(query):
        is_withdrawn = row.state == WITHDRAWN
        is_accepted = row.accepted_revision is not None and not is_withdrawn
        found[row.site][Month.parse(row.month)] = Arrival(row.submitted_at, is_withdrawn, is_accepted)
    return found
