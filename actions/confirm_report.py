"""Confirm, as a second person, that the deaths of a revision are as it says."""

from __future__ import annotations

from actions.hub import Hub
from actions.read_directory import require_own_or_reviewed_site
from actions.read_report import current_report, reach_of, require_current
from domain.access import Principal
from domain.checks import CONFIRMATION_NEEDED
from domain.lifecycle import Deed, after
from domain.periods import Month
from domain.refusals import FourEyes, WrongState
from store.reports import Confirmation, Revision, add_confirmation, confirmations_of


def confirm_report(hub: Hub, *, by: Principal, site: str, month: Month, revision: int) -> Confirmation:
    """Confirm the current revision; whoever has done so already gets the same answer again.

    Raises NotFound, NotYourSite, FourEyes for who sent it, and WrongState when the revision is not the current one, was
    decided already, or needs no confirmation.
    """
    by.require(*Deed.CONFIRM.scopes)
    place = require_own_or_reviewed_site(hub, by, site)
    with hub.database.write(reach_of(by)) as connection:
        head, current = current_report(connection, site, month)
        require_other_eyes(by, current)
        require_current(head, revision)
        after(head.state, Deed.CONFIRM)
        if not needs_confirmation(current):
            raise WrongState("Nothing in this revision waits for a second person.")
        for made in confirmations_of(connection, site, month):
            if (made.revision, made.confirmed_by) == (revision, by.id):
                return made
        made = Confirmation(site, month, revision, by.id, hub.clock())
        add_confirmation(connection, made)
        hub.audit(connection, by, f"report.{Deed.CONFIRM}", f"{site}/{month}/{revision}", place.operator)
        return made


def require_other_eyes(by: Principal, revision: Revision) -> None:
    """Raise FourEyes for who sent the revision."""
    # Who decides through a client lends it their eyes: what that client sent for itself has not been seen by others.
    if revision.submitted_by in (by.id, by.via):
        raise FourEyes("Nobody reviews or confirms a revision they sent.")


def needs_confirmation(revision: Revision) -> bool:
    """Whether the revision counts what a second person confirms before it is accepted."""
    return any(finding["code"] == CONFIRMATION_NEEDED for finding in revision.findings)
