"""If-Match and If-None-Match (RFC 9110 section 13), for writes to one resource.

Creating needs no precondition. Changing needs If-Match with the current entity tag: without it the
request would overwrite what its sender may never have seen.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.refusals import PreconditionFailed, PreconditionMissing

ANY = "*"


@dataclass(frozen=True)
class Preconditions:
    """The entity tags a request named, without quotes; None where the header is absent."""

    if_match: frozenset[str] | None = None
    if_none_match: frozenset[str] | None = None

    def require(self, current: str | None) -> None:
        """Raise unless the write may go ahead on the current entity tag (None: nothing is there)."""
        if self.if_match is not None and not _matches(self.if_match, current):
            raise PreconditionFailed("It has changed since the state you name; read it again.", etag=current)
        if self.if_none_match is not None and _matches(self.if_none_match, current):
            raise PreconditionFailed("There is one already; change it with If-Match and its ETag.", etag=current)
        if self.if_match is None and current is not None:
            raise PreconditionMissing(
                "There is one already; to change it send If-Match with its ETag, which its receipt and a GET give."
            )


def _matches(tags: frozenset[str], current: str | None) -> bool:
    return current is not None and (ANY in tags or current in tags)
