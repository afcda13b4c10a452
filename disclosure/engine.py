"""The protection of a release, from accepted reports to rows that are proved safe.

assemble    every cell of the publication plan, with the site-months that contribute
relate      cells with the same contributors are one unknown; sums, breakdowns and rules relate them
hold        what the latest release told stays as it is
hide        what policy hides, then what would give that away
attack      from nothing, by everybody; whatever is still found refuses the release
tell        values where published, bounds that anyone could work out where hidden
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from disclosure.assemble import Assembly, PlannedCell, Span
from disclosure.attack import METHOD, Attack, Contradiction
from disclosure.complementary import Unprotectable, complement
from disclosure.history import History
from disclosure.policy import Policy
from disclosure.primary import primary
from disclosure.relations import build_system, describe
from disclosure.system import Mask, System, Unknown, Vector
from domain.dictionary import Dictionary
from domain.refusals import Item, ReleaseRefused
from domain.release import AttackSummary, Contribution, Observation, ProtectedTable, Status
from domain.report import Operator, Site


def protect(
    contributions: Sequence[Contribution],
    *,
    sites: Sequence[Site],
    operators: Mapping[str, Operator],
    dictionary: Dictionary,
    k: int,
    earlier: Sequence[Observation] = (),
    progress: Callable[[float], None] = lambda share: None,
) -> ProtectedTable:
    """The rows of a release over these reports, proved safe.

    `sites` are all sites, those without a report too: a quarter or a year is complete only with all of
    them. `operators` are by id. `k` is the hub's threshold. `earlier` are the rows of the latest published
    release, none of which may change. `progress` is called with a share of the work that never falls.

    Raises ReleaseRefused, naming cells but no counts, where something published would change, where reports
    contradict each other, or where a count cannot be protected.
    """
    assembly = Assembly(contributions, sites, Policy(k, operators), dictionary)
    plan = tuple(assembly.cells())
    history = History(earlier, dictionary)
    history.refuse_changes(plan)
    progress(0.05)
    system = build_system(assembly, plan)
    progress(0.1)
    published = _protected(system, history, _between(progress, 0.1, 0.7))
    attack = Attack(system)
    _refuse_breaches(attack, published, _between(progress, 0.7, 0.85))
    summary = _summary(attack, published)
    progress(0.95)
    rows = tuple(_observations(plan, system, published, _public_bounds(attack, published), history))
    progress(1.0)
    return ProtectedTable(rows, summary)


def _between(progress: Callable[[float], None], start: float, end: float) -> Callable[[float], None]:
    """The progress of a part of the work, as part of the whole."""
    return lambda share: progress(start + (end - start) * share)


def _protected(system: System, history: History, progress: Callable[[float], None]) -> Mask:
    """Which unknowns to publish; raises ReleaseRefused."""
    try:
        return complement(system, primary(system, history), progress).published
    except Unprotectable as stuck:
        raise _unprotectable(stuck.unknowns) from None
    except Contradiction:
        raise ReleaseRefused("What the reports bound contradicts what they count, so nothing is cut.") from None


def _refuse_breaches(attack: Attack, published: Mask, progress: Callable[[float], None]) -> None:
    breaches = attack.breaches(published, progress)
    if breaches:
        raise _unprotectable(attack.system.unknowns[breach.unknown] for breach in breaches)


def _unprotectable(unknowns: Iterable[Unknown]) -> ReleaseRefused:
    names = sorted({describe(unknown) for unknown in unknowns})
    return ReleaseRefused(
        f"No pattern of hidden cells protects {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}.",
        (Item(name, "cannot_be_protected", "Readers could work out this cell.") for name in names),
    )


def _summary(attack: Attack, published: Mask) -> AttackSummary:
    return AttackSummary(
        attackers=tuple(attacker.id for attacker in attack.attackers),
        cells=int((~published).sum()),
        breaches=0,
        minimum_width=attack.minimum_width(published),
        method=METHOD,
    )


def _public_bounds(attack: Attack, published: Mask) -> tuple[Vector, Vector]:
    """The bounds that any reader can work out.

    Where zeros are shown, what is hidden is at least 1, unless its operator sent a bound: that may be zero.
    Readers do not know which are such, so if there are any, none of the bounds may rest on it.
    """
    if any(unknown.zero_is_shown and not unknown.is_exact for unknown in attack.system.unknowns):
        attack = Attack(attack.system.without_floors())
    return attack.bounds(published)


def _observations(
    plan: Sequence[PlannedCell], system: System, published: Mask, bounds: tuple[Vector, Vector], history: History
) -> Iterator[Observation]:
    for cell in plan:
        if not isinstance(cell.content, Span):
            yield _row(cell, Status(cell.content.value))
            continue
        place = system.places[cell.contributors, cell.key.name]
        # A zero that has to be shown in one row may have been hidden in another before; there it stays hidden.
        if published[place] and not history.hides(cell.key):
            yield _row(cell, Status.PUBLISHED, value=cell.content.low)
        else:
            lower, upper = (ends[place] for ends in bounds)
            scale = system.unknowns[place].scale
            known = upper < system.unbounded[place]
            yield _row(cell, Status.SUPPRESSED, lower=_told(lower, scale), upper=_told(upper, scale) if known else None)


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
    return Observation(
        level=cell.key.level.value,
        unit=cell.key.unit,
        city=cell.city,
        operator=cell.operator,
        period=str(cell.key.period),
        indicator=cell.key.name.indicator,
        breakdown=cell.key.name.breakdown,
        category=cell.key.name.category,
        value=value,
        value_status=status.value,
        lower=lower,
        upper=upper,
    )
