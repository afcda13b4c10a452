"""Linear comparisons between counts, as the rules of the dictionary write them.

    operating_hours <= 24 * operating_days
    overdose_events[overdose_location.consumption_area] <= consumption_episodes
    station_hours <= stations * operating_hours
    visits_consumption > 0

A term is a number, or `[factor *] indicator[breakdown.category]`, where the factor is a number or one of
the site facts in FACTS. Because every comparison is linear, one parsed form serves twice: reports are
checked by it, and the disclosure attack knows it as an inequality between hidden cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import NamedTuple

FACTS = ("days_in_month", "stations")
OPERATORS = ("<=", ">=", "<", ">", "=")

_TERM = re.compile(
    rf"(?:(?P<factor>[0-9]+(?:\.[0-9]+)?|{'|'.join(FACTS)})\s*\*\s*)?(?P<name>[a-z][a-z_0-9]*)"
    r"(?:\[(?P<breakdown>[a-z_0-9]+)\.(?P<category>[a-z_0-9]+)\])?"
)


@dataclass(frozen=True)
class Term:
    """coefficient x fact x cell; a term without an indicator is a constant, without a fact has fact ''."""

    coefficient: float
    fact: str = ""
    indicator: str = ""
    breakdown: str = ""
    category: str = ""


Place = tuple[str, str, str]
"""An indicator, and the breakdown and category of a cell (both empty on totals)."""


class Weight(NamedTuple):
    """What a cell counts in a comparison, in whole numbers: `constant`, and so much for each of the `facts`."""

    place: Place
    constant: int
    facts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Comparison:
    """`left operator right`, both sides sums of terms."""

    left: tuple[Term, ...]
    operator: str
    right: tuple[Term, ...]
    text: str

    @property
    def terms(self) -> tuple[Term, ...]:
        return self.left + self.right

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """Left minus right, times what makes its coefficients whole; where there is no cell all of a place is empty.

        A cell that stands on both sides is gathered into one, or its bounds would count twice.
        """
        signed = [(term, sign * Fraction(str(term.coefficient))) for sign, term in self._signed_terms()]
        scale = lcm(*(coefficient.denominator for _, coefficient in signed))
        gathered: dict[Place, dict[str, int]] = {}
        for term, coefficient in signed:
            facts = gathered.setdefault((term.indicator, term.breakdown, term.category), {"": 0})
            facts[term.fact] = facts.get(term.fact, 0) + int(coefficient * scale)
        return tuple(Weight(place, facts.pop(""), tuple(facts.items())) for place, facts in gathered.items())

    def _signed_terms(self) -> Iterator[tuple[int, Term]]:
        yield from ((1, term) for term in self.left)
        yield from ((-1, term) for term in self.right)


def parse_comparison(text: str) -> Comparison:
    """Parse one comparison; raises ValueError that quotes what cannot be read."""
    operator = next((op for op in OPERATORS if op in text), None)
    if operator is None:
        raise ValueError(f"no comparison in {text!r}")
    left, right = text.split(operator, 1)
    return Comparison(_parse_sum(left), operator, _parse_sum(right), text)


def _parse_sum(text: str) -> tuple[Term, ...]:
    parts = re.split(r"\s([+-])\s", " " + text.strip())
    signs = ["+", *parts[1::2]]
    return tuple(
        _parse_term(part.strip(), -1 if sign == "-" else 1) for sign, part in zip(signs, parts[::2], strict=True)
    )


def _parse_term(text: str, sign: int) -> Term:
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return Term(sign * float(text))
    match = _TERM.fullmatch(text)
    if not match:
        raise ValueError(f"cannot read the term {text!r}")
    factor, name = match["factor"], match["name"]
    if name in FACTS and factor is None and match["breakdown"] is None:
        return Term(sign, fact=name)
    cell = {"indicator": name, "breakdown": match["breakdown"] or "", "category": match["category"] or ""}
    if factor is None:
        return Term(sign, **cell)
    if factor in FACTS:
        return Term(sign, fact=factor, **cell)
    return Term(sign * float(factor), **cell)
