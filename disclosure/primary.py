"""What policy alone hides, and what may never be hidden or shown otherwise.

Any row of an unknown that calls for hiding hides it, with two exceptions: a zero that is always shown
stays shown, and what is public stays public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from disclosure.assemble import Contributors
from disclosure.history import History
from disclosure.system import Mask, System, Unknown
from domain.dictionary import CellName, DisclosureClass, Kind


@dataclass(frozen=True, eq=False)
class Pattern:
    """Which unknowns are published, and which of these may still be hidden to protect others."""

    published: Mask
    yielding: Mask

    def hiding(self, chosen: Sequence[int]) -> Pattern:
        """The pattern with these hidden as well."""
        still = np.ones(len(self.published), dtype=bool)
        still[list(chosen)] = False
        return Pattern(self.published & still, self.yielding & still)


def primary(system: System, history: History) -> Pattern:
    """The pattern that policy asks for, before anything is hidden to protect something else."""
    told = system.mask(any(history.shows(key) for key in unknown.keys) for unknown in system.unknowns)
    kept = system.mask(any(history.hides(key) for key in unknown.keys) for unknown in system.unknowns)
    shown_zero = system.mask(_is_shown_zero(unknown) for unknown in system.unknowns)
    small = system.mask(_is_small(unknown) for unknown in system.unknowns)
    sentinel = system.mask(_is_sentinel(unknown) for unknown in system.unknowns)
    planned = system.mask(bool(unknown.keys) for unknown in system.unknowns)
    hidden = kept | small | _uniform(system)
    published = planned & system.exact & (told | shown_zero | ~hidden)
    return Pattern(published, published & ~(told | shown_zero | sentinel))


def _is_small(unknown: Unknown) -> bool:
    return unknown.indicator.disclosure_class.is_protected and unknown.low < unknown.width


def _is_shown_zero(unknown: Unknown) -> bool:
    return unknown.zero_is_shown and unknown.is_exact and unknown.low == 0


def _is_sentinel(unknown: Unknown) -> bool:
    return unknown.indicator.disclosure_class is DisclosureClass.SENTINEL


def _uniform(system: System) -> Mask:
    """The breakdowns that would say of each person of a group that they are of one category."""
    groups: dict[tuple[Contributors, str, str], list[int]] = {}
    for place, unknown in enumerate(system.unknowns):
        if unknown.indicator.disclosure_class is DisclosureClass.PERSONS and unknown.name.breakdown and unknown.keys:
            name = unknown.name
            groups.setdefault((unknown.contributors, name.indicator, name.breakdown), []).append(place)
    hidden = np.zeros(len(system.unknowns), dtype=bool)
    for (contributors, indicator, breakdown), places in groups.items():
        total = system.places.get((contributors, CellName(indicator)))
        if total is not None and _says_all_of_each(system, total, places, breakdown):
            hidden[places] = True
    return hidden


def _says_all_of_each(system: System, total: int, places: Sequence[int], breakdown: str) -> bool:
    """Whether every person is of one category, other than that nothing is known of any."""
    binding = system.unknowns[total].indicator.binding(breakdown)
    everybody = system.unknowns[total].low
    named = [place for place in places if system.unknowns[place].name.category != "unknown"]
    is_partition = binding is not None and binding.kind is Kind.PARTITION
    return is_partition and everybody > 0 and any(system.unknowns[place].low == everybody for place in named)
