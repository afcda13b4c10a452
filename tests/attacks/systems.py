"""Tiny systems made up at random: sums that overlap, rules, implications, corrections, bounds that were sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from disclosure.linear.system import NO_BOUND, Implication, Relation, Sum, System, Unknown

OPERATORS = ("x", "y", "z")


@st.composite
def systems(draw: st.DrawFn, *, laws: bool = True) -> System:
    """Two to six counts, sums over them, and (with `laws`) relations and implications that the truth fits."""
    k = draw(st.sampled_from([3, 4]))
    count = draw(st.integers(2, 6))
    names = OPERATORS[: draw(st.integers(1, 3))]
    unknowns = [_count(draw, k, names, count) for _ in range(count)]
    values = [draw(st.integers(u.low, u.high)) for u in unknowns]
    relations = [r for r in (_relation(draw, values) for _ in range(draw(st.integers(0, 2)) if laws else 0)) if r]
    implications = [i for _ in range(draw(st.integers(0, 2)) if laws else 0) for i in _implications(draw, values)]
    if laws and draw(st.integers(0, 4)) == 0:
        relations += _corrections(draw, unknowns, values)
    sums = _sums(draw, unknowns, count)
    return System(tuple(unknowns), tuple(sums), tuple(relations), tuple(implications))


def _count(draw: st.DrawFn, k: int, names: Sequence[str], count: int) -> Unknown:
    value = draw(st.sampled_from([0, 0, 1, 1, 2, 3, 4, 6]))
    ceiling = max(value, draw(st.sampled_from([4, 6, 9] if count < 6 else [4, 5])))
    is_protected = draw(st.integers(0, 5)) > 0
    unknown = Unknown(
        low=value,
        high=value,
        ceiling=ceiling,
        floor=draw(st.sampled_from([0, 0, 1])) if is_protected else 0,
        k=k + draw(st.sampled_from([0, 0, 0, 1])),
        is_protected=is_protected,
        is_report_total=is_protected and draw(st.booleans()),
        quarter=draw(st.integers(1, 2)),
        operators=frozenset([draw(st.sampled_from(names))]),
        loss=draw(st.sampled_from([1.0, 2.0, 10.0])),
    )
    if draw(st.integers(0, 7)) == 0:
        most = draw(st.integers(max(value, 1), ceiling))
        told = draw(st.booleans())
        return replace(unknown, low=0, high=most, floor=0, sensitive=True, ceiling=most if told else ceiling)
    return replace(unknown, sensitive=is_protected and 0 < value < unknown.k)


def _terms(draw: st.DrawFn, count: int) -> tuple[tuple[int, int], ...]:
    places = draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=3, unique=True))
    return tuple((place, draw(st.sampled_from([1, 1, -1, -1, 2]))) for place in sorted(places))


def _relation(draw: st.DrawFn, values: Sequence[int]) -> Relation | None:
    terms = _terms(draw, len(values))
    if len(terms) < 2:
        return None
    activity = sum(coefficient * values[place] for place, coefficient in terms)
    low, high = draw(st.sampled_from([(0, 0), (0, 0), (NO_BOUND, 0), (0, NO_BOUND), (NO_BOUND, 1), (2, 2)]))
    return Relation(terms, activity - low, activity + high)


def _implications(draw: st.DrawFn, values: Sequence[int]) -> list[Implication]:
    def one_sided() -> tuple[Relation, Relation, bool]:
        """A relation, its contrary, and whether the values fit it."""
        terms = _terms(draw, len(values))
        bound = draw(st.integers(0, 3))
        sides = Relation(terms, bound, NO_BOUND), Relation(terms, -NO_BOUND, bound - 1)
        holds = sum(coefficient * values[place] for place, coefficient in terms) >= bound
        return (*sides, holds) if draw(st.booleans()) else (sides[1], sides[0], not holds)

    (premise, not_premise, given), (conclusion, not_conclusion, follows) = one_sided(), one_sided()
    if given and not follows:
        conclusion, not_conclusion = not_conclusion, conclusion
    contrary = Implication(not_conclusion, not_premise, implied=True)
    return [Implication(premise, conclusion), *([contrary] if draw(st.booleans()) else [])]


def _corrections(draw: st.DrawFn, unknowns: list[Unknown], values: Sequence[int]) -> list[Relation]:
    """The change between two counts as an unknown of its own."""
    before, after = draw(st.permutations(range(len(values))))[:2]
    one, other = unknowns[after], unknowns[before]
    if not (one.is_exact and other.is_exact):
        return []
    size = one.low - other.low
    unknowns.append(
        Unknown(
            low=size,
            high=size,
            floor=-other.ceiling,
            ceiling=one.ceiling,
            k=one.k,
            sensitive=0 < abs(size) < one.k,
            operators=one.operators,
        )
    )
    return [Relation(((after, 1), (before, -1), (len(unknowns) - 1, -1)), 0, 0)]


def _sums(draw: st.DrawFn, unknowns: list[Unknown], count: int) -> list[Sum]:
    groups = [group for size in range(2, count + 1) for group in combinations(range(count), size)]
    sums = []
    for group in draw(st.lists(st.sampled_from(groups), max_size=4, unique=True)):
        parts = [unknowns[place] for place in group]
        low, high, ceiling = (sum(getattr(part, end) for part in parts) for end in ("low", "high", "ceiling"))
        k, is_protected = max(part.k for part in parts), parts[0].is_protected
        unknowns.append(
            Unknown(
                low=low,
                high=high,
                ceiling=ceiling,
                floor=draw(st.sampled_from([0, 0, 1])) if is_protected and low == high else 0,
                k=k,
                sensitive=is_protected and low < k and high > 0,
                is_protected=is_protected,
                quarter=parts[0].quarter,
                operators=frozenset().union(*(part.operators for part in parts)),
                loss=draw(st.sampled_from([1.0, 5.0, 20.0])),
            )
        )
        sums.append(Sum(len(unknowns) - 1, group))
    return sums


@st.composite
def masks(draw: st.DrawFn, system: System) -> np.ndarray:
    """What is published, at random; zeros that are always shown are among it, what is not known exactly is not."""
    chosen = draw(st.lists(st.booleans(), min_size=len(system.unknowns), max_size=len(system.unknowns)))
    pairs = zip(system.unknowns, chosen, strict=True)
    return np.array([unknown.is_exact and (shown or unknown.low < unknown.floor) for unknown, shown in pairs])
