"""The protection of a release, from accepted reports to rows that are proved safe.

settle      which counts of corrected reports are used
assemble    every cell of the publication plan, with the counts that contribute to it
relate      cells with the same contributors are one unknown, over all releases; sums, breakdowns and rules relate them
hide        what policy hides, then what would give that away
attack      from nothing, by everybody; whatever is still found holds back what it is about
tell        values where published, bounds that anyone could work out where hidden
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from disclosure.attack import METHOD, Attack, Breach
from disclosure.linear.center import find_center
from disclosure.linear.demands import ANYONE
from disclosure.linear.pattern import Pattern
from disclosure.linear.system import System, Vector
from disclosure.policy import Policy, shows_zero
from disclosure.publication.assemble import Assembly, PlannedCell, Span
from disclosure.publication.history import History, Telling
from disclosure.publication.primary import primary, reasons
from disclosure.publication.relations import Protection, describe, relate
from disclosure.publication.settlement import Settlement
from disclosure.publication.unknowns import Count
from disclosure.suppression.complementary import Proposal, Unprotectable, complement
from disclosure.suppression.neighbours import cheapest_neighbours
from domain.dictionary import Dictionary
from domain.refusals import Item, ReleaseRefused
from domain.release import (
    AttackSummary,
    CellKey,
    Contribution,
    Observation,
    PastRelease,
    ProtectedTable,
    Reason,
    Status,
)
from domain.report import Operator, Site

Progress = Callable[[float], None]
_ATTEMPTS = 12


def protect(
    accepted: Sequence[Contribution],
    *,
    sites: Sequence[Site],
    operators: Mapping[str, Operator],
    dictionaries: Mapping[str, Dictionary],
    k: int,
    past: Sequence[PastRelease] = (),
    progress: Progress = lambda share: None,
) -> ProtectedTable:
    """The rows of a release over these reports, proved safe beside all releases before it.

    `sites` are all sites, those without a report too: a quarter or a year is complete only with all of
    them. `operators` are by id, `dictionaries` by the version that reports name, `past` the oldest first.
    `k` is the hub's threshold. `progress` is called with a share of the work.

    What cannot be protected is left out: a correction waits, a new report is held back. Raises
    ReleaseRefused, naming cells but no counts, where reports contradict each other, or where even that
    does not help.
    """
    progress = _rising(progress)
    policy, history = Policy(k, operators), History(past)
    settlement = Settlement(accepted, history, policy, dictionaries)
    for _ in range(_ATTEMPTS):
        named = _named(dictionaries, accepted, past)
        assembly = Assembly(settlement.contributions, sites, policy, named)
        try:
            return _protected(assembly, history, settlement, progress)
        except Stuck as stuck:
            settlement = settlement.without(stuck)
    raise ReleaseRefused("Too much of the new reports cannot be protected beside what is published.")


def attack_told(
    told: PastRelease,
    *,
    operators: Mapping[str, Operator],
    dictionaries: Mapping[str, Dictionary],
    k: int,
    past: Sequence[PastRelease] = (),
    progress: Progress = lambda share: None,
) -> list[tuple[str, str]]:
    """The attack on a release as it was told, beside all before it: (cell, attacker) of every breach.

    Nothing is believed of how it was protected: only what its rows show and hide counts.
    """
    named = _named(dictionaries, told.contributions, past)
    assembly = Assembly(told.contributions, told.sites, Policy(k, operators), named)
    plan = tuple(cell for cell in assembly.cells() if cell.key in told.statuses)
    protection = relate(assembly, plan, History(past))
    shown = protection.system.mask(
        count.is_known or any(told.statuses[key] is Status.PUBLISHED for key in count.keys)
        for count in protection.numbering.counts
    )
    exposed = np.flatnonzero(shown & ~primary(protection).published).tolist()
    breaches = [Breach(place, ANYONE) for place in exposed]
    attack = Attack(protection.system, shown & protection.system.exact, _center(protection.system))
    breaches += attack.breaches((), progress)
    counts = protection.numbering.counts
    return [(describe(counts[breach.unknown]), breach.attacker) for breach in breaches]


class Stuck(Exception):
    """Some counts of a system cannot be protected."""

    def __init__(self, protection: Protection, unknowns: Iterable[int]) -> None:
        super().__init__()
        self.counts = [protection.numbering.counts[place] for place in sorted(set(unknowns))]

    @property
    def refusal(self) -> ReleaseRefused:
        """The refusal where nothing can be left out."""
        names = sorted({describe(count) for count in self.counts})
        return ReleaseRefused(
            f"No pattern of hidden cells protects {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}.",
            (Item(name, "cannot_be_protected", "Readers could work out this cell.") for name in names),
        )


def _named(
    dictionaries: Mapping[str, Dictionary], accepted: Sequence[Contribution], past: Sequence[PastRelease]
) -> dict[str, Dictionary]:
    """The dictionaries that some report names."""
    reports = [*accepted, *(c for release in past for c in release.contributions)]
    return {version: dictionaries[version] for version in sorted({c.report.dictionary for c in reports})}


def _protected(assembly: Assembly, history: History, settlement: Settlement, progress: Progress) -> ProtectedTable:
    plan = tuple(assembly.cells())
    protection = relate(assembly, plan, history)
    progress(0.1)
    attack = _hide(protection, _between(progress, 0.1, 0.9))
    bounds = _public_bounds(protection, attack)
    progress(0.98)
    reason_of = reasons(protection)
    rows = tuple(_observations(plan, protection, attack, bounds, reason_of))
    progress(1.0)
    return ProtectedTable(
        observations=tuple(row for row, _ in rows),
        attack=_summary(attack),
        contributions=tuple(settlement.contributions),
        inclusions=settlement.inclusions,
        reasons={row.key: why for row, why in rows if why is not None},
        waiting=settlement.indicators_waiting,
    )


def _rising(progress: Progress) -> Progress:
    """The progress without steps back, when something is tried again."""
    highest = 0.0

    def told(share: float) -> None:
        nonlocal highest
        highest = max(highest, share)
        progress(highest)

    return told


def _between(progress: Progress, start: float, end: float) -> Progress:
    """The progress of a part of the work, as part of the whole."""
    return lambda share: progress(start + (end - start) * share)


def _hide(protection: Protection, progress: Progress) -> Attack:
    """The attack that finds nothing any more; raises Stuck, and ReleaseRefused for a contradiction."""
    system, pattern = protection.system, primary(protection)
    center = _center(system)
    for _ in range(_ATTEMPTS):
        proposal = _proposal(protection, pattern, center, _between(progress, 0.0, 0.8))
        attack = Attack(system, proposal.published, center)
        breaches = _breaches(attack, proposal, _between(progress, 0.8, 1.0))
        if not breaches:
            return attack
        more = cheapest_neighbours(system, pattern, proposal.published, breaches)
        if not more:
            raise Stuck(protection, breaches)
        pattern = pattern.hiding(more)
    raise Stuck(protection, breaches)


def _center(system: System) -> Vector:
    """A table that fits everything known; raises ReleaseRefused where there is none."""
    center = find_center(system)
    if center is None:
        raise ReleaseRefused("What the reports bound contradicts what they count, so nothing is cut.")
    return center


def _proposal(protection: Protection, pattern: Pattern, center: Vector, progress: Progress) -> Proposal:
    try:
        return complement(protection.system, pattern, center, progress)
    except Unprotectable as stuck:
        raise Stuck(protection, stuck.unknowns) from None


def _breaches(attack: Attack, proposal: Proposal, progress: Progress) -> list[int]:
    return [breach.unknown for breach in attack.breaches(proposal.claims, progress)]


def _summary(attack: Attack) -> AttackSummary:
    return AttackSummary(
        attackers=tuple(attack.demands.attackers),
        cells=int((~attack.published).sum()),
        breaches=0,
        minimum_width=attack.minimum_width(),
        coalitions=attack.coalitions(),
        sole_contributors=attack.sole_contributors(),
        method=METHOD,
    )


def _public_bounds(protection: Protection, attack: Attack) -> tuple[Vector, Vector]:
    """The bounds that any reader can work out.

    Where zeros are shown, what is hidden is at least 1, unless its operator sent a bound: that may be zero.
    Readers do not know which are such, so if there are any, none of the bounds may rest on it.
    """
    bounded = (count for count in protection.numbering.counts if not count.span.is_exact)
    if any(shows_zero(count.indicator, key) for count in bounded for key in (*count.keys, *count.once)):
        attack = Attack(protection.system.without_floors(), attack.published, attack.center)
    return attack.bounds()


def _observations(
    plan: Sequence[PlannedCell],
    protection: Protection,
    attack: Attack,
    bounds: tuple[Vector, Vector],
    reason_of: Mapping[int, Reason],
) -> Iterator[tuple[Observation, Reason | None]]:
    """Every row, with the reason why it is hidden, if it is."""
    numbering, system = protection.numbering, protection.system
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
