"""Random stories of up to four releases, protected by the engine and attacked by somebody else's mathematics."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import inf

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from disclosure.engine import protect
from domain.periods import Month
from domain.refusals import ReleaseRefused
from domain.release import Contribution, Observation, PastRelease, ProtectedTable
from domain.report import Reported
from tests.attacks.independent import PERSONAL, USES, Atom, Attack, counts_of, name_of
from tests.attacks.stories import KNOWN, K, Story, stories
from tests.disclosure.builders import contribution, operators, site, told

PROTECTED = (*PERSONAL, *USES)


def releases_of(story: Story) -> tuple[list[ProtectedTable], int]:
    """The releases up to the first that is refused, and how many are refused."""
    agreed = operators(story.sites, **story.stricter)
    tables: list[ProtectedTable] = []
    past: list[PastRelease] = []
    keys = {"sites": story.sites, "operators": agreed, "dictionaries": {"test": KNOWN}, "k": K}
    for accepted in story.chapters:
        try:
            tables.append(protect(accepted, past=past, **keys))
        except ReleaseRefused:
            return tables, 1
        past.append(told(tables[-1], story.sites))
    return tables, 0


def assert_true(tables: Sequence[ProtectedTable], truth: dict[Atom, int]) -> None:
    """What a release uses and shows are the counts that were sent."""
    for table in tables:
        for report in table.contributions:
            for atom, cell in counts_of(report):
                assert not isinstance(cell, Reported) or cell.value == truth[atom]


def assert_told_truly(attack: Attack) -> None:
    """Values are the sums of what contributes; bounds say no more than readers know, and contain the truth."""
    bounds: dict[tuple[Atom, ...], list[tuple[float, float]]] = {}
    for table in attack.releases:
        for row in table.observations:
            parts = attack.parts(table, row)
            value = sum(attack.truth[atom] for atom in parts)
            if row.value_status == "published":
                assert row.value == value
            elif row.value_status == "suppressed":
                upper = inf if row.upper is None else row.upper
                assert row.lower <= value <= upper
                bounds.setdefault(tuple(parts), []).append((row.lower, upper))
    for parts, told_ in bounds.items():
        lower, upper = max(low for low, _ in told_), min(high for _, high in told_)
        terms = dict.fromkeys(parts, 1)
        assert lower == 0 or attack.end(terms, 1) >= lower
        assert upper == inf or attack.end(terms, -1) <= upper


def assert_safe(attack: Attack) -> None:
    """No small count of somebody else, in no revision, alone or in a sum, and no small change is narrowed."""
    for atom in attack.others(attack.bounds_sent):
        k = attack.thresholds[attack.operator_of[atom[0]]]
        if atom[3].split("/")[0] in PROTECTED and 0 < attack.truth[atom] < k:
            assert attack.is_apart({atom: 1}, k), (attack.operator, atom)
    for table in attack.releases:
        for row in table.observations:
            if row.value_status == "suppressed" and row.indicator in PROTECTED:
                assert_safe_sum(attack, table, row)
    assert_safe_changes(attack)


def assert_safe_sum(attack: Attack, table: ProtectedTable, row: Observation) -> None:
    parts = attack.parts(table, row)
    others = attack.others(parts)
    k = max(attack.thresholds[attack.operator_of[atom[0]]] for atom in parts)
    value, foreign = (sum(attack.truth[atom] for atom in atoms) for atoms in (parts, others))
    if others and (0 < value < k or 0 < foreign < k):
        terms = dict.fromkeys(others, 1)
        # Where everybody else is known to be zero the sum is the attacker's own.
        if foreign or attack.end(terms, -1):
            assert attack.is_apart(terms, k), (attack.operator, row.level, row.unit, row.period, name_of(row))


def assert_safe_changes(attack: Attack) -> None:
    revisions: dict[tuple[str, str, str], list[Atom]] = {}
    for atom in sorted(attack.others(attack.bounds_sent)):
        if attack.bounds_sent[atom] is None and atom[3].split("/")[0] in PERSONAL:
            revisions.setdefault((atom[0], atom[1], atom[3]), []).append(atom)
    for atoms in revisions.values():
        k = attack.thresholds[attack.operator_of[atoms[0][0]]]
        for before, after in zip(atoms, atoms[1:], strict=False):
            if 0 < abs(attack.truth[after] - attack.truth[before]) < k:
                assert attack.is_apart({after: 1, before: -1}, k), (attack.operator, before, after)


def tell(count: int, *, derandomize: bool, correcting: bool = False) -> Counter:
    """Tell so many stories and attack each; what came of them."""
    counted: Counter = Counter()

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=derandomize,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(stories(correcting=correcting))
    def attacked(story: Story) -> None:
        assume(story.chapters)
        tables, refused = releases_of(story)
        counted.update(stories=1, releases=len(tables), refused=refused, **{f"of {len(story.chapters)} releases": 1})
        assert_true(tables, story.truth)
        for attacker in ("", *sorted({s.operator for s in story.sites})) if tables else ():
            attack = Attack(tables, story.truth, story.thresholds, attacker)
            assert_safe(attack)
            if not attacker:
                assert_told_truly(attack)
        rows = [row for table in tables for row in table.observations]
        counted.update(f"{row.value_status} rows" for row in rows)

    attacked()
    return counted


def test_nobody_narrows_a_small_count_or_a_small_change_of_somebody_else():
    counted = tell(20, derandomize=True)
    assert counted["refused"] * 10 < counted["releases"], "the property is worth nothing where everything is refused"
    assert counted["published rows"] * 2 > counted["suppressed rows"]


def test_nobody_learns_a_small_change_from_corrections():
    counted = tell(60, derandomize=True, correcting=True)
    assert counted["refused"] * 10 < counted["releases"]


@pytest.mark.sweep
@pytest.mark.parametrize("correcting", [False, True])
def test_nobody_narrows_anything_in_many_stories(correcting: bool, capsys: pytest.CaptureFixture):
    count = 10 * int(os.environ.get("SWEEP_EXAMPLES", "50"))
    counted = tell(count, derandomize=False, correcting=correcting)
    with capsys.disabled():
        print("of corrections" if correcting else "of all kinds", dict(counted))
    assert counted["refused"] * 10 < counted["releases"]


def test_the_attack_itself_finds_a_count_that_is_hidden_alone():
    places = [site("s1", "o1", "c1"), site("s2", "o2", "c1")]
    counts = [("events", 30, 20, 10), ("events", 3, 3, 0)]
    made: list[Contribution] = [
        contribution(at, Month(2026, 1), **{name: (total, {"kind": {"a": a, "b": b}})})
        for at, (name, total, a, b) in zip(places, counts, strict=True)
    ]
    keys = {"sites": places, "operators": operators(places), "dictionaries": {"test": KNOWN}, "k": K}
    table = protect(made, **keys)
    truth = {atom: cell.value for report in made for atom, cell in counts_of(report)}
    leaking = [
        replace(row, value=33, value_status="published", lower=None, upper=None)
        if (row.level, name_of(row)) == ("city", "events")
        else row
        for row in table.observations
    ]
    assert_safe(Attack([table], truth, {"o1": K, "o2": K}, "o1"))
    with pytest.raises(AssertionError, match="s2"):
        assert_safe(Attack([replace(table, observations=tuple(leaking))], truth, {"o1": K, "o2": K}, "o1"))
