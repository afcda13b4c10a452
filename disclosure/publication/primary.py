"""What policy alone hides, and what may never be hidden or shown otherwise.

Any row of an unknown that calls for hiding hides it, with two exceptions: a zero that is always shown
stays shown, and what was told stays told.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from disclosure.linear.pattern import Pattern
from disclosure.linear.system import Unknown
from disclosure.publication.assemble import Contributors
from disclosure.publication.relations import Protection
from disclosure.publication.unknowns import Count, Numbering, is_sentinel, reason
from domain.dictionary import CellName, DisclosureClass, Kind
from domain.release import Reason


def primary(protection: Protection) -> Pattern:
    """The pattern that policy asks for, before anything is hidden to protect something else."""
    system, counts = protection.system, protection.numbering.counts
    told = system.mask(count.is_known for count in counts)
    planned = system.mask(bool(count.keys) for count in counts)
    shown_zero = system.mask(map(_is_shown_zero, counts, system.unknowns))
    sentinel = system.mask(map(is_sentinel, counts))
    hidden = np.zeros(len(counts), dtype=bool)
    hidden[list(reasons(protection))] = True
    published = (planned & system.exact & (shown_zero | ~hidden)) | (told & system.exact)
    return Pattern(published, published & ~(told | shown_zero | sentinel))


def reasons(protection: Protection) -> dict[int, Reason]:
    """Why policy hides an unknown, for each that it hides by itself."""
    counts, unknowns = protection.numbering.counts, protection.system.unknowns
    found = {place: reason(*pair) for place, pair in enumerate(zip(counts, unknowns, strict=True))}
    why = {place: Reason.HIDDEN_BEFORE for place, count in enumerate(counts) if count.was_hidden}
    why |= dict.fromkeys(_uniform(protection.numbering), Reason.ONE_CATEGORY)
    return why | {place: known for place, known in found.items() if known is not None}


def _is_shown_zero(count: Count, unknown: Unknown) -> bool:
    return unknown.floor > 0 and unknown.is_exact and unknown.low == 0 and count.is_total


def _uniform(numbering: Numbering) -> list[int]:
    """The breakdowns that would say of each person of a group that they are of one category."""
    groups: dict[tuple[Contributors, str, str], list[int]] = {}
    for place, count in enumerate(numbering.counts):
        if count.indicator.disclosure_class is DisclosureClass.PERSONS and not count.is_total and count.keys:
            name = count.name
            groups.setdefault((count.contributors, name.indicator, name.breakdown), []).append(place)
    hidden: list[int] = []
    for (contributors, indicator, _), places in groups.items():
        total = numbering.place(contributors, CellName(indicator))
        if total is not None and _says_all_of_each(numbering, total, places):
            hidden += places
    return hidden


def _says_all_of_each(numbering: Numbering, total: int, places: Sequence[int]) -> bool:
    """Whether every person is of one category, other than that nothing is known of any."""
    counts, unknowns = numbering.counts, numbering.unknowns
    binding = counts[places[0]].indicator.binding(counts[places[0]].name.breakdown)
    everybody = unknowns[total].low
    named = [place for place in places if counts[place].name.category != "unknown"]
    is_partition = binding is not None and binding.kind is Kind.PARTITION
    return is_partition and everybody > 0 and any(unknowns[place].low == everybody for place in named)
