"""What a site reported around a month, for the checks that look at other months: one question."""

from __future__ import annotations

from sqlalchemy import Connection, and_, bindparam, select

from domain.periods import Month
from store.prepared import Prepared
from store.tables import reports, revisions

_AROUND = Prepared(
    select(revisions.c.month, revisions.c.content)
    .join(
        reports,
        and_(
            reports.c.site == revisions.c.site,
            reports.c.month == revisions.c.month,
            reports.c.revision == revisions.c.number,
        ),
    )
    .where(
        reports.c.site == bindparam("site"),
        reports.c.month >= bindparam("first"),
        reports.c.month <= bindparam("last"),
        reports.c.month != bindparam("month"),
        reports.c.state != "withdrawn",
    )
)


def current_reports_around(connection: Connection, site: str, month: Month, *, before: int) -> dict[Month, bytes]:
    """The current report of each of so many months before the month, and of the month after, as canonical JSON.

    A withdrawn report is none.
    """
    first, last = (f"{index // 12}-{index % 12 + 1:02}" for index in (month.index - before, month.index + 1))
    asked = {"site": site, "month": str(month), "first": first, "last": last}
    return {Month.parse(row.month): row.content for row in _AROUND.all(connection, asked)}
