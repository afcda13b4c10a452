"""If-Match for reports: who is refused is told what changed since the revision they know."""

from __future__ import annotations

import re

from sqlalchemy import Connection

from domain.changes import changes
from domain.preconditions import Preconditions
from domain.refusals import Item, PreconditionFailed
from domain.report_content import report_from_content
from store.reports import Head, Revision, revision_of

_NUMBER = re.compile(r"^([1-9][0-9]{0,8})-")
_WITHDRAWN = Item("", "withdrawn", "The report was withdrawn; send it again only if it counts after all.")


def require_unchanged(
    connection: Connection, preconditions: Preconditions, head: Head | None, current: Revision | None
) -> None:
    """Raise PreconditionMissing or PreconditionFailed unless the write may go ahead on the report as it is.

    Where the revision that was named is one of the report's, the refusal points at what differs from the current one.
    """
    try:
        preconditions.require(head.etag(current) if head and current else None)
    except PreconditionFailed as refused:
        items = _what_changed(connection, preconditions, head, current) if head and current else ()
        raise PreconditionFailed(refused.detail, items, etag=refused.etag) from None


def _what_changed(
    connection: Connection, preconditions: Preconditions, head: Head, current: Revision
) -> tuple[Item, ...]:
    known = _newest_named(connection, preconditions.if_match or frozenset(), head)
    if known is None:
        return ()
    if known.number == head.revision:
        return (_WITHDRAWN,)
    return changes(report_from_content(known.content), report_from_content(current.content))


def _newest_named(connection: Connection, tags: frozenset[str], head: Head) -> Revision | None:
    """The revision whose entity tag, withdrawn or not, is named: the one with the highest number."""
    numbers = [int(found[1]) for found in map(_NUMBER.match, tags) if found and int(found[1]) <= head.revision]
    revision = revision_of(connection, head.site, head.month, max(numbers, default=0))
    return revision if revision and not tags.isdisjoint({revision.etag, revision.etag_withdrawn}) else None
