"""Every table of examples.md, told to the rules: one report passes, the other fails as the page says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.examples import DICTIONARY
from tests.spec.rules.examples import Example, examples, said, sections

EXAMPLES = list(examples())
RULES = {rule.id: rule for rule in DICTIONARY.rules}


def named(example: Example) -> str:
    rows = list(example.columns["fails"])
    return f"{example.rule} {rows[0]} {next(iter(example.columns['fails'].values()))}"


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_one_report_passes_and_the_other_fails_as_the_page_says(example: Example):
    assert example.found("passes") == ()
    found = example.found("fails")
    assert tuple(map(said, found)) == example.findings
    assert {finding.rule for finding in found} == {example.rule}


def test_the_page_has_the_words_of_every_rule_in_their_order():
    words = {rule: " ".join(text.strip().split("\n\n")[0].split()) for rule, text in sections().items()}
    assert list(words.items()) == [(rule.id, rule.text) for rule in DICTIONARY.rules]


@pytest.mark.parametrize("id", RULES)
def test_every_check_of_a_rule_has_an_example_that_it_fails(id):
    mine = [example for example in EXAMPLES if example.rule == id]
    for check in RULES[id].checks:
        alone = replace(DICTIONARY, rules=(replace(RULES[id], checks=(check,)),))
        assert any(example.found("fails", alone) for example in mine), check.kind
