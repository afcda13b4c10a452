"""The last word on small tables: whether another pattern protects as much and costs readers less.

Detours decide count by count. Where a table is small enough, the exact search says which pattern is the best
there is, or that time ran out; then what the detours found stays.
"""

from __future__ import annotations

import numpy as np

from disclosure.attack import Attack
from disclosure.linear.demands import Demands
from disclosure.linear.frame import settled
from disclosure.linear.pattern import Pattern
from disclosure.linear.system import Mask, Rows, System, Vector
from disclosure.suppression.exact import Problem, Unprotected, cheapest
from domain.release import ANYONE

WITHIN_REACH = 1_000
"""The most cells, hidden or still to be hidden, among which the exact search is begun."""
_SECONDS = 10.0


def economize(system: System, pattern: Pattern, published: Mask, center: Vector) -> Mask | None:
    """A pattern that costs less than the published one and that no attack breaks; None where none is found.

    `pattern` is what policy asks for.
    """
    free = ~pattern.published | pattern.yielding
    secondary = pattern.published & ~published
    if not secondary.any() or free.sum() > WITHIN_REACH:
        return None
    problem = as_problem(system, pattern, center)
    try:
        answer = cheapest(problem, ~published, _SECONDS)
    except Unprotected:
        # Over real numbers detours prove nothing here; the attack on whole numbers decides.
        return None
    if problem.cost[answer.hidden].sum() >= problem.cost[~published].sum():
        return None
    return ~answer.hidden if not Attack(system, ~answer.hidden, center).breaches() else None


def as_problem(system: System, pattern: Pattern, center: Vector) -> Problem:
    """The system as a cell suppression problem; open implications hold in the way they hold in the center."""
    demands = Demands(system)
    needed = [relation for relation in system.all_relations if not relation.implied]
    rows = Rows.of(needed).followed_by(settled(system, system.clauses, center))
    return Problem(
        rows=rows,
        truth=center,
        lower=np.minimum(system.floor, center),
        upper=np.maximum(system.ceiling, center),
        width=np.where(pattern.published, 0, system.width),
        cost=system.vector(unknown.loss for unknown in system.unknowns),
        hidden=~pattern.published,
        fixed=pattern.published & ~pattern.yielding,
        known=[demands.own(attacker) for attacker in demands.attackers if attacker != ANYONE] or [demands.own(ANYONE)],
    )
