"""Counts that only grow, such as the persons ever registered: what ties a month to the one counted before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from domain.dictionary import CellName, Dictionary, Level
from domain.periods import Month
from domain.release import CellKey, Contribution, PastRelease, Status
from domain.report import Reported, Tally

Place = tuple[str, CellName, Month]
"""A count of a stock: of a site, by name, at the end of a month."""


def stocks_of(dictionary: Dictionary) -> dict[str, str]:
    """The indicators that count ever-growing stocks, each with the one that counts its growth ('': none)."""
    checks = [check for rule in dictionary.rules for check in rule.checks]
    stocks = {str(check.parameters["indicator"]): "" for check in checks if check.kind == "falls"}
    flows = {str(c.parameters["stock"]): str(c.parameters["flow"]) for c in checks if c.kind == "difference"}
    return {**stocks, **flows}


@dataclass(frozen=True)
class Steps:
    """The steps from each count of a stock to the next one of the site that is counted.

    `accepted` are the reports of the release that is cut, `past` all releases before it.
    """

    accepted: Sequence[Contribution]
    past: Sequence[PastRelease]
    indicators: Collection[str]

    def open_links(self) -> Iterator[tuple[Month, Month]]:
        """The months that a step ties together; one from a count that everybody knows ties nothing."""
        return ((before[2], after[2]) for before, after in self._steps if before not in self._known)

    def known_before(self, months: Collection[Month]) -> list[tuple[Contribution, CellName]]:
        """The counts of other months, known to everybody, from which a step leads into these; each with its report."""
        before = {one for one, other in self._steps if other[2] in months and one[2] not in months}
        return [(self._known[place], place[1]) for place in self._known if place in before]

    @cached_property
    def _steps(self) -> list[tuple[Place, Place]]:
        places = {*self._accepted, *self._used}
        ordered = sorted(places, key=lambda place: (place[0], *vars(place[1]).values(), place[2]))
        return [(one, other) for one, other in pairwise(ordered) if one[:2] == other[:2]]

    @cached_property
    def _accepted(self) -> Mapping[Place, float]:
        return {place: value for contribution in self.accepted for place, value in self._counts(contribution)}

    @cached_property
    def _used(self) -> Mapping[Place, set[tuple[int, float]]]:
        """What earlier releases used, by the revision in which it was first used."""
        used: dict[Place, set[tuple[int, float]]] = {}
        for contribution in (c for release in self.past for c in release.contributions):
            for place, value in self._counts(contribution):
                used.setdefault(place, set()).add((contribution.revision_of(place[1].indicator), value))
        return used

    @cached_property
    def _known(self) -> Mapping[Place, Contribution]:
        """The counts that the newest release shows and no other revision says otherwise, with their reports."""
        newest = self.past[-1] if self.past else None
        if newest is None or newest.is_withheld or not self._used:
            return {}
        return {
            place: contribution
            for contribution in newest.contributions
            for place, value in self._counts(contribution)
            if len(self._used[place]) == 1
            and self._accepted.get(place, value) == value
            and newest.statuses.get(CellKey(Level.SITE, place[0], place[2], place[1])) is Status.PUBLISHED
        }

    def _counts(self, contribution: Contribution) -> Iterator[tuple[Place, float]]:
        for indicator in self.indicators:
            tally = contribution.report.indicators.get(indicator)
            for name, value in _exact(indicator, tally) if tally else ():
                yield (contribution.site.id, name, contribution.month), value


def _exact(indicator: str, tally: Tally) -> Iterator[tuple[CellName, float]]:
    cells = {CellName(indicator): tally.total}
    cells |= {CellName(indicator, name, code): cell for name, by in tally.by.items() for code, cell in by.items()}
    return ((name, cell.value) for name, cell in cells.items() if isinstance(cell, Reported))
