"""What is hidden, in small tables: the first line is what was counted, the second what a reader sees.

k is 11; `*` is hidden. Each can be checked with pencil and paper.
"""

import pytest

from disclosure.engine import protect
from domain.dictionary import DisclosureClass, Kind
from domain.periods import Month, MonthRange
from domain.refusals import ReleaseRefused
from tests.disclosure.builders import breakdown, compare, contribution, dictionary, indicator, operators, rows, site

K = 11
JANUARY = Month(2026, 1)
KIND = breakdown("kind", "a b c d")
EVENTS = dictionary([indicator("events", DisclosureClass.PERSON_EVENTS, (KIND, Kind.PARTITION))])


def parsed(table: str) -> list[tuple[list[str], list[str], list[str]]]:
    """Heads, counted and seen of each table in the text."""
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines() if "|" in line]
    return [tuple(lines[start : start + 3]) for start in range(0, len(lines), 3)]


def release(contributions, dictionary_=EVENTS, earlier=()):
    sites = list({c.site.id: c.site for c in contributions}.values())
    return protect(contributions, sites=sites, operators=operators(sites), dictionary=dictionary_, k=K, earlier=earlier)


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
    told = rows(release([contribution(site("s"), JANUARY, events=(total, by))]))
    path = "site/s/2026-01/events"
    assert [told[path], *(told[f"{path}/kind/{code}"] for code in heads[1:])] == seen


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
    told = rows(release(given))
    assert [*(told[f"site/{name}/2026-01/events"] for name in heads[:3]), told["all/all/2026-01/events"]] == seen


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
    place, given, table = site("s"), [], None
    for month, count in zip(MonthRange.parse("2026-01..2026-03"), counted, strict=False):
        given.append(contribution(place, month, events=int(count)))
        table = release(given, earlier=table.observations if table else ())
    told = rows(table)
    assert [told[f"site/s/{period}/events"] for period in ("2026-01", "2026-02", "2026-03", "2026-Q1")] == seen


def test_a_hidden_month_beside_a_public_one_needs_another_hidden_or_no_quarter():
    place = site("s")
    given = [contribution(place, Month(2026, n), events=count) for n, count in ((1, 8), (2, 14))]
    first = release(given)
    told = rows(release([*given, contribution(place, Month(2026, 3), events=15)], earlier=first.observations))
    assert told["site/s/2026-01/events"] == "*"
    assert told["site/s/2026-02/events"] == "14"
    assert "*" in (told["site/s/2026-03/events"], told["site/s/2026-Q1/events"])


@pytest.mark.parametrize(("months", "year"), [([1] * 12, "12"), ([1] * 10 + [0, 0], "*"), ([0] * 12, "0")])
def test_months_too_small_to_show_come_back_as_a_year(months, year):
    place = site("s")
    told = rows(release([contribution(place, Month(2026, n + 1), events=count) for n, count in enumerate(months)]))
    assert told["site/s/2026/events"] == year
    assert {told[f"site/s/2026-{n:02}/events"] for n in range(1, 13)} == {"*"}


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
    told = rows(release([contribution(site("s"), JANUARY, **given)], known))
    assert [told[f"site/s/2026-01/{name}"] for name in heads] == seen


def test_a_late_site_would_change_a_published_total_and_is_refused_for_now():
    nyc, ri = site("nyc", city="east"), site("ri", city="east")
    first = release([contribution(nyc, JANUARY, events=55)])
    both = [contribution(nyc, JANUARY, events=55), contribution(ri, JANUARY, events=30)]
    with pytest.raises(ReleaseRefused) as refused:
        release(both, earlier=first.observations)
    assert "55" not in str(refused.value) + str(refused.value.items)


@pytest.mark.parametrize("corrected", [17, 45, 3])
def test_a_correction_of_a_published_count_is_refused_for_now(corrected):
    place = site("s")
    first = release([contribution(place, JANUARY, events=14)])
    with pytest.raises(ReleaseRefused):
        release([contribution(place, JANUARY, events=corrected)], earlier=first.observations)
