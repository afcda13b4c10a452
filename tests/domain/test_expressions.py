"""The comparisons that rules are written in."""

import pytest

from domain.expressions import OPERATORS, Term, parse_comparison


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("visits > 0", [Term(1, indicator="visits"), Term(0)]),
        ("days <= days_in_month", [Term(1, indicator="days"), Term(1, fact="days_in_month")]),
        ("hours <= 24 * days", [Term(1, indicator="hours"), Term(24, indicator="days")]),
        ("events > 0.2 * visits", [Term(1, indicator="events"), Term(0.2, indicator="visits")]),
        ("a <= stations * b", [Term(1, indicator="a"), Term(1, fact="stations", indicator="b")]),
        ("a<=24*b", [Term(1, indicator="a"), Term(24, indicator="b")]),
        ("a[by.20_29] = 2 * b[by.x]", [Term(1, "", "a", "by", "20_29"), Term(2, "", "b", "by", "x")]),
        ("a + b <= c", [Term(1, indicator="a"), Term(1, indicator="b"), Term(1, indicator="c")]),
        ("a - 2 * b >= 0", [Term(1, indicator="a"), Term(-2, indicator="b"), Term(0)]),
        ("a - 3 < stations * b - c", [
            Term(1, indicator="a"), Term(-3), Term(1, "stations", "b"), Term(-1, indicator="c"),
        ]),
    ],
)  # fmt: skip
def test_a_comparison_is_read_into_its_terms(text, terms):
    comparison = parse_comparison(text)
    assert list(comparison.terms) == terms
    assert comparison.text == text


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_read(operator):
    comparison = parse_comparison(f"a {operator} b")
    assert comparison.operator == operator
    assert (comparison.left, comparison.right) == ((Term(1, indicator="a"),), (Term(1, indicator="b"),))


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("visits", "visits"),
        ("", "''"),
        ("a <= b <= c", "b <= c"),
        ("a <= ", "''"),
        ("a < b + ", "b +"),
        ("a[by] < b", "a[by]"),
        ("a[by.x.y] < b", "a[by.x.y]"),
        ("a * b < c", "a * b"),
        ("nan * a < c", "nan * a"),
        ("inf * a < c", "inf * a"),
        ("1.2.3 * a < c", "1.2.3 * a"),
        ("1e9 < c", "1e9"),
        ("2 * 3 < c", "2 * 3"),
        ("A < b", "A"),
        ("a ≤ b", "a ≤ b"),
        ("__import__('os') < 1", "__import__('os')"),
    ],
)
def test_what_cannot_be_read_is_quoted(text, quoted):
    with pytest.raises(ValueError) as refusal:
        parse_comparison(text)
    assert quoted in str(refusal.value)
