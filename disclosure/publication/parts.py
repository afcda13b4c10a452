"""Which months of a release hang together, and when the proof of a part still holds.

Every relation is between counts of one month, unless a quarter or a year is shown whole, or a stock grows
from a hidden count. So a release falls into parts that are protected and attacked one by one. A part that is
made of the same as in the newest release is told as it was told there: its rows were attacked then, beside
all that was told before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

from disclosure.publication.assemble import Assembly
from disclosure.publication.history import History
from disclosure.publication.stocks import Steps, stocks_of
from domain.canonical import canonical_json, sha256_of
from domain.dictionary import CellName
from domain.periods import Month, Year
from domain.release import Contribution, Part, PastRelease
from domain.report import Site

# What a later version of this software would do otherwise is proved anew.
_EDITION = version("crosstally-hub")


@dataclass(frozen=True)
class Partition:
    """The parts of the release that is made of these reports.

    `whole` lays out all of them, `past` are all releases before it, the oldest first.
    """

    whole: Assembly
    past: Sequence[PastRelease]

    @cached_property
    def months(self) -> list[tuple[Month, ...]]:
        """The months of each part, in the order of their first."""
        of = {c.month: {c.month} for c in self.whole.contributions}
        for link in {*self._whole_periods(), *map(frozenset, self._steps.open_links())}:
            joined = set().union(*(of.get(month, {month}) for month in link))
            of |= dict.fromkeys(joined, joined)
        now = {c.month for c in self.whole.contributions}
        return sorted({tuple(sorted(part)) for part in of.values() if part & now})

    def history(self, months: Collection[Month]) -> History:
        """What earlier releases told of these months."""
        told = [release.within(months) for release in self.past]
        return History([release for release in told if release.contributions], self._steps.known_before(months))

    def basis(self, assembly: Assembly, history: History, months: Sequence[Month]) -> str:
        """What stands for all that a part is made of: a hash that never leaves the hub."""
        return sha256_of(canonical_json(_ingredients(assembly, history, months)))

    def told(self, basis: str) -> Part | None:
        """The part of the newest release that was made of the same, if its rows may be told again."""
        newest = self.past[-1] if self.past else None
        if newest is None or newest.is_withheld:
            return None
        return next((part for part in newest.parts if part.basis == basis), None)

    @cached_property
    def _steps(self) -> Steps:
        return Steps(self.whole.contributions, self.past, stocks_of(self.whole.dictionary))

    def _whole_periods(self) -> Iterator[frozenset[Month]]:
        """The periods of which rows can be told, with the months that any release knew of a site."""
        reported: dict[str, set[Month]] = {}
        sites: dict[str, list[Site]] = {}
        for c in (*self.whole.contributions, *(c for release in self.past for c in release.contributions)):
            reported.setdefault(c.site.id, set()).add(c.month)
            versions = sites.setdefault(c.site.id, [])
            versions += [] if c.site in versions else [c.site]
        for id, months in reported.items():
            for site in sites[id]:
                yield from _periods_told(site, months)


def _periods_told(site: Site, months: Collection[Month]) -> Iterator[frozenset[Month]]:
    """The reported months of each quarter and year of which rows can be told.

    That is when no open month is missing, or when the last is there: it may count the persons of the period.
    """
    for period in {whole for month in months for whole in (month.quarter, Year(month.year))}:
        is_whole = all(month in months for month in period.months if site.is_open(month))
        if is_whole or period.months[-1] in months:
            yield frozenset(month for month in period.months if month in months)


def _ingredients(assembly: Assembly, history: History, months: Sequence[Month]) -> Mapping[str, object]:
    used = [c for release in history.releases for c in release.contributions]
    policy = assembly.policy
    operators = {c.site.operator for c in (*assembly.contributions, *used)}
    return {
        "edition": _EDITION,
        "k": policy.k,
        "operators": [[id, policy.k_for([id]), policy.sentinel_of(id)] for id in sorted(operators)],
        "dictionaries": sorted({assembly.dictionary.version, *(c.report.dictionary for c in assembly.contributions)}),
        "newest": assembly.dictionary.version,
        "sites": sorted(_site(site, months) for site in assembly.sites),
        "reports": sorted(_use(c) for c in assembly.contributions),
        "withheld": [number for number, release in enumerate(history.releases) if release.is_withheld],
        "known": sorted(_known(*known) for known in history.known_before),
    }


def _site(site: Site, months: Sequence[Month]) -> list:
    is_open = [str(month) for month in months if site.is_open(month)]
    return [site.id, site.city, site.operator, site.synthetic, is_open] if is_open else []


def _use(c: Contribution) -> list:
    return [c.site.id, str(c.month), c.revision, sorted(c.counted_in.items()), sorted(c.withheld)]


def _known(contribution: Contribution, name: CellName) -> list:
    indicator, breakdown, category = vars(name).values()
    return [contribution.site.id, str(contribution.month), contribution.revision_of(indicator), breakdown, category]
