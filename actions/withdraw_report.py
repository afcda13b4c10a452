"""Withdraw a report: it stays, and no further release uses it."""

from __future__ import annotations

from dataclasses import replace

from actions.hub import Hub
from actions.read_directory import require_reporting_site
from actions.read_report import current_report
from actions.require_unchanged import require_unchanged
from actions.submit_report import Receipt, receipt_of
from domain.access import Principal
from domain.lifecycle import Deed, after
from domain.periods import Month
from domain.preconditions import Preconditions
from domain.refusals import PreconditionFailed
from store.reports import change_head
from store.tenancy import of_operator


def withdraw_report(hub: Hub, *, by: Principal, site: str, month: Month, preconditions: Preconditions) -> Receipt:
    """Take the report out of use, whatever the steward said of it, and answer the receipt of its current revision.

    Releases that are published stay as they are. Raises NotFound, PreconditionMissing, PreconditionFailed, or
    WrongState when it is withdrawn already or its site is disabled.
    """
    by.require(*Deed.WITHDRAW.scopes)
    with hub.database.write(of_operator(by.operator)) as connection:
        require_reporting_site(connection, by, site)
        head, current = current_report(connection, site, month)
        # Who repeats a withdrawal whose answer was lost names the tag from before it, and is told that it is done.
        if current.etag not in (preconditions.if_match or ()):
            require_unchanged(connection, preconditions, head, current)
        withdrawn = replace(head, state=after(head.state, Deed.WITHDRAW), accepted_revision=None)
        if not change_head(connection, head, state=withdrawn.state, accepted_revision=None):
            raise PreconditionFailed("Someone else changed this report at the same moment.")
        hub.audit(connection, by, f"report.{Deed.WITHDRAW}", f"{site}/{month}/{head.revision}")
        return receipt_of(withdrawn, current)
