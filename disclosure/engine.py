"""The protection of a release, from accepted reports to rows that are proved safe.

part        which months hang together; a part of which nothing is new is told as it was
settle      which counts of corrected reports are used
assemble    every cell of the publication plan, with the counts that contribute to it
relate      cells with the same contributors are one unknown, over all releases; sums, breakdowns and rules relate them
hide        what policy hides, then what would give that away
attack      from nothing, by everybody; whatever is still found holds back what it is about
tell        values where published, bounds that anyone could work out where hidden
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from disclosure.attack import METHOD, Attack, Breach
from disclosure.linear.center import find_center
from disclosure.linear.pattern import Pattern
from disclosure.linear.system import System, Vector
from disclosure.policy import Policy
from disclosure.publication.assemble import Assembly
from disclosure.publication.history import History
from disclosure.publication.parts import Partition
from disclosure.publication.primary import primary, reasons
from disclosure.publication.relations import Protection, describe, relate
from disclosure.publication.rows import observations, rows_of_parts
from disclosure.publication.settlement import Settlement
from disclosure.suppression.complementary import Proposal, Unprotectable, complement
from disclosure.suppression.neighbours import cheapest_neighbours
from domain.dictionary import Dictionary
from domain.periods import Month
from domain.reasons import pack_reasons
from domain.refusals import Item, ReleaseRefused
from domain.release import (
    ANYONE,
    AttackSummary,
    CellKey,
    Contribution,
    Observation,
    Part,
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
    whole = Assembly(accepted, sites, Policy(k, operators), _named(dictionaries, accepted, past))
    partition = Partition(whole, past)
    made: list[_Made] = []
    for months in partition.months:
        done = sum(len(part.settlement.accepted) for part in made)
        there = [contribution for contribution in accepted if contribution.month in months]
        share = _between(progress, done / len(accepted), (done + len(there)) / len(accepted))
        made.append(_make(partition, there, months, share))
    return ProtectedTable(
        observations=tuple(rows_of_parts(part.rows for part in made)),
        attack=AttackSummary.joined([part.part.attack for part in made]),
        contributions=tuple(c for part in made for c in part.settlement.contributions),
        inclusions={place: how for part in made for place, how in part.settlement.inclusions.items()},
        parts=tuple(part.part for part in made),
        waiting={place: names for part in made for place, names in part.settlement.indicators_waiting.items()},
    )


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


@dataclass(frozen=True)
class _Made:
    """The rows of a part, its proof, and how its reports are used."""

    rows: Iterable[Observation]
    part: Part
    settlement: Settlement


def _make(partition: Partition, accepted: Sequence[Contribution], months: Sequence[Month], progress: Progress) -> _Made:
    """A part of the release: as the newest release told it where it is made of the same, else proved anew."""
    whole, history = partition.whole, partition.history(months)
    settlement = Settlement(accepted, history, whole.policy, whole.dictionaries)
    for _ in range(_ATTEMPTS):
        assembly = replace(whole, contributions=settlement.contributions)
        basis = partition.basis(assembly, history, months)
        told = partition.told(basis)
        if told is not None:
            return _Made(partition.past[-1].rows(months), told, settlement)
        try:
            rows, summary, why = _protected(assembly, history, progress)
        except Stuck as stuck:
            settlement = settlement.without(stuck)
        else:
            return _Made(rows, Part(tuple(months), basis, summary, pack_reasons(why)), settlement)
    raise ReleaseRefused("Too much of the new reports cannot be protected beside what is published.")


def _protected(
    assembly: Assembly, history: History, progress: Progress
) -> tuple[list[Observation], AttackSummary, dict[CellKey, Reason]]:
    """The rows of a part, what came of the attack on it, and why its hidden rows are hidden."""
    plan = tuple(assembly.cells())
    protection = relate(assembly, plan, history)
    progress(0.1)
    attack = _hide(protection, _between(progress, 0.1, 0.95))
    rows = list(observations(plan, protection, attack, reasons(protection)))
    progress(1.0)
    return [row for row, _ in rows], _summary(attack), {row.key: why for row, why in rows if why is not None}


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
    proposal = _proposal(protection, pattern, center, _between(progress, 0.0, 0.8))
    published = proposal.published
    for _ in range(_ATTEMPTS):
        attack = Attack(system, published, center)
        breaches = _breaches(attack, proposal, _between(progress, 0.8, 1.0))
        if not breaches:
            return attack
        # What more is hidden undoes no proof: nobody can tell narrower what more could be otherwise.
        more = cheapest_neighbours(system, pattern, published, breaches)
        if not more:
            break
        published = published.copy()
        published[more] = False
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
