"""Every table of examples.md, told to the engine: what was counted must come out as shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import pytest

from disclosure.engine import protect
from domain.dictionary import Dictionary, DisclosureClass, Kind
from domain.periods import Month
from domain.release import Contribution, Inclusion, PastRelease
from domain.report import Site
from tests.disclosure.builders import (
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
from tests.spec.disclosure.examples import Line, named, sections, tables

K = 11
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
JANUARY = Month(2026, 1)
EVENTS = dictionary(
    [indicator("events", DisclosureClass.PERSON_EVENTS, (breakdown("kind", "a b c d"), Kind.PARTITION))]
)
PEOPLE = dictionary(
    [indicator("people", DisclosureClass.PERSONS, (breakdown("gender", "women men unknown"), Kind.PARTITION))]
)
VISITS = dictionary([indicator("visits", DisclosureClass.USE_EVENTS, (breakdown("time", "day night"), Kind.PARTITION))])
NALOXONE = dictionary([indicator("overdoses"), indicator("naloxone")], [compare("naloxone <= overdoses")])
USED: set[str] = set()

Lay = Callable[[Line, int], list[Contribution]]
"""The reports that a line counts; they are those of the release of that number."""


def under(heading: str, *, whole: bool = True):
    """A test for each table under the heading; or, not whole, for each line of them."""
    USED.add(heading)
    found = tables(heading) if whole else [[line] for table in tables(heading) for line in table]
    cases = [table if whole else table[0] for table in found]
    return pytest.mark.parametrize("table" if whole else "line", cases, ids=[named(table) for table in found])


def assert_shown(
    table: list[Line],
    lay: Lay,
    paths: Mapping[str, str],
    known: Dictionary = EVENTS,
    sites: Sequence[Site] = (),
    **stricter: int,
) -> None:
    """Make the releases of a table, one for each pair of lines, and look at the cells in its columns."""
    past: list[PastRelease] = []
    for number, (counted, shown) in enumerate(zip(table[::2], table[1::2], strict=True), start=1):
        made = release(lay(counted, number), known, k=K, past=past, sites=sites, **stricter)
        past.append(told(made, sites))
        seen = rows(made)
        assert {head: seen.get(path, "") for head, path in paths.items()} == {head: shown[head] for head in paths}


def content(text: str) -> object:
    return text if text.startswith("<") else int(text)


def by_site(places: Mapping[str, Site]) -> Lay:
    """A column for each site."""
    return lambda line, number: [
        contribution(place, JANUARY, events=content(line[head])) for head, place in places.items() if line[head]
    ]


def of_site(indicator_: str, total: str, by: str, codes: Mapping[str, str]) -> tuple[Lay, dict[str, str]]:
    """One site: a column for the total and one for each category; a report that changes is a new revision."""
    place, path = site("s"), f"site/s/2026-01/{indicator_}"

    def lay(line: Line, number: int) -> list[Contribution]:
        cells = {code: int(line[head]) for head, code in codes.items()}
        return [contribution(place, JANUARY, number, **{indicator_: (int(line[total]), {by: cells} if by else {})})]

    return lay, {total: path, **{head: f"{path}/{by}/{code}" for head, code in codes.items()}}


def by_month(place: Site) -> Lay:
    """A column for each month."""
    return lambda line, number: [
        contribution(place, Month(2026, MONTHS.index(head) + 1), events=int(line[head]))
        for head in MONTHS
        if line.get(head)
    ]


PERIODS = {**{head: f"site/s/2026-{n:02}/events" for n, head in enumerate(MONTHS, start=1)}}
SITES = {name: site(name) for name in ("nyc", "ri", "sf")}
BAY = {name: site(name, city="bay") for name in ("first", "second", "third")}
OF_SITE = {name: f"site/{name}/2026-01/events" for name in (*SITES, *BAY, "strict", "other")}
ALL, CITY = "all/all/2026-01/events", "city/bay/2026-01/events"


@under("From eleven on a count is shown", whole=False)
def test_a_count_by_itself(line):
    made = release([contribution(site("s"), JANUARY, events=int(line["counted"]))], EVENTS, k=K)
    assert set(rows(made).values()) == {line["shown"]}


@under("An operator whose regulator asks for more is given more")
def test_a_stricter_operator(table):
    places = {"strict": site("strict", "careful"), "other": site("other")}
    paths = {head: OF_SITE[head] for head in places} | {"all": ALL}
    assert_shown(table, by_site(places), paths, careful=20)


@under("Small categories hide behind each other, or take a large one with them")
def test_categories(table):
    lay, paths = of_site("events", "total", "kind", {code: code for code in "abcd"})
    assert_shown(table, lay, paths)


@under("Where everybody is of one category the breakdown is withheld")
def test_everybody_of_one_category(table):
    lay, paths = of_site("people", "total", "gender", {code: code for code in ("women", "men", "unknown")})
    assert_shown(table, lay, paths, PEOPLE)


@under("An operator that subtracts its own counts learns no small count of another")
def test_operators(table):
    assert_shown(table, by_site(SITES), {name: OF_SITE[name] for name in SITES} | {"all": ALL})


@under("A site that has nothing to add gives its neighbour away to nobody")
def test_an_empty_neighbour(table):
    places = {name: replace(BAY[name], opened=JANUARY, closed=Month(2026, 3)) for name in ("first", "second")}
    paths = {"city year": "city/bay/2026/events"}
    for name in places:
        paths |= {f"{name} {month}": f"site/{name}/2026-0{n}/events" for n, month in enumerate(MONTHS[:3], start=1)}
        paths[f"{name} year"] = f"site/{name}/2026/events"

    def lay(line: Line, number: int) -> list[Contribution]:
        return [
            contribution(place, Month(2026, n), events=int(line[f"{name} {month}"]))
            for name, place in places.items()
            for n, month in enumerate(MONTHS[:3], start=1)
        ]

    assert_shown(table, lay, paths)


BOUNDS = "What an operator sends as a bound is hidden, and so is every sum with it"


@under(BOUNDS)
def test_bounds(table):
    if "sent" in table[0]:
        for line in table:
            made = release([contribution(site("s"), JANUARY, events=line["sent"])], EVENTS, k=K)
            (row,) = (row for row in made.observations if row.level == "site")
            assert f"{row.lower} {'or more' if row.upper is None else f'to {row.upper}'}" == line["told"]
    else:
        places = {name: BAY[name] for name in ("first", "second")}
        assert_shown(table, by_site(places), {name: OF_SITE[name] for name in places} | {"city": CITY})


AGREED = {
    "nothing": "none",
    "the year of all sites": "all_year",
    "the year of each site": "site_year",
    "the month of each site": "site_month",
}


@under("Deaths are shown as agreed in advance, whatever they are", whole=False)
def test_deaths(line):
    place, known = site("s"), dictionary([indicator("deaths", DisclosureClass.SENTINEL), indicator("events")])
    given = [contribution(place, Month(2026, n), deaths=1, events=30) for n in range(1, 13)]
    agreed = operators([place], AGREED[line["agreed"]])
    seen = rows(protect(given, sites=[place], operators=agreed, dictionaries={"test": known}, k=K))
    paths = {
        "January": "site/s/2026-01/deaths",
        "year": "site/s/2026/deaths",
        "year of all sites": "all/all/2026/deaths",
    }
    assert {head: seen.get(path, "") for head, path in paths.items()} == {head: line[head] for head in paths}


@under("Uses of a site: a closed month is shown to be closed")
def test_uses(table):
    lay, paths = of_site("visits", "visits", "time", {"in the day": "day", "at night": "night"})
    assert_shown(table, lay, paths, VISITS)


@under("Months that are released in turn may leave the quarter out")
def test_months_in_turn(table):
    paths = {head: PERIODS[head] for head in MONTHS[:3]} | {"quarter": "site/s/2026-Q1/events"}
    assert_shown(table, by_month(site("s")), paths)


@under("Months too small to show come back as a year")
def test_a_year(table):
    assert_shown(table, by_month(site("s")), PERIODS | {"year": "site/s/2026/events"})


@under("A rule that every report keeps is knowledge too")
def test_a_rule(table):
    names = ("overdoses", "naloxone")

    def lay(line: Line, number: int) -> list[Contribution]:
        return [contribution(site("s"), JANUARY, **{name: int(line[name]) for name in names})]

    assert_shown(table, lay, {name: f"site/s/2026-01/{name}" for name in names}, NALOXONE)


@under("A late site hides the new total, and the old one stands")
def test_a_late_site(table):
    assert_shown(table, by_site(SITES), {name: OF_SITE[name] for name in SITES} | {"all": ALL})


def corrected(before: Mapping[str, int], after: Mapping[str, int], known: Dictionary):
    """The second release, with the report of one site corrected after the first."""
    place = site("s")
    first = release([contribution(place, JANUARY, **before)], known, k=K)
    return release([contribution(place, JANUARY, 2, **after)], known, k=K, past=[told(first)])


@under("A correction by a few persons waits, a larger one is made", whole=False)
def test_a_correction(line):
    made = corrected({"events": int(line["before"])}, {"events": int(line["after"])}, EVENTS)
    assert rows(made)["site/s/2026-01/events"] == line["shown"]
    waits = {"waits": Inclusion.CORRECTION_PENDING, "is made": Inclusion.INCLUDED}
    assert made.inclusions == {("s", JANUARY): waits[line["the correction"]]}


@under("Corrections that wait add up until there are enough, or none")
def test_corrections_in_turn(table):
    lay, paths = of_site("events", "count", "", {})
    assert_shown(table, lay, paths)


@under("What a rule joins is corrected together or waits together", whole=False)
def test_joined_corrections(line):
    names = ("overdoses", "naloxone")
    before, after = ({name: int(line[f"{name}{when}"]) for name in names} for when in ("", " after"))
    shown = rows(corrected(before, after, NALOXONE))
    assert [shown[f"site/s/2026-01/{name}"] for name in names] == [line[f"{name} shown"] for name in names]


@under("A breakdown in which a category moved a little is withheld, though its total is corrected")
def test_a_correction_within(table):
    lay, paths = of_site("events", "total", "kind", {code: code for code in "abcd"})
    assert_shown(table, lay, paths)


@under("A withdrawn report takes no published number with it")
def test_a_withdrawn_report(table):
    paths = {name: OF_SITE[name] for name in BAY} | {"city": CITY}
    assert_shown(table, by_site(BAY), paths, sites=list(BAY.values()))


@cache
def version(name: str, definition: str) -> Dictionary:
    """A dictionary that defines events so."""
    return replace(dictionary([replace(indicator("events"), definition=definition)]), version=name)


@under("A new version of the dictionary counts on where it counts the same", whole=False)
def test_two_versions(line):
    places = {name: BAY[name] for name in ("first", "second")}
    known = {"1": version("1", "unchanged"), "2": version("2", line["definition"])}
    given = []
    for (name, place), used in zip(places.items(), known, strict=True):
        report = contribution(place, JANUARY, events=int(line[name]))
        given.append(replace(report, report=replace(report.report, dictionary=used)))
    agreed = operators(places.values())
    seen = rows(protect(given, sites=list(places.values()), operators=agreed, dictionaries=known, k=K))
    paths = {name: OF_SITE[name] for name in places} | {"city": CITY}
    assert {head: seen.get(path, "") for head, path in paths.items()} == {head: line[head] for head in paths}


def test_every_table_is_told():
    assert sections().keys() == USED
    assert all(tables(heading) for heading in USED)
