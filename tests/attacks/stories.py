"""Stories made up at random: a small federation, and what is accepted before each of its releases.

Sites report late, correct their reports, a little or a lot, and withdraw them; operators send bounds instead
of counts, leave indicators out, and one may have a stricter k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from domain.dictionary import DisclosureClass, Kind
from domain.periods import Month, PeriodKind
from domain.release import Contribution
from domain.report import Site
from tests.attacks.independent import AT_MOST, Atom
from tests.disclosure.builders import both_zero, breakdown, compare, contribution, dictionary, indicator, site

K = 5
KNOWN = dictionary(
    [
        indicator("visits", DisclosureClass.USE_EVENTS, (breakdown("part", "p q"), Kind.PARTITION)),
        indicator("participants_unique", DisclosureClass.PERSONS, (breakdown("drug", "m n"), Kind.MULTI)),
        indicator(
            "events",
            DisclosureClass.PERSON_EVENTS,
            (breakdown("kind", "a b"), Kind.PARTITION),
            (breakdown("place", "x y"), Kind.SUBSET),
        ),
        indicator("quarter_unique", DisclosureClass.PERSONS, window=PeriodKind.QUARTER),
        indicator("naloxone", core=False),
        indicator("deaths", DisclosureClass.SENTINEL),
    ],
    [*(compare(f"{small} <= {large}") for small, large in AT_MOST), both_zero("participants_unique", "visits")],
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
LARGE = st.integers(5, 40)
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
def stories(draw: st.DrawFn, *, correcting: bool = False) -> Story:
    """A story; or, `correcting`, one of one month with large counts, of which some are corrected every time."""
    numbers, is_whole = draw(st.sampled_from(CALENDARS[:1] if correcting else CALENDARS))
    months = [Month(2026, number) for number in numbers]
    sites = [site(*place) for place in draw(st.sampled_from(LAYOUTS[: 3 if len(months) > 2 else 5]))]
    if is_whole:
        sites = [replace(s, opened=months[0], closed=months[-1]) for s in sites]
    length = draw(st.integers(2 if correcting else 1, 4))
    truth: dict[Atom, int] = {}
    chapters: list[list[Contribution]] = [[] for _ in range(length)]
    for place in sites:
        for month in months:
            life = _Life(draw, place, month, length, truth, LARGE if correcting else COUNT, correcting)
            for chapter, report in enumerate(life.reports()):
                chapters[chapter] += [report] if report else []
    stricter = draw(st.sampled_from([{}, {}, {"o1": 8}, {"o2": 7}]))
    return Story(sites, [c for c in chapters if c], truth, stricter)


@dataclass(frozen=True)
class _Life:
    """The life of one report, and how its counts are drawn."""

    draw: st.DrawFn
    at: Site
    month: Month
    length: int
    truth: dict[Atom, int]
    count: st.SearchStrategy[int]
    correcting: bool

    def reports(self) -> list[Contribution | None]:
        """The report as accepted before each release: None before it comes and after it is withdrawn."""
        draw = self.draw
        arrival = draw(st.sampled_from([0, 0, 0, *range(self.length)]))
        found: list[Contribution | None] = [None] * arrival
        values, bounds, revision = self._first(), {} if self.correcting else draw(_bounds()), 1
        is_there = True
        for _ in range(arrival, self.length):
            found.append(_sent(self.at, self.month, revision, values, bounds) if is_there else None)
            for name, value in values.items():
                self.truth[self.at.id, str(self.month), revision, name] = value
            happens = draw(st.sampled_from(["", "", "corrected", "corrected", "rebounded", "withdrawn"]))
            happens = "corrected" if self.correcting else happens
            is_there = happens != "withdrawn"
            if happens in ("corrected", "rebounded"):
                revision += 1
                values = self._corrected(values) if happens == "corrected" else values
                bounds = draw(_bounds()) if happens == "rebounded" else bounds
        return found

    def _first(self) -> Values:
        values = {
            name: self.draw(self.count) for name in ("events/kind/a", "events/kind/b", "more", "participants_unique")
        }
        values |= {"naloxone": self.draw(self.count), "deaths": self.draw(st.integers(0, 2))}
        left_out = self.draw(
            st.sampled_from(["", "", "naloxone", "participants_unique", "visits", "deaths", "kind", "place"])
        )
        for name in (
            "events/place/x",
            "events/place/y",
            "participants_unique/drug/m",
            "participants_unique/drug/n",
            "visits/part/p",
        ):
            values[name] = self.draw(self.count)
        values = _lawful(values)
        if self.month.number == 3:
            values["quarter_unique"] = values["participants_unique"] + self.draw(self.count)
        return {name: value for name, value in values.items() if left_out not in name.split("/")}

    def _corrected(self, before: Values) -> Values:
        changed = self.draw(st.lists(st.sampled_from(sorted(before)), min_size=1, max_size=3))
        values = {
            "more": before["visits"] - before.get("participants_unique", 0) if "visits" in before else 0,
            **before,
        }
        shifted = {name: max(0, v + self.draw(SHIFT)) if name in changed else v for name, v in values.items()}
        return {name: value for name, value in _lawful(shifted).items() if name in before}


@st.composite
def _bounds(draw: st.DrawFn) -> dict[str, int]:
    """The names that the operator sends as bounds, with how far above the count each bound is."""
    names = draw(
        st.sampled_from(
            [[], [], [], [], ["naloxone"], ["events"], ["events/kind/a"], ["visits"], ["naloxone", "visits"]]
        )
    )
    return {name: draw(st.integers(2, 12)) for name in names}


def _lawful(values: Values) -> Values:
    """The nearest counts that keep the rules."""
    v = {**dict.fromkeys(("participants_unique", "naloxone", "deaths"), 0), **values}
    if "events/kind/a" in v:
        v["events"] = v["events/kind/a"] + v["events/kind/b"]
    v["visits"] = (
        v["participants_unique"] + v.pop("more", 0)
        if v["participants_unique"] or "participants_unique" not in values
        else 0
    )
    for small, large in AT_MOST:
        v[small] = min(v[small], v[large])
    v["events/place/x"] = min(v.get("events/place/x", 0), v["events"])
    v["events/place/y"] = min(v.get("events/place/y", 0), v["events"] - v["events/place/x"])
    for name in ("participants_unique/drug/m", "participants_unique/drug/n"):
        v[name] = min(v.get(name, 0), v["participants_unique"])
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
