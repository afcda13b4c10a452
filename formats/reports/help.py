"""What the dictionary says about one indicator: the rules that look at it, and in plain words how it breaks down."""

from __future__ import annotations

from collections.abc import Iterator

from domain.dictionary import Check, Dictionary, Indicator, Kind, Rule

KINDS = {
    Kind.PARTITION: "each is in exactly one line; together they are the total",
    Kind.SUBSET: "each is in one line at most; together they are at most the total",
    Kind.MULTI: "one can be in several lines; each line is at most the total",
}


def rules_of(dictionary: Dictionary, indicator: Indicator) -> list[Rule]:
    """The rules that look at the indicator by its name, or at a breakdown because of its kind."""
    kinds = {binding.kind.value for binding in indicator.bindings}
    return [
        rule
        for rule in dictionary.rules
        if any(check.kind in kinds or indicator.id in _named(check) for check in rule.checks)
    ]


def _named(check: Check) -> Iterator[str]:
    """Every name that a check mentions, indicators among them."""
    for comparison in filter(None, (check.comparison, check.condition)):
        yield from (term.indicator for term in comparison.terms)
    for value in check.parameters.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | list):
            yield from map(str, value)
