"""Which reports a release uses, and which of their counts: corrections that wait, reports that are held back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from disclosure.policy import Policy
from disclosure.publication.assemble import Assembly, SiteMonth
from disclosure.publication.corrections import Correction, counted_in
from disclosure.publication.history import History, Telling
from disclosure.publication.unknowns import Count
from domain.dictionary import Dictionary
from domain.refusals import ReleaseRefused
from domain.release import Contribution, Inclusion


class Stuckness(Protocol):
    """Counts that cannot be protected, and the refusal if nothing can be left out."""

    counts: list[Count]

    @property
    def refusal(self) -> ReleaseRefused: ...


@dataclass(frozen=True)
class Settlement:
    """The accepted reports, and what of them is used beside all earlier releases.

    `waiting` are corrected reports that keep all their old counts, `held` new ones that are left out.
    """

    accepted: Sequence[Contribution]
    history: History
    policy: Policy
    dictionaries: Mapping[str, Dictionary]
    waiting: frozenset[SiteMonth] = frozenset()
    held: frozenset[SiteMonth] = frozenset()

    @cached_property
    def contributions(self) -> list[Contribution]:
        """The reports as the release uses them."""
        return [self._used(c) for c in self.accepted if _site_month(c) not in self.held]

    @cached_property
    def inclusions(self) -> dict[SiteMonth, Inclusion]:
        """How the release uses each report."""
        used = {_site_month(c): Inclusion.INCLUDED for c in self.contributions}
        pending = dict.fromkeys(self.indicators_waiting, Inclusion.CORRECTION_PENDING)
        return {**used, **pending, **dict.fromkeys(sorted(self.held), Inclusion.HELD_BACK)}

    @cached_property
    def indicators_waiting(self) -> dict[SiteMonth, tuple[str, ...]]:
        """The indicators of which the release does not use the accepted counts, by report."""
        chosen = {_site_month(c): c for c in self.contributions}
        found = {at: correction.waiting_in(chosen[at]) for at, correction in self._corrections.items()}
        return {at: names for at, names in found.items() if names}

    def without(self, stuck: Stuckness) -> Settlement:
        """The settlement in which what is stuck gives way: corrections wait, new reports are held back.

        Raises ReleaseRefused where none can.
        """
        involved = [{(site, month) for site, month, _ in count.contributors} for count in stuck.counts]
        changed = {at for at, correction in self._corrections.items() if at not in self.waiting}
        new = {_site_month(c) for c in self.contributions} - self.history.last_used.keys()
        for able, name in ((changed, "waiting"), (new, "held")):
            # The fewest reports first: a count of one report says which it is.
            for sites_months in sorted(involved, key=len):
                if chosen := sites_months & able:
                    return replace(self, **{name: getattr(self, name) | chosen})
        raise stuck.refusal

    def _used(self, accepted: Contribution) -> Contribution:
        correction = self._corrections.get(_site_month(accepted))
        if correction is None:
            return self._as_before(accepted)
        if _site_month(accepted) in self.waiting:
            return correction.kept_whole()
        return correction.fold(lambda indicator: (_site_month(accepted), indicator) in self._told)

    def _as_before(self, accepted: Contribution) -> Contribution:
        used = self.history.last_used.get(_site_month(accepted))
        if used is None:
            return accepted
        return replace(accepted, counted_in=counted_in(accepted, used, used.report.indicators))

    @cached_property
    def _corrections(self) -> Mapping[SiteMonth, Correction]:
        """The reports of which another revision is accepted than the counts in use come from."""
        found = {}
        for accepted in self.accepted:
            used = self.history.last_used.get(_site_month(accepted))
            if used is not None and _counts(used) != _counts(accepted):
                k = self.policy.k_for([accepted.site.operator])
                found[_site_month(accepted)] = Correction(accepted, used, self.dictionaries, k)
        return found

    @cached_property
    def _told(self) -> set[tuple[SiteMonth, str]]:
        """Of the corrected reports the indicators of which a release showed a cell or a sum."""
        told: set[tuple[SiteMonth, str]] = set()
        if self._corrections:
            assembly = Assembly((), (), self.policy, self.dictionaries)
            for cell, telling in self.history.cells(assembly):
                if telling is not Telling.HIDDEN:
                    at = {(site, month) for site, month, _ in cell.contributors} & self._corrections.keys()
                    told |= {(site_month, cell.key.name.indicator) for site_month in at}
        return told


def _counts(contribution: Contribution) -> tuple:
    return contribution.report.dictionary, contribution.report.indicators


def _site_month(contribution: Contribution) -> SiteMonth:
    return contribution.site.id, contribution.month
