"""What is hidden, in small tables: the first line is what was counted, the second what a reader sees.

k is 11; `*` is hidden. Each can be checked with pencil and paper.
"""

import pytest

from domain.dictionary import DisclosureClass, Kind
from domain.periods import Month, MonthRange
from domain.release import Inclusion
from tests.disclosure.builders import (
    breakdown,
    compare,
    contribution,
    dictionary,
    indicator,
    release,
    rows,
    site,
    told,
)

K = 11
JANUARY = Month(2026, 1)
KIND = breakdown("kind", "a b c d")
EVENTS = dictionary([indicator("events", DisclosureClass.PERSON_EVENTS, (KIND, Kind.PARTITION))])


def parsed(table: str) -> list[tuple[list[str], list[str], list[str]]]:
    """Heads, counted and seen of each table in the text."""
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines() if "|" in line]
    return [tuple(lines[start : start + 3]) for start in range(0, len(lines), 3)]


def cut(contributions, known=EVENTS, past=()):
    return release(contributions, known, k=K, past=past)


CATEGORIES = """
total | a  | b | c | d
20    | 12 | 5 | 3 | 0
20    | *  | * | * | *

total | a  | b | c | d
40    | 25 | 9 | 6 | 0
40    | 25 | * | * | *

total | a  | b  | c | d
30    | 14 | 12 | 4 | 0
30    | 14 | *  | * | *

total | a  | b  | c  | d
44    | 11 | 11 | 11 | 11
44    | 11 | 11 | 11 | 11

total | a | b | c | d
10    | 4 | 3 | 2 | 1
*     | * | * | * | *
"""


@pytest.mark.parametrize(("heads", "counted", "seen"), parsed(CATEGORIES), ids=lambda line: " ".join(line))
def test_small_categories_hide_behind_each_other_or_take_a_large_one_with_them(heads, counted, seen):
    total, *cells = map(int, counted)
    by = {"kind": dict(zip(heads[1:], cells, strict=True))}
    shown = rows(cut([contribution(site("s"), JANUARY, events=(total, by))]))
    path = "site/s/2026-01/events"
    assert [shown[path], *(shown[f"{path}/kind/{code}"] for code in heads[1:])] == seen


OPERATORS = """
nyc | ri | sf | all
55  | 8  | 14 | 77
55  | *  | 14 | *

nyc | ri | sf | all
55  | 8  | 9  | 72
55  | *  | *  | *

nyc | ri | sf | all
9   | 8  | 7  | 24
*   | *  | *  | 24
"""


@pytest.mark.parametrize(("heads", "counted", "seen"), parsed(OPERATORS), ids=lambda line: " ".join(line))
def test_an_operator_that_subtracts_itself_learns_nobody_elses_small_count(heads, counted, seen):
    given = [
        contribution(site(name), JANUARY, events=int(value)) for name, value in zip(heads[:3], counted, strict=False)
    ]
    shown = rows(cut(given))
    assert [*(shown[f"site/{name}/2026-01/events"] for name in heads[:3]), shown["all/all/2026-01/events"]] == seen


IN_TURN = """
Jan | Feb | Mar | quarter
6   | 14  | 7   | 27
*   | 14  | *   | 27

Jan | Feb | Mar | quarter
3   | 14  | 7   | 24
*   | 14  | *   | *
"""


@pytest.mark.parametrize(("heads", "counted", "seen"), parsed(IN_TURN), ids=lambda line: " ".join(line))
def test_months_that_are_cut_in_turn_leave_the_quarter_out_where_it_would_tell(heads, counted, seen):
    place, given, past, table = site("s"), [], [], None
    for month, count in zip(MonthRange.parse("2026-01..2026-03"), counted, strict=False):
        given.append(contribution(place, month, events=int(count)))
        table = cut(given, past=past)
        past.append(told(table))
    shown = rows(table)
    assert [shown[f"site/s/{period}/events"] for period in ("2026-01", "2026-02", "2026-03", "2026-Q1")] == seen


def test_a_hidden_month_beside_a_public_one_needs_another_hidden_or_no_quarter():
    place = site("s")
    given = [contribution(place, Month(2026, n), events=count) for n, count in ((1, 8), (2, 14))]
    first = cut(given)
    shown = rows(cut([*given, contribution(place, Month(2026, 3), events=15)], past=[told(first)]))
    assert shown["site/s/2026-01/events"] == "*"
    assert shown["site/s/2026-02/events"] == "14"
    assert "*" in (shown["site/s/2026-03/events"], shown["site/s/2026-Q1/events"])


@pytest.mark.parametrize(("months", "year"), [([1] * 12, "12"), ([1] * 10 + [0, 0], "*"), ([0] * 12, "0")])
def test_months_too_small_to_show_come_back_as_a_year(months, year):
    place = site("s")
    shown = rows(cut([contribution(place, Month(2026, n + 1), events=count) for n, count in enumerate(months)]))
    assert shown["site/s/2026/events"] == year
    assert {shown[f"site/s/2026-{n:02}/events"] for n in range(1, 13)} == {"*"}


RULES = """
overdoses | naloxone
11        | 4
11        | *

overdoses | naloxone
10        | 4
*         | *

overdoses | naloxone
30        | 12
30        | 12
"""


@pytest.mark.parametrize(("heads", "counted", "seen"), parsed(RULES), ids=lambda line: " ".join(line))
def test_a_rule_between_indicators_is_knowledge_too(heads, counted, seen):
    known = dictionary([indicator(name) for name in heads], [compare("naloxone <= overdoses")])
    given = dict(zip(heads, map(int, counted), strict=True))
    shown = rows(cut([contribution(site("s"), JANUARY, **given)], known))
    assert [shown[f"site/s/2026-01/{name}"] for name in heads] == seen


LATE = """
nyc | ri | sf | all
55  |    | 14 | 69
55  |    | 14 | 69

nyc | ri | sf | all
55  | 8  | 14 | 77
55  | *  | 14 | *
"""


def test_a_late_site_hides_the_new_total_and_the_old_one_stands():
    nyc, ri, sf = (site(name) for name in ("nyc", "ri", "sf"))
    (_, _, before), (_, _, after) = parsed(LATE)
    given = [contribution(nyc, JANUARY, events=55), contribution(sf, JANUARY, events=14)]
    first = cut(given)
    second = cut([*given, contribution(ri, JANUARY, events=8)], past=[told(first)])
    for table, expected in ((first, before), (second, after)):
        shown = rows(table)
        names = ("site/nyc", "site/ri", "site/sf", "all/all")
        assert [shown.get(f"{name}/2026-01/events", "") for name in names] == expected


CORRECTED = """
before | after | shown
14     | 17    | 14
14     | 3     | *
14     | 25    | 25
40     | 45    | 40
40     | 29    | 29
40     | 40    | 40
"""


@pytest.mark.parametrize(
    "line", [[cell.strip() for cell in line.split("|")] for line in CORRECTED.strip().splitlines()[1:]], ids=" ".join
)
def test_a_small_correction_waits_and_a_large_one_is_made(line):
    before, after, shown = line
    place = site("s")
    first = cut([contribution(place, JANUARY, events=int(before))])
    second = cut([contribution(place, JANUARY, revision=2, events=int(after))], past=[told(first)])
    assert rows(second)["site/s/2026-01/events"] == shown
    waits = before != after and shown == before
    expected = Inclusion.CORRECTION_PENDING if waits else Inclusion.INCLUDED
    assert second.inclusions == {("s", JANUARY): expected}


TIED = """
overdoses | naloxone | overdoses after | naloxone after | overdoses shown | naloxone shown
11        | 4        | 23              | 8              | 11              | *
40        | 20       | 60              | 25             | 40              | 20
40        | 20       | 60              | 31             | 60              | 31
40        | 20       | 60              | 20             | 60              | 20
"""


@pytest.mark.parametrize(
    "line", [[cell.strip() for cell in line.split("|")] for line in TIED.strip().splitlines()[1:]], ids=" ".join
)
def test_counts_that_a_rule_joins_are_corrected_together_or_wait_together(line):
    known = dictionary([indicator("overdoses"), indicator("naloxone")], [compare("naloxone <= overdoses")])
    overdoses, naloxone, overdoses_after, naloxone_after = map(int, line[:4])
    place = site("s")
    first = cut([contribution(place, JANUARY, overdoses=overdoses, naloxone=naloxone)], known)
    corrected = contribution(place, JANUARY, revision=2, overdoses=overdoses_after, naloxone=naloxone_after)
    shown = rows(cut([corrected], known, past=[told(first)]))
    assert [shown["site/s/2026-01/overdoses"], shown["site/s/2026-01/naloxone"]] == line[4:]


def test_a_breakdown_in_which_a_category_moved_a_little_is_withheld_though_its_total_is_corrected():
    place = site("s")
    first = cut([contribution(place, JANUARY, events=(60, {"kind": {"a": 30, "b": 30, "c": 0, "d": 0}}))])
    after = contribution(place, JANUARY, revision=2, events=(80, {"kind": {"a": 48, "b": 32, "c": 0, "d": 0}}))
    shown = rows(cut([after], past=[told(first)]))
    assert shown["site/s/2026-01/events"] == "80"
    assert {shown[f"site/s/2026-01/events/kind/{code}"] for code in "abcd"} == {"*"}


def test_a_withdrawn_report_takes_no_published_number_with_it():
    nyc, ri, sf = (site(name, city="bay") for name in ("nyc", "ri", "sf"))
    given = [
        contribution(nyc, JANUARY, events=55),
        contribution(ri, JANUARY, events=8),
        contribution(sf, JANUARY, events=9),
    ]
    first = cut(given)
    shown = rows(
        cut(
            given[::2],
            past=[told(first)],
        )
    )
    assert "site/ri/2026-01/events" not in shown
    assert shown["site/nyc/2026-01/events"] == "55"
    assert rows(first)["city/bay/2026-01/events"] == "*" or shown["city/bay/2026-01/events"] == "*"
