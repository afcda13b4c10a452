"""Send the reports of many sites and months at once; each is stored or refused for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from actions.hub import Hub
from actions.read_directory import require_own_site
from actions.submit_report import Receipt, submit_report
from domain.access import Principal, Scope
from domain.periods import Month
from domain.preconditions import Preconditions
from domain.refusals import Refusal
from domain.report import Report


@dataclass(frozen=True)
class Order:
    """One report to send. `read` answers it, or raises the refusal of what was sent in its place."""

    site: str
    month: Month
    read: Callable[[], Report]
    preconditions: Preconditions


def submit_reports(hub: Hub, *, by: Principal, orders: Iterable[Order]) -> list[Receipt | Refusal]:
    """What came of each report, in their order: its receipt, or why nothing of it was stored."""
    by.require(Scope.REPORTS_WRITE)
    return [_submit(hub, by, order) for order in orders]


def _submit(hub: Hub, by: Principal, order: Order) -> Receipt | Refusal:
    try:
        # Whose site it is comes before what is wrong with the report, as it does for a report alone.
        require_own_site(hub, by, order.site)
        return submit_report(
            hub,
            by=by,
            site=order.site,
            month=order.month,
            report=order.read(),
            preconditions=order.preconditions,
        )
    except Refusal as refusal:
        return refusal
