"""What a site reported around a month, for the checks that look at other months."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from domain.dictionary import Dictionary
from domain.periods import Month
from domain.report import Report
from domain.report_content import recalled_report
from store.prepared import Prepared
from store.reports import revision_of
from store.tables import reports, revisions

_AROUND = Prepared(
    select(revisions.c.month, revisions.c.number, revisions.c.sha256)
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
_recalled: dict[tuple[str, frozenset], Report] = {}
"""By their hash and what is needed of them: they never change, and the next month asks for nearly the same ones."""
_MOST = 4096  # the last year of 340 sites; some 30 MB


def current_reports_around(
    connection: Connection, site: str, month: Month, dictionary: Dictionary
) -> dict[Month, Report]:
    """The current report of each month before, as far as the dictionary's checks look, and of the month after.

    Of each what these checks need: `dictionary.breakdowns_in_history`, and the totals. A withdrawn report is none.
    """
    months = month.index - dictionary.months_of_history, month.index + 1
    first, last = (f"{index // 12}-{index % 12 + 1:02}" for index in months)
    asked = {"site": site, "month": str(month), "first": first, "last": last}
    return {
        Month.parse(row.month): _recall(connection, site, row, dictionary) for row in _AROUND.all(connection, asked)
    }


def _recall(connection: Connection, site: str, row: Any, dictionary: Dictionary) -> Report:
    key = row.sha256, dictionary.breakdowns_in_history
    found = _recalled.get(key)
    if found is None:
        revision = revision_of(connection, site, Month.parse(row.month), row.number)
        assert revision is not None, "revisions are never taken away"
        found = _recalled[key] = recalled_report(revision.packed, dictionary.breakdowns_in_history)
        while len(_recalled) > _MOST:
            _recalled.pop(next(iter(_recalled)), None)
    return found
