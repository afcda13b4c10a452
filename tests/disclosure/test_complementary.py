"""What is hidden to protect something else, where more than enough could be asked."""

from dataclasses import replace

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
