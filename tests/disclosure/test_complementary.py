"""What is hidden to protect something else, where more than enough could be asked."""

from dataclasses import replace

import numpy as np

from disclosure.linear.pattern import Pattern
from disclosure.linear.system import Relation, System, Unknown
from disclosure.suppression import complementary
from domain.periods import Month
from domain.release import Inclusion
from tests.disclosure.builders import contribution, dictionary, indicator, release, rows, site

KNOWN = dictionary([indicator("events")])


def test_an_empty_year_of_one_operator_holds_back_no_small_month_of_the_other():
    """Whoever shares a total with a site that is known to be empty looks at its own counts."""
    empty, other = (replace(site(name, city="bay"), opened=Month(2026, 1), closed=Month(2026, 3)) for name in "ab")
    given = [contribution(empty, Month(2026, n), events=0) for n in (1, 2, 3)]
    given += [contribution(other, Month(2026, n), events=count) for n, count in ((1, 3), (2, 4), (3, 30))]
    table = release(given, KNOWN, k=11)
    assert set(table.inclusions.values()) == {Inclusion.INCLUDED}
    shown = rows(table)
    assert (shown["site/a/2026/events"], shown["site/b/2026/events"], shown["city/bay/2026/events"]) == (
        "0",
        "37",
        "37",
    )


def test_what_is_dear_is_published_again_where_what_was_hidden_later_can_prove_the_rest(monkeypatch):
    """A small count is first hidden behind its quarter, which costs less than a month; then the month is hidden too."""
    monkeypatch.setattr(complementary, "economize", lambda *_: None)
    small, month, quarter, other, city = range(5)

    def count(value: int, loss: float) -> Unknown:
        small = value < 5
        return Unknown(
            value, value, 1_000, k=5, sensitive=small, is_protected=True, operators=frozenset("o"), loss=loss
        )

    unknowns = tuple(count(*facts) for facts in ((3, 1), (40, 30), (43, 20), (2, 1), (42, 9_000)))
    sums = ((quarter, small, month), (city, month, other))
    relations = tuple(Relation(((total, 1), (one, -1), (two, -1)), 0, 0) for total, one, two in sums)
    system = System(unknowns, (), relations, ())
    published = system.mask(not unknown.sensitive for unknown in unknowns)
    pattern = Pattern(published, published & (np.arange(5) != city))
    hidden = ~complementary.complement(system, pattern, system.truth).published
    assert np.flatnonzero(hidden).tolist() == [small, month, other]
