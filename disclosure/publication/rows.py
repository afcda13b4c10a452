"""The rows of a release: values where they are published, bounds that anyone could work out where they are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from heapq import merge

from disclosure.attack import Attack
from disclosure.linear.system import Vector
from disclosure.policy import shows_zero
from disclosure.publication.assemble import PlannedCell, Span
from disclosure.publication.history import Telling
from disclosure.publication.relations import Protection
from disclosure.publication.unknowns import Count
from domain.dictionary import Level
from domain.periods import Period, parse_period
from domain.release import CellKey, Observation, Reason, Status

_LEVELS = {level.value: number for number, level in enumerate(Level)}


def rows_of_parts(parts: Iterable[Iterable[Observation]]) -> Iterator[Observation]:
    """The rows of all parts, each in the order of a release, in that order: by unit, then by period."""
    return merge(*parts, key=lambda row: (_LEVELS[row.level], row.unit, *_order(row.period)))


@cache
def _order(period: str) -> tuple[int, str]:
    found: Period = parse_period(period)
    return len(found.months), period


def observations(
    plan: Sequence[PlannedCell], protection: Protection, attack: Attack, reason_of: Mapping[int, Reason]
) -> Iterator[tuple[Observation, Reason | None]]:
    """Every row of the plan, with the reason why it is hidden, if it is.

    `reason_of` are the reasons of policy, by unknown.
    """
    numbering, system = protection.numbering, protection.system
    bounds = _public_bounds(protection, attack)
    for cell in plan:
        if not isinstance(cell.content, Span):
            yield _row(cell, Status(cell.content.value)), None
            continue
        place = numbering.places[cell.contributors, cell.key.name]
        count = numbering.counts[place]
        if attack.published[place] and _is_withheld(count, reason_of.get(place)):
            yield _row(cell, Status.SUPPRESSED), reason_of[place]
        # What one row shows may have been hidden in another before; there it stays hidden.
        elif attack.published[place] and count.once.get(cell.key) is not Telling.HIDDEN:
            yield _row(cell, Status.PUBLISHED, value=cell.content.low), None
        else:
            lower, upper = (ends[place] for ends in bounds)
            scale = system.unknowns[place].scale
            told = _told(upper, scale) if upper < system.unbounded[place] else None
            why = reason_of.get(place, Reason.HIDDEN_BEFORE if attack.published[place] else Reason.COMPLEMENT)
            yield _row(cell, Status.SUPPRESSED, lower=_told(max(lower, 0), scale), upper=told), why


def _public_bounds(protection: Protection, attack: Attack) -> tuple[Vector, Vector]:
    """The bounds that any reader can work out.

    Where zeros are shown, what is hidden is at least 1, unless its operator sent a bound: that may be zero.
    Readers do not know which are such, so if there are any, none of the bounds may rest on it.
    """
    bounded = (count for count in protection.numbering.counts if not count.span.is_exact)
    if any(shows_zero(count.indicator, key) for count in bounded for key in (*count.keys, *count.once)):
        attack = Attack(protection.system.without_floors(), attack.published, attack.center)
    return attack.bounds()


def _is_withheld(count: Count, why: Reason | None) -> bool:
    """Whether policy hides a count that only a release told that is withheld since: it is not shown again."""
    return why is not None and count.is_known and not count.was_shown


def _told(steps: float, scale: int) -> int | float:
    return int(steps) if scale == 1 else round(float(steps) / scale, 2)


def _row(
    cell: PlannedCell,
    status: Status,
    *,
    value: float | None = None,
    lower: float | None = None,
    upper: float | None = None,
) -> Observation:
    key: CellKey = cell.key
    return Observation(
        level=key.level.value,
        unit=key.unit,
        city=cell.city,
        operator=cell.operator,
        period=str(key.period),
        indicator=key.name.indicator,
        breakdown=key.name.breakdown,
        category=key.name.category,
        value=value,
        value_status=status.value,
        lower=lower,
        upper=upper,
    )
