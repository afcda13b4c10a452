"""Retractions: which release takes back which, what it carries instead, and what is no longer told.

A retraction is a release like any, the next in the chain. It carries the files of the newest release that is no
retraction and not retracted, or an empty table where there is none. So what it tells can be taken back in its turn,
by retracting the release whose files it carries. A retraction itself is not retracted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

STILL_SERVED = frozenset({"data_error"})
"""The reasons under which readers may go on reading what was retracted; under any other it is gone."""


@dataclass(frozen=True)
class Retraction:
    """`release` took `retracted` back, for a `reason` of the dictionary's list `retraction`."""

    release: str
    retracted: str
    reason: str

    def __post_init__(self) -> None:
        if self.release == self.retracted:
            raise ValueError("a release does not retract itself")


def carried(chain: Iterable[str], retractions: Mapping[str, Retraction]) -> dict[str, str | None]:
    """For each retraction the release whose files it carries, None for an empty table.

    `chain` are the ids of all releases, oldest first; `retractions` are by the id of the retraction.
    """
    standing: list[str] = []
    found = {}
    for release in chain:
        if release in retractions:
            standing = [other for other in standing if other != retractions[release].retracted]
            found[release] = standing[-1] if standing else None
        else:
            standing.append(release)
    return found


def standing(chain: Iterable[str], retractions: Mapping[str, Retraction]) -> list[str]:
    """The releases that are no retractions and not retracted, oldest first."""
    gone = {retraction.retracted for retraction in retractions.values()}
    return [release for release in chain if release not in gone and release not in retractions]


def withdrawal(release: str, chain: Iterable[str], retractions: Mapping[str, Retraction]) -> Retraction | None:
    """The retraction for which readers no longer get what the release tells; None where they do."""
    told_by = carried(chain, retractions).get(release, release)
    found = (r for r in retractions.values() if r.retracted == told_by and r.reason not in STILL_SERVED)
    return next(found, None)
