"""The hard rules of the dictionary as relations between the counts of one report.

The rules are public and refuse every report that breaks them, so readers know that they hold. Rules that
only warn, that can be waived or that look at earlier months are no such knowledge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import ceil, floor, lcm
from typing import cast

from disclosure.linear.system import NO_BOUND, Implication, Relation
from disclosure.publication.unknowns import Numbering
from domain.dictionary import CellName, Check, Dictionary
from domain.expressions import Comparison, Term
from domain.release import Contribution


def rule_relations(numbering: Numbering) -> Iterator[Relation]:
    """The comparisons that hold in every report, where all that they compare is counted."""
    for report, check in _cases(numbering, "compare"):
        if check.condition is None and check.comparison is not None:
            relation = _relation(check.comparison, report, numbering)
            if relation is not None:
                yield relation


def implications(numbering: Numbering) -> Iterator[Implication]:
    """The comparisons that hold under a condition, and the counts of which both or none are zero."""
    for report, check in _cases(numbering, "compare"):
        if check.condition is not None and check.comparison is not None:
            premise = _relation(check.condition, report, numbering)
            conclusion = _relation(check.comparison, report, numbering)
            if premise is not None and conclusion is not None:
                yield from _both_ways(premise, conclusion)
    for report, check in _cases(numbering, "zero_iff_zero"):
        one, other = (_not_zero(str(check.parameters[key]), report, numbering) for key in ("indicator", "other"))
        if one is not None and other is not None:
            yield from _both_ways(one, other)
            yield from _both_ways(other, one)


def _cases(numbering: Numbering, kind: str) -> Iterator[tuple[Contribution, Check]]:
    hard = {version: hard_checks(found, kind) for version, found in numbering.assembly.dictionaries.items()}
    for contribution in numbering.contributions:
        for check in hard[contribution.report.dictionary]:
            if _applies(check, contribution, numbering):
                yield contribution, check


def hard_checks(dictionary: Dictionary, kind: str) -> list[Check]:
    """The checks of this kind that refuse a report by itself."""
    checks = (check for rule in dictionary.rules for check in rule.checks)
    return [check for check in checks if check.hard and not check.needs_history and check.kind == kind]


def _applies(check: Check, contribution: Contribution, numbering: Numbering) -> bool:
    """Whether the about block and what is missing are as the check wants them."""
    about = cast(Mapping[str, str], check.parameters.get("about", {}))
    missing = check.parameters.get("where_missing")
    counted = missing and numbering.of_report(contribution, CellName(str(missing))) is not None
    return not counted and all(getattr(contribution.report.about, name) == code for name, code in about.items())


def _not_zero(indicator: str, contribution: Contribution, numbering: Numbering) -> Relation | None:
    place = numbering.of_report(contribution, CellName(indicator))
    return None if place is None else Relation(((place, 1),), 1, NO_BOUND)


def _relation(comparison: Comparison, contribution: Contribution, numbering: Numbering) -> Relation | None:
    """The comparison in whole numbers, or None where an operand is not counted or a fact not known."""
    weights: dict[int, Fraction] = {}
    constant = Fraction(0)
    for sign, terms in ((1, comparison.left), (-1, comparison.right)):
        for term in terms:
            weight = _weight(term, contribution)
            place = _operand(term, contribution, numbering)
            if weight is None or (term.indicator and place is None):
                return None
            if place is None:
                constant += sign * weight
            else:
                weights[place] = weights.get(place, Fraction(0)) + sign * weight / numbering.unknowns[place].scale
    return _in_whole_numbers(weights, constant, comparison.operator)


def _operand(term: Term, contribution: Contribution, numbering: Numbering) -> int | None:
    if not term.indicator:
        return None
    return numbering.of_report(contribution, CellName(term.indicator, term.breakdown, term.category))


def _weight(term: Term, contribution: Contribution) -> Fraction | None:
    coefficient = Fraction(str(term.coefficient))
    if not term.fact:
        return coefficient
    fact = contribution.month.days if term.fact == "days_in_month" else contribution.site.stations
    return None if fact is None else coefficient * fact


def _in_whole_numbers(weights: Mapping[int, Fraction], constant: Fraction, operator: str) -> Relation:
    """`sum(weight * unknown) + constant operator 0`, with whole coefficients and whole bounds."""
    factor = lcm(*(weight.denominator for weight in weights.values()))
    terms = tuple((place, int(weight * factor)) for place, weight in sorted(weights.items()) if weight)
    bound = -constant * factor
    low, high = {
        "<=": (-NO_BOUND, floor(bound)),
        "<": (-NO_BOUND, ceil(bound) - 1),
        ">=": (ceil(bound), NO_BOUND),
        ">": (floor(bound) + 1, NO_BOUND),
        "=": (ceil(bound), floor(bound)),
    }[operator]
    return Relation(terms, low, high)


def _both_ways(premise: Relation, conclusion: Relation) -> Iterator[Implication]:
    """The implication, and the one that says the same of the contraries where these are single bounds."""
    yield Implication(premise, conclusion)
    contraries = _contrary(premise), _contrary(conclusion)
    if contraries[0] is not None and contraries[1] is not None:
        yield Implication(contraries[1], contraries[0], implied=True)


def _contrary(relation: Relation) -> Relation | None:
    """What holds where the relation does not, if that is a single bound."""
    if relation.low == -NO_BOUND:
        return Relation(relation.terms, relation.high + 1, NO_BOUND)
    if relation.high == NO_BOUND:
        return Relation(relation.terms, -NO_BOUND, relation.low - 1)
    return None
