"""Attacks as attackers make them, with the rows of releases and a pencil.

Each is made twice: on the same reports laid out without protection, where it gives the small count away, and
on what the hub releases, where a number it needs is hidden or what it gives is not the count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations

import pytest

from disclosure.policy import Policy
from disclosure.publication.assemble import Assembly, Span
from domain.dictionary import Check, Dictionary, DisclosureClass, Kind
from domain.periods import Month, MonthRange
from domain.release import Contribution
from tests.attacks.independent import Atom, counts_of
from tests.disclosure.builders import (
    EVERYWHERE,
    breakdown,
    compare,
    contribution,
    dictionary,
    indicator,
    operators,
    release,
    rows,
    site,
    told,
)

JANUARY, FEBRUARY, MARCH = MonthRange.parse("2026-01..2026-03")
AGE, ROUTE = breakdown("age", "a b c"), breakdown("route", "p q r")
KNOWN = dictionary(
    [
        indicator("events", DisclosureClass.PERSON_EVENTS, (AGE, Kind.PARTITION), (ROUTE, Kind.PARTITION)),
        indicator("naloxone"),
        indicator("people", DisclosureClass.PERSONS, (AGE, Kind.PARTITION)),
    ],
    [compare("naloxone <= events")],
    person_events=EVERYWHERE,
)


class Hidden(Exception):
    """A number that the attack needs is not there."""


class Table(dict[str, str]):
    """The rows of a release by their path; a hidden one gives no number."""

    def __call__(self, path: str) -> float:
        shown = self.get(path, "*")
        if shown == "*":
            raise Hidden
        return float(shown)


Attack = Callable[..., float]


def unprotected(given: Sequence[Contribution], known: Dictionary) -> Table:
    """The reports in the same layout, nothing hidden."""
    places = list({c.site.id: c.site for c in given}.values())
    cells = Assembly(given, places, Policy(1, operators(places)), {known.version: known}).cells()
    found = Table()
    for cell in cells:
        name = "/".join(
            part for part in (cell.key.name.indicator, cell.key.name.breakdown, cell.key.name.category) if part
        )
        content = cell.content
        is_count = isinstance(content, Span) and content.is_exact
        found[f"{cell.key.level}/{cell.key.unit}/{cell.key.period}/{name}"] = str(content.low) if is_count else "*"
    return found


def released(chapters: Sequence[Sequence[Contribution]], known: Dictionary, k: int = 11) -> list[Table]:
    """The rows of successive releases."""
    past, tables = [], []
    for given in chapters:
        table = release(given, known, k=k, past=past)
        past.append(told(table))
        tables.append(Table(rows(table)))
    return tables


def outcome(attack: Attack, tables: Sequence[Table]) -> float | None:
    try:
        return attack(*tables)
    except Hidden:
        return None


def assert_fails(attack: Attack, secret: float, *chapters: Sequence[Contribution], known: Dictionary = KNOWN) -> None:
    assert outcome(attack, [unprotected(given, known) for given in chapters]) == secret, "the attack would work"
    assert outcome(attack, released(chapters, known)) != secret


def of(total: int, **by: Sequence[int]) -> tuple[int, dict]:
    """A total and its breakdowns, the categories in their order."""
    codes = {"age": AGE.codes, "route": ROUTE.codes}
    return total, {name: dict(zip(codes[name], counts, strict=True)) for name, counts in by.items()}


NYC, RI, SF = site("nyc"), site("ri"), site("sf")
ALL = "all/all/2026-01/events"


def test_the_total_with_a_late_site_minus_the_total_without_it():
    early = [contribution(NYC, JANUARY, events=55), contribution(SF, JANUARY, events=14)]
    late = [*early, contribution(RI, JANUARY, events=8)]
    assert_fails(lambda before, after: after(ALL) - before(ALL), 8, early, late)


def test_a_city_with_one_site():
    assert_fails(lambda table: table("city/ri-city/2026-01/events"), 8, [contribution(RI, JANUARY, events=8)])


def test_all_sites_minus_the_cities_that_are_shown():
    given = [contribution(NYC, JANUARY, events=55), contribution(RI, JANUARY, events=8)]
    assert_fails(lambda table: table(ALL) - table("city/nyc-city/2026-01/events"), 8, given)


def test_an_operator_subtracts_itself():
    given = [contribution(NYC, JANUARY, events=9), contribution(RI, JANUARY, events=8)]
    own = 9
    assert_fails(lambda table: table(ALL) - own, 8, given)


def test_an_operator_subtracts_itself_and_what_is_shown_of_others():
    given = [contribution(s, JANUARY, events=count) for s, count in ((NYC, 9), (RI, 8), (SF, 40))]
    own = 9
    assert_fails(lambda table: table(ALL) - table("site/sf/2026-01/events") - own, 8, given)


def test_two_single_persons_under_a_total():
    """Each of the two knows of one; what is left over two hidden cells is the other."""
    given = [contribution(NYC, JANUARY, events=of(30, age=(28, 1, 1)))]
    path = "site/nyc/2026-01/events"
    assert_fails(lambda table: table(path) - table(f"{path}/age/a") - 1, 1, given)


def test_what_is_left_beside_zeros():
    given = [contribution(NYC, JANUARY, events=of(30, age=(26, 4, 0)))]
    path = "site/nyc/2026-01/events"
    assert_fails(lambda table: table(path) - table(f"{path}/age/a") - table(f"{path}/age/c"), 4, given)


def test_zeros_are_hidden_like_small_counts_so_that_none_can_be_left_out():
    given = [contribution(NYC, month, events=count) for month, count in ((JANUARY, 0), (FEBRUARY, 11), (MARCH, 0))]
    (table,) = released([given], KNOWN)
    assert {table[f"site/nyc/2026-0{n}/events"] for n in (1, 3)} == {"*"}


def test_a_share_of_a_total():
    """A share is a quotient of shown counts; what it leaves to a hundred per cent is somebody."""
    given = [contribution(NYC, JANUARY, people=of(50, age=(46, 4, 0)))]
    path = "site/nyc/2026-01/people"

    def attack(table: Table) -> float:
        share = table(f"{path}/age/a") / table(path)
        return round(table(path) * (1 - share))

    assert_fails(attack, 4, given)


def test_a_growing_number_of_persons_minus_that_of_the_month_before():
    falls = Check("falls", True, needs_history=True, parameters={"indicator": "ever"})
    known = dictionary([indicator("ever", DisclosureClass.PERSONS)], [falls])
    given = [contribution(NYC, JANUARY, ever=560), contribution(NYC, FEBRUARY, ever=564)]

    def attack(table: Table) -> float:
        return table("site/nyc/2026-02/ever") - table("site/nyc/2026-01/ever")

    assert_fails(attack, 4, given, known=known)
    before, after = released([given[:1], given], known)
    assert outcome(lambda: after("site/nyc/2026-02/ever") - before("site/nyc/2026-01/ever"), ()) != 4


def test_a_count_that_a_rule_holds_above_a_shown_one():
    """The operator tells that overdoses are below 15; with 12 of naloxone shown they would be 12, 13 or 14."""
    given = [contribution(NYC, JANUARY, events="<15", naloxone=12)]
    (table,) = released([given], KNOWN)

    def width(shown: Table) -> float:
        return 14 - shown("site/nyc/2026-01/naloxone")

    assert outcome(width, [unprotected(given, KNOWN)]) == 2
    assert outcome(width, [table]) is None


def test_a_late_record_that_moves_one_cell_of_every_breakdown():
    """Each breakdown alone tells one trait; together the differences are the profile of a person."""
    first = contribution(NYC, JANUARY, events=of(90, age=(30, 30, 30), route=(30, 30, 30)))
    second = contribution(NYC, JANUARY, 2, events=of(91, age=(31, 30, 30), route=(30, 30, 31)))
    cells = [f"site/nyc/2026-01/events/{code}" for code in ("age/a", "age/b", "age/c", "route/p", "route/q", "route/r")]

    def traits(before: Table, after: Table) -> float:
        return sum(after(path) - before(path) for path in cells)

    assert_fails(traits, 2, [first], [second])


@pytest.mark.parametrize("count", [3, 8])
def test_a_total_before_a_report_is_withdrawn_minus_the_total_after(count: int):
    bay = [site(name, city="bay") for name in ("a", "b")]
    both = [contribution(bay[0], JANUARY, events=40), contribution(bay[1], JANUARY, events=count)]
    path = "city/bay/2026-01/events"
    assert_fails(lambda before, after: before(path) - after(path), count, both, both[:1])


MONTHS = [contribution(NYC, month, events=count) for month, count in ((JANUARY, 20), (FEBRUARY, 7), (MARCH, 30))]


def test_a_quarter_minus_two_months():
    def attack(*tables: Table) -> float:
        quarter = tables[-1]("site/nyc/2026-Q1/events")
        return quarter - tables[-1]("site/nyc/2026-01/events") - tables[-1]("site/nyc/2026-03/events")

    assert_fails(attack, 7, MONTHS)
    assert_fails(attack, 7, MONTHS[:1], MONTHS[:2], MONTHS)


def test_a_year_minus_its_other_quarters():
    counts = [40, 40, 40, 2, 1, 2, 40, 40, 40, 40, 40, 40]
    given = [contribution(NYC, Month(2026, n + 1), events=count) for n, count in enumerate(counts)]

    def attack(*tables: Table) -> float:
        year = tables[-1]("site/nyc/2026/events")
        return year - sum(tables[-1](f"site/nyc/2026-Q{n}/events") for n in (1, 3, 4))

    assert_fails(attack, 5, given)
    assert_fails(attack, 5, given[:6], given[:9], given)


# ---- every combination -------------------------------------------------------------------------------------

PLACES = [site(*place) for place in (("s1", "o1", "c1"), ("s2", "o2", "c1"), ("s3", "o2", "c2"))]
COUNTS = {
    ("s1", 1): ((20, 6, 3), 12), ("s1", 2): ((0, 14, 2), 5), ("s1", 3): ((13, 12, 30), 20),
    ("s2", 1): ((4, 0, 1), 2), ("s2", 2): ((15, 11, 9), 11), ("s2", 3): ((2, 2, 16), 7),
    ("s3", 1): ((40, 18, 25), 33), ("s3", 2): ((7, 19, 21), 12), ("s3", 3): ((1, 0, 0), 0),
}  # fmt: skip


def chapters() -> list[list[Contribution]]:
    """Three releases: two months, then the third, then a late site and a corrected report."""
    given = {
        (s.id, n): contribution(s, Month(2026, n), events=of(sum(ages), age=ages), naloxone=naloxone)
        for s in PLACES
        for n in (1, 2, 3)
        for ages, naloxone in (COUNTS[s.id, n],)
    }
    early = [report for (place, n), report in given.items() if n < 3 and place != "s2"]
    more = [*early, *(report for (place, n), report in given.items() if n == 3 and place != "s2")]
    corrected = contribution(PLACES[0], JANUARY, 2, events=of(50, age=(41, 6, 3)), naloxone=24)
    last = [corrected if at == ("s1", 1) else report for at, report in given.items()]
    return [early, more, last]


def equations(given: Sequence[Contribution], table: Table) -> list[tuple[dict[Atom, Fraction], Fraction]]:
    """Every shown row as an equation between the counts of single reports."""
    found = []
    for path, shown in table.items():
        level, unit, period, name = path.split("/", 3)
        if shown != "*":
            months = {"2026-Q1": {"2026-01", "2026-02", "2026-03"}}.get(period, {period})
            atoms = [
                atom
                for report in given
                if unit == {"site": report.site.id, "city": report.site.city, "all": "all"}[level]
                for atom, _ in counts_of(report)
                if atom[1] in months and atom[3] == name
            ]
            found.append((dict.fromkeys(atoms, Fraction(1)), Fraction(shown)))
    return found


def partitions(given: Sequence[Contribution]) -> list[tuple[dict[Atom, Fraction], Fraction]]:
    found = []
    for report in given:
        atoms = {atom[3]: atom for atom, _ in counts_of(report)}
        ages = {atoms[f"events/age/{code}"]: Fraction(-1) for code in AGE.codes}
        found.append(({atoms["events"]: Fraction(1), **ages}, Fraction(0)))
    return found


def determined(known: Sequence[tuple[dict[Atom, Fraction], Fraction]]) -> dict[Atom, Fraction]:
    """All unknowns that any combination of the equations gives, by elimination in fractions."""
    pivots: dict[Atom, tuple[dict[Atom, Fraction], Fraction]] = {}
    for terms, constant in known:
        terms, constant = _without(dict(terms), constant, pivots)
        if terms:
            pivot = min(terms)
            scaled = {atom: c / terms[pivot] for atom, c in terms.items()}, constant / terms[pivot]
            pivots = {atom: _without(dict(row), value, {pivot: scaled}) for atom, (row, value) in pivots.items()}
            pivots[pivot] = scaled
    return {pivot: value for pivot, (terms, value) in pivots.items() if len(terms) == 1}


def _without(terms: dict, constant: Fraction, pivots: dict) -> tuple[dict[Atom, Fraction], Fraction]:
    for pivot in [atom for atom in terms if atom in pivots]:
        row, value = pivots[pivot]
        factor = terms[pivot]
        for atom, coefficient in row.items():
            terms[atom] = terms.get(atom, Fraction(0)) - factor * coefficient
        constant -= factor * value
    return {atom: c for atom, c in terms.items() if c}, constant


def small_ones(given: Sequence[Contribution]) -> dict[Atom, int]:
    return {atom: cell.value for report in given for atom, cell in counts_of(report) if 0 < cell.value < 11}


def test_no_combination_of_rows_of_all_releases_gives_a_small_count():
    known, bare, used, past = [], [], [], []
    for given in chapters():
        table = release(given, KNOWN, k=11, past=past)
        past.append(told(table))
        used += table.contributions
        known += [*equations(table.contributions, Table(rows(table))), *partitions(table.contributions)]
        bare += [*equations(given, unprotected(given, KNOWN)), *partitions(given)]
    everything = [report for given in chapters() for report in given]
    assert small_ones(everything).items() <= determined(bare).items(), "the attack would work"
    assert not determined(known).keys() & small_ones(used).keys()
    assert len(determined(known)) > 12, "what is large is shown"


@pytest.mark.parametrize("count", [2, 3])
def test_no_few_rows_added_and_subtracted_leave_a_small_count(count: int):
    """As someone with a spreadsheet would try it, without solving for anything."""
    table, given = released(chapters(), KNOWN)[-1], chapters()[-1]
    shown = [equation for equation in equations(given, table) if "naloxone" not in {a[3] for a in equation[0]}]
    small = small_ones(given)
    for chosen in combinations(shown[:45], count):
        for signs in ((1, -1), (1, 1)) if count == 2 else ((1, -1, -1), (1, -1, 1)):
            terms: dict[Atom, Fraction] = {}
            for sign, (row, _) in zip(signs, chosen, strict=True):
                for atom, coefficient in row.items():
                    terms[atom] = terms.get(atom, Fraction(0)) + sign * coefficient
            left = [atom for atom, coefficient in terms.items() if coefficient]
            assert len(left) != 1 or left[0] not in small
