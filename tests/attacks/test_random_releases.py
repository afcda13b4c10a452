"""Random small federations, protected by the engine and attacked by somebody else's mathematics."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from disclosure.engine import protect
from domain.dictionary import DisclosureClass, Kind
from domain.periods import Month
from domain.refusals import ReleaseRefused
from domain.release import Contribution, ProtectedTable
from domain.report import Site
from tests.attacks.independent import Attack, name_of
from tests.disclosure.builders import (
    both_zero,
    breakdown,
    compare,
    contribution,
    dictionary,
    indicator,
    operators,
    site,
)

K = 5
KIND = breakdown("kind", "a b")
KNOWN = dictionary(
    [
        indicator("visits", DisclosureClass.USE_EVENTS),
        indicator("people", DisclosureClass.PERSONS),
        indicator("events", DisclosureClass.PERSON_EVENTS, (KIND, Kind.PARTITION)),
        indicator("naloxone"),
    ],
    [compare("naloxone <= events"), compare("people <= visits"), both_zero("people", "visits")],
)
COUNT = st.one_of(st.integers(0, 6), st.integers(0, 25))

LAYOUTS = (
    # (site, operator, city)
    [("s1", "o1", "c1")],
    [("s1", "o1", "c1"), ("s2", "o2", "c1")],
    [("s1", "o1", "c1"), ("s2", "o1", "c1")],
    [("s1", "o1", "c1"), ("s2", "o2", "c2"), ("s3", "o3", "c2")],
    [("s1", "o1", "c1"), ("s2", "o1", "c1"), ("s3", "o2", "c2")],
)


@st.composite
def federations(draw) -> list[Contribution]:
    sites = [site(*place) for place in draw(st.sampled_from(LAYOUTS))]
    months = [Month(2026, number) for number in range(1, draw(st.integers(1, 3)) + 1)]
    made = []
    for place in sites:
        for month in months:
            if draw(st.integers(0, 9)):
                a, b = draw(COUNT), draw(COUNT)
                given_ = {"events": (a + b, {"kind": {"a": a, "b": b}})}
                if draw(st.booleans()):
                    given_["naloxone"] = draw(st.integers(0, a + b))
                if draw(st.booleans()):
                    given_["people"] = draw(COUNT)
                    given_["visits"] = given_["people"] + draw(COUNT) if given_["people"] else 0
                made.append(contribution(place, month, **given_))
    assume(made)
    return made


def truth_of(contributions: list[Contribution]) -> dict[tuple[str, str, str], int]:
    found = {}
    for c in contributions:
        for name, cell in c.report.cells():
            path = "/".join(part for part in (name.indicator, name.breakdown, name.category) if part)
            found[c.site.id, str(c.month), path] = cell.value
    return found


def assert_safe(table: ProtectedTable, sites: list[Site], truth: dict, attacker: str) -> None:
    attack = Attack(table.observations, sites, truth, attacker)
    for row in table.observations:
        if row.value_status == "published":
            assert row.value == sum(truth[atom] for atom in attack.parts(row))
            continue
        others = attack.others(row)
        value, foreign = (sum(truth[atom] for atom in atoms) for atoms in (attack.parts(row), others))
        if not attacker:
            low, high = attack.interval(others)
            assert row.lower <= low, "a bound must not say more than is known"
            assert row.upper is None or row.upper >= high
            assert row.lower <= value
            assert row.upper is None or row.upper >= value
        if 0 < value < K and foreign:
            low, high = attack.interval(others)
            assert high - low >= K, (attacker, row.level, row.unit, row.period, name_of(row))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(federations())
def test_nobody_narrows_a_small_count_of_somebody_else(contributions: list[Contribution]):
    sites = list({c.site.id: c.site for c in contributions}.values())
    try:
        table = protect(contributions, sites=sites, operators=operators(sites), dictionary=KNOWN, k=K)
    except ReleaseRefused:
        return
    truth = truth_of(contributions)
    for attacker in ("", *sorted({s.operator for s in sites})):
        assert_safe(table, sites, truth, attacker)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(federations())
def test_a_second_release_that_is_not_refused_adds_and_never_changes(contributions: list[Contribution]):
    months = sorted({c.month for c in contributions})
    assume(len(months) > 1)
    sites = list({c.site.id: c.site for c in contributions}.values())
    first = [c for c in contributions if c.month < months[-1]]
    keys = {"sites": sites, "operators": operators(sites), "dictionary": KNOWN, "k": K}
    try:
        earlier = protect(first, **keys).observations
        table = protect(contributions, earlier=earlier, **keys)
    except ReleaseRefused:
        return
    told = {row.key: (row.value, row.value_status) for row in table.observations}
    assert all(told[row.key] == (row.value, row.value_status) for row in earlier)
    truth = truth_of(contributions)
    for attacker in ("", *sorted({s.operator for s in sites})):
        assert_safe(table, sites, truth, attacker)


def test_hardly_anything_is_refused():
    """The properties above are worth nothing if the engine refuses everything."""
    place, other = site("s1", "o1", "c1"), site("s2", "o2", "c1")
    counted = (9, {"kind": {"a": 6, "b": 3}})
    made = [contribution(s, Month(2026, n), events=counted) for s in (place, other) for n in (1, 2, 3)]
    table = protect(made, sites=[place, other], operators=operators([place, other]), dictionary=KNOWN, k=K)
    statuses = [row.value_status for row in table.observations]
    assert statuses.count("published") >= 8


def test_the_attack_itself_finds_a_count_that_is_hidden_alone():
    place, other = site("s1", "o1", "c1"), site("s2", "o2", "c1")
    january = Month(2026, 1)
    made = [contribution(place, january, events=(30, {"kind": {"a": 20, "b": 10}}))]
    made.append(contribution(other, january, events=(3, {"kind": {"a": 3, "b": 0}})))
    truth, sites = truth_of(made), [place, other]
    table = protect(made, sites=sites, operators=operators(sites), dictionary=KNOWN, k=K)
    leaking = [
        replace(row, value=33, value_status="published", lower=None, upper=None)
        if (row.level, name_of(row)) == ("city", "events")
        else row
        for row in table.observations
    ]
    with pytest.raises(AssertionError, match="s2"):
        assert_safe(replace(table, observations=tuple(leaking)), sites, truth, "o1")
