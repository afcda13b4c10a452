"""Which months of a release hang together, and which parts are told as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from disclosure.engine import protect
from disclosure.policy import Policy
from disclosure.publication.assemble import Assembly
from disclosure.publication.history import History
from disclosure.publication.parts import Partition
from disclosure.publication.relations import relate
from domain.dictionary import Dictionary, DisclosureClass
from domain.periods import Month, PeriodKind
from domain.refusals import ReleaseRefused
from domain.release import Contribution, PastRelease, ProtectedTable
from domain.report import Site
from tests.attacks.stories import KNOWN, K, Story, stories
from tests.disclosure.builders import Check, contribution, dictionary, indicator, operators, release, rows, site, told

EVENTS = dictionary([indicator("events")])
PERSONS_OF_QUARTER = dictionary(
    [indicator("events"), indicator("ever", DisclosureClass.PERSONS, window=PeriodKind.QUARTER)]
)
STOCK = dictionary(
    [indicator("events"), indicator("ever", DisclosureClass.PERSONS)],
    [Check("falls", True, needs_history=True, parameters={"indicator": "ever"})],
)
EAST, WEST = site("east", city="c"), site("west", city="c")


def month(number: int) -> Month:
    return Month(2026, number)


def months_of(table: ProtectedTable) -> list[list[int]]:
    return [[m.number for m in part.months] for part in table.parts]


def of_events(*numbers: int, at: Site = EAST) -> list[Contribution]:
    return [contribution(at, month(number), events=30 + number) for number in numbers]


def cut(reports: Sequence[Contribution], *past: PastRelease, known: Dictionary = EVENTS, k: int = 5) -> ProtectedTable:
    return release(reports, known, k=k, past=past)


@pytest.mark.parametrize(
    ("given_", "parts"),
    [
        ([1, 2], [[1], [2]]),
        ([1, 2, 3], [[1, 2, 3]]),
        ([2, 3, 4], [[2, 3], [4]]),
        ([1, 2, 4, 5], [[1], [2], [4], [5]]),
        ([1, 2, 5, 12], [[1, 2, 5, 12]]),
    ],
)
def test_months_hang_together_once_rows_of_their_quarter_or_year_can_be_told(given_, parts):
    assert months_of(cut(of_events(*given_))) == parts


def test_a_quarter_without_months_after_a_site_has_closed_is_whole():
    closed = replace(EAST, closed=month(2))
    assert months_of(cut(of_events(1, 2, at=closed))) == [[1, 2]]


def test_a_stock_ties_months_until_everybody_knows_it():
    given_ = [contribution(EAST, month(number), ever=100 * number) for number in (1, 2, 4)]
    first = cut(given_[:2], known=STOCK)
    assert months_of(first) == [[1, 2]]
    second = cut(given_, told(first), known=STOCK)
    assert months_of(second) == [[1], [2], [4]], "both are published, and so is what lies between them"
    small = [contribution(EAST, month(1), ever=2), given_[1]]
    hidden = told(cut(small[:1], known=STOCK))
    assert months_of(cut(small, hidden, known=STOCK)) == [[1, 2]]
    corrected = [contribution(EAST, month(1), 2, ever=130), *given_[1:]]
    assert months_of(cut(corrected, told(first), known=STOCK)) == [[1, 2], [4]]


def test_what_a_published_stock_grew_by_is_protected_in_the_part_of_the_next_month():
    known = dictionary([indicator("ever", DisclosureClass.PERSONS)], STOCK.rules[0].checks)
    first = cut([contribution(EAST, month(1), ever=560)], known=known)
    second = cut([contribution(EAST, month(n), ever=v) for n, v in ((1, 560), (2, 562))], told(first), known=known)
    assert months_of(second) == [[1], [2]]
    assert rows(second) == {"site/east/2026-01/ever": "560", "site/east/2026-02/ever": "*"}


def test_a_part_of_which_nothing_is_new_is_told_as_it_was():
    first = cut([*of_events(1), *of_events(1, at=WEST)])
    marked = replace(first.observations[0], value=-1)
    past = replace(told(first), rows=lambda months: iter([marked, *first.observations[1:]]))
    second = cut([*of_events(1, 2), *of_events(1, at=WEST)], past)
    assert second.parts[0] is first.parts[0]
    assert marked in second.observations
    assert [row.period for row in second.observations if row.unit == "all"] == ["2026-01", "2026-02"]


def test_the_summary_of_the_attack_counts_all_parts():
    made = [contribution(EAST, month(number), events=3) for number in (1, 2)]
    alone, both = cut(made[:1]), cut(made)
    assert both.attack.cells == 2 * alone.attack.cells > 0
    assert both.attack.minimum_width == alone.attack.minimum_width
    assert both.attack.attackers == ("anyone", "east-op")


@pytest.mark.parametrize(
    "change",
    [
        lambda reports, past: cut(reports, past, k=6),
        lambda reports, past: cut(reports, replace(past, is_withheld=True)),
        lambda reports, past: cut([*reports, *of_events(1, at=WEST)], past),
        lambda reports, past: cut([contribution(EAST, month(1), 2, events=90)], past),
        lambda reports, past: release(reports, EVENTS, k=5, past=[past], sites=[WEST]),
        lambda reports, past: release(reports, EVENTS, k=5, past=[past], **{EAST.operator: 9}),
    ],
    ids=["k", "a retraction", "a late site", "a correction", "a site without a report", "a stricter operator"],
)
def test_whatever_rows_depend_on_has_them_proved_anew(change):
    reports = of_events(1)
    first = told(cut(reports))
    told_again = cut(reports, first)
    assert told_again.parts[0] is first.parts[0], "or else the rest says nothing"
    assert change(reports, first).parts[0] is not first.parts[0]


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(stories())
def test_no_relation_ties_hidden_counts_of_two_parts(story: Story):
    agreed = operators(story.sites, **story.stricter)
    past: list[PastRelease] = []
    for accepted in story.chapters:
        whole = Assembly(accepted, story.sites, Policy(K, agreed), {"test": KNOWN})
        parts = Partition(whole, past).months
        of = {m: number for number, months in enumerate(parts) for m in months}
        protection = relate(whole, tuple(whole.cells()), History(past))
        counts = protection.numbering.counts
        for relation in protection.system.all_relations:
            touched = {of.get(m, -1) for place, _ in relation.terms for _, m, _ in counts[place].contributors}
            assert len(touched) == 1
        try:
            table = protect(accepted, sites=story.sites, operators=agreed, dictionaries={"test": KNOWN}, k=K, past=past)
        except ReleaseRefused:
            return
        past.append(told(table, story.sites))
