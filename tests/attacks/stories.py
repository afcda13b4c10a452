"""Stories made up at random: a small federation, and what is accepted before each of its releases.

Sites report late, correct their reports, a little or a lot, and withdraw them; operators send bounds instead
of counts, leave indicators out, and one may have a stricter k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from domain.dictionary import DisclosureClass, Kind
from domain.periods import Month
from domain.release import Contribution
from domain.report import Site
from tests.attacks.independent import AT_MOST, Atom
from tests.disclosure.builders import both_zero, breakdown, compare, contribution, dictionary, indicator, site

K = 5
KNOWN = dictionary(
    [
        indicator("visits", DisclosureClass.USE_EVENTS, (breakdown("part", "p q"), Kind.PARTITION)),
        indicator("people", DisclosureClass.PERSONS, (breakdown("drug", "m n"), Kind.MULTI)),
        indicator(
            "events",
            DisclosureClass.PERSON_EVENTS,
            (breakdown("kind", "a b"), Kind.PARTITION),
            (breakdown("place", "x y"), Kind.SUBSET),
        ),
        indicator("naloxone", core=False),
        indicator("deaths", DisclosureClass.SENTINEL),
    ],
    [*(compare(f"{small} <= {large}") for small, large in AT_MOST), both_zero("people", "visits")],
)
LAYOUTS = (
    # (site, operator, city)
    [("s1", "o1", "c1")],
    [("s1", "o1", "c1"), ("s2", "o2", "c1")],
    [("s1", "o1", "c1"), ("s2", "o1", "c1")],
    [("s1", "o1", "c1"), ("s2", "o2", "c2"), ("s3", "o3", "c2")],
    [("s1", "o1", "c1"), ("s2", "o1", "c1"), ("s3", "o2", "c2")],
)
CALENDARS = (
    # months with reports, and whether the sites are open in no others, so that the year is whole
    ([1], False),
    ([1, 2, 3], False),
    ([1, 2, 3], True),
    ([3, 4], True),
)
COUNT = st.one_of(st.integers(0, 6), st.integers(0, 25))
SHIFT = st.one_of(st.integers(-4, 4), st.integers(-25, 25))

Values = dict[str, int]


@dataclass(frozen=True)
class Story:
    """What was accepted before each release, and every count there ever was, those sent as bounds too."""

    sites: Sequence[Site]
    chapters: Sequence[Sequence[Contribution]]
    truth: Mapping[Atom, int]
    stricter: Mapping[str, int]

    @property
    def thresholds(self) -> dict[str, int]:
        return {s.operator: self.stricter.get(s.operator, K) for s in self.sites}


@st.composite
def stories(draw: st.DrawFn) -> Story:
    numbers, is_whole = draw(st.sampled_from(CALENDARS))
    months = [Month(2026, number) for number in numbers]
    sites = [site(*place) for place in draw(st.sampled_from(LAYOUTS[: 3 if len(months) > 2 else 5]))]
    if is_whole:
        sites = [replace(s, opened=months[0], closed=months[-1]) for s in sites]
    length = draw(st.integers(1, 4))
    truth: dict[Atom, int] = {}
    chapters: list[list[Contribution]] = [[] for _ in range(length)]
    for place in sites:
        for month in months:
            for chapter, report in enumerate(_life(draw, place, month, length, truth)):
                chapters[chapter] += [report] if report else []
    stricter = draw(st.sampled_from([{}, {}, {"o1": 8}, {"o2": 7}]))
    return Story(sites, [c for c in chapters if c], truth, stricter)


def _life(draw: st.DrawFn, at: Site, month: Month, length: int, truth: dict[Atom, int]) -> list[Contribution | None]:
    """One report through all releases: None before it comes and after it is withdrawn."""
    arrival = draw(st.sampled_from([0, 0, 0, *range(length)]))
    found: list[Contribution | None] = [None] * arrival
    values, bounds, revision = _report(draw), draw(_bounds()), 1
    is_there = True
    for _ in range(arrival, length):
        found.append(_sent(at, month, revision, values, bounds) if is_there else None)
        for name, value in values.items():
            truth[at.id, str(month), revision, name] = value
        happens = draw(st.sampled_from(["", "", "corrected", "corrected", "rebounded", "withdrawn"]))
        is_there = happens != "withdrawn"
        if happens in ("corrected", "rebounded"):
            revision += 1
            values = _corrected(draw, values) if happens == "corrected" else values
            bounds = draw(_bounds()) if happens == "rebounded" else bounds
    return found


@st.composite
def _bounds(draw: st.DrawFn) -> dict[str, int]:
    """The names that the operator sends as bounds, with how far above the count each bound is."""
    names = draw(st.sampled_from([[], [], [], [], ["naloxone"], ["events"], ["events/kind/a"], ["visits"], ["people"]]))
    return {name: draw(st.integers(2, 12)) for name in names}


def _report(draw: st.DrawFn) -> Values:
    parts = {name: draw(COUNT) for name in ("events/kind/a", "events/kind/b", "more")}
    values = {"people": draw(COUNT), **parts, "naloxone": draw(COUNT), "deaths": draw(st.integers(0, 2))}
    left_out = draw(st.sampled_from(["", "", "naloxone", "people", "visits", "deaths", "kind", "place"]))
    for name in ("events/place/x", "events/place/y", "people/drug/m", "people/drug/n", "visits/part/p"):
        values[name] = draw(COUNT)
    return {name: value for name, value in _lawful(values).items() if left_out not in name.split("/") or not left_out}


def _corrected(draw: st.DrawFn, before: Values) -> Values:
    changed = draw(st.lists(st.sampled_from(sorted(before)), min_size=1, max_size=3))
    values = {"more": before["visits"] - before.get("people", 0) if "visits" in before else 0, **before}
    shifted = {name: max(0, value + draw(SHIFT)) if name in changed else value for name, value in values.items()}
    return {name: value for name, value in _lawful(shifted).items() if name in before}


def _lawful(values: Values) -> Values:
    """The nearest counts that keep the rules."""
    v = {**dict.fromkeys(("people", "naloxone", "deaths"), 0), **values}
    if "events/kind/a" in v:
        v["events"] = v["events/kind/a"] + v["events/kind/b"]
    v["visits"] = v["people"] + v.pop("more", 0) if v["people"] or "people" not in values else 0
    for small, large in AT_MOST:
        v[small] = min(v[small], v[large])
    v["events/place/x"] = min(v.get("events/place/x", 0), v["events"])
    v["events/place/y"] = min(v.get("events/place/y", 0), v["events"] - v["events/place/x"])
    for name in ("people/drug/m", "people/drug/n"):
        v[name] = min(v.get(name, 0), v["people"])
    v["visits/part/p"] = min(v.get("visits/part/p", 0), v["visits"])
    v["visits/part/q"] = v["visits"] - v["visits/part/p"]
    return v


def _sent(at: Site, month: Month, revision: int, values: Values, bounds: Mapping[str, int]) -> Contribution:
    def content(name: str) -> object:
        return f"<{values[name] + bounds[name]}" if name in bounds else values[name]

    given = {}
    for name in values:
        indicator_, *category = name.split("/")
        if not category:
            by: dict[str, dict[str, object]] = {}
            for other in values:
                if other.startswith(f"{indicator_}/"):
                    _, kind, code = other.split("/")
                    by.setdefault(kind, {})[code] = content(other)
            given[indicator_] = (content(name), by)
    return contribution(at, month, revision, **given)
