"""What earlier releases told: which counts they were of, and whether they were shown or hidden.

Nothing that was published is ever unknown again, so every release stays in the system for good. Rows whose
contributors are those of a later release say nothing new and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from disclosure.policy import Policy
from disclosure.publication.assemble import Assembly, PlannedCell, SiteMonth
from domain.dictionary import CellName
from domain.release import Contribution, PastRelease, Status


class Telling(Enum):
    """What a row told: its count, though it is withheld since; its count; that it is hidden."""

    KNOWN = "known"
    SHOWN = "shown"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class History:
    """All releases so far, the oldest first (none: nothing is published yet).

    `known_before` are counts of other months that everybody knows, each with its report.
    """

    releases: Sequence[PastRelease]
    known_before: Sequence[tuple[Contribution, CellName]] = ()

    def contributions_besides(self, assembly: Assembly) -> Iterator[Contribution]:
        """The reports as earlier releases used them, where that differs from how they are used now."""
        seen = {_use(contribution) for contribution in assembly.contributions}
        for release in reversed(self.releases):
            for contribution in release.contributions:
                if _use(contribution) not in seen:
                    seen.add(_use(contribution))
                    yield contribution

    def cells(self, assembly: Assembly) -> Iterator[tuple[PlannedCell, Telling]]:
        """Every row that a release told, the latest first."""
        seen: set[tuple] = set()
        for release in reversed(self.releases):
            then = as_it_was(release, assembly)
            for group in then.groups():
                signature = release.terms, release.is_withheld, *group.signature
                if signature not in seen:
                    seen.add(signature)
                    for cell in then.cells_of(group):
                        status = release.statuses.get(cell.key)
                        if status is not None and status.is_counted:
                            yield cell, _telling(status, release)

    @cached_property
    def last_used(self) -> dict[SiteMonth, Contribution]:
        """Each report as the last release with it used it, by site and month."""
        return {(c.site.id, c.month): c for release in self.releases for c in release.contributions}


def as_it_was(release: PastRelease, assembly: Assembly) -> Assembly:
    """The plan of an earlier release, by the dictionaries that its reports name, with all that was ever agreed to."""
    operators = {id: replace(operator, sentinel="site_month") for id, operator in assembly.policy.operators.items()}
    named = {contribution.report.dictionary for contribution in release.contributions}
    versions = {version: found for version, found in assembly.dictionaries.items() if version in named}
    return Assembly(release.contributions, release.sites, Policy(assembly.policy.k, operators), versions)


def _telling(status: Status, release: PastRelease) -> Telling:
    if status is not Status.PUBLISHED:
        return Telling.HIDDEN
    return Telling.KNOWN if release.is_withheld else Telling.SHOWN


def _use(contribution: Contribution) -> tuple:
    return (
        contribution.site.id,
        contribution.month,
        contribution.revision,
        tuple(sorted(contribution.counted_in.items())),
    )
