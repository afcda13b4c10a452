"""Same word, different denominator: published series whose rates may not be set side by side (docs/methods.md)."""

import pytest

from comparison.answers.pairs import compare_pairs
from comparison.answers.rates import rates
from comparison.answers.ratios import Contrast, ratios
from comparison.reading.question import Question
from domain.dictionary import Level
from domain.load_dictionary import shipped_dictionaries
from domain.periods import MonthRange
from tests.comparison.small_release import release, site, table

SHIPPED = shipped_dictionaries()["2026.1"]
ALL_VISITS, WIDER = {"visit_basis": "all"}, {"visit_basis": "all", "overdose_definition": "wider"}

# Events, visits, how visits and overdoses were counted, and the rate per 1,000 with its interval as published.
SERIES = {
    "onpoint-year-1": (636, 48533, {}, "13.10 (12.11-14.16)"),
    "onpoint-year-2": (683, 61184, {}, "11.16 (10.34-12.03)"),
    "providence": (22, 420, {}, "52.38 (32.83-79.31)"),
    "tenderloin": (333, 124100, ALL_VISITS, "2.68 (2.40-2.99)"),
    "thistle": (56, 6147, WIDER, "9.11 (6.88-11.83)"),
    "melbourne": (1232, 61823, {}, "19.93 (18.83-21.07)"),
}


@pytest.fixture(scope="module")
def asked():
    cells = [
        row
        for unit, (events, visits, _, _) in SERIES.items()
        for row in table({"2026-01": str(events)}, {"2026-01": str(visits)}, unit)
    ]
    view = release(cells, tuple(map(site, SERIES)), **{unit: about for unit, (_, _, about, _) in SERIES.items()})
    measure = SHIPPED.measures_by_id["od_per_1000_visits"]
    return Question(measure, Level.SITE, MonthRange.parse("2026-01"), view, SHIPPED)


def test_each_series_has_its_printed_rate_and_interval(asked):
    printed = {f.unit: f"{f.value:.2f} ({f.interval[0]:.2f}-{f.interval[1]:.2f})" for f in rates(asked).rows}
    assert printed == {unit: text for unit, (*_, text) in SERIES.items()}


def test_no_ratio_mixes_visits_of_any_kind_with_those_to_consume(asked):
    for row in ratios(asked, Contrast.PAIRS).rows:
        bases = {SERIES[unit][2].get("visit_basis", "consumption") for unit in (row.unit, row.reference)}
        if len(bases) > 1:
            assert (row.status, row.value, row.interval, row.bounds) == ("refused", None, None, None)
            assert "visit_basis_differs" in [reason.code for reason in row.comparability.reasons]
        else:
            wider = {row.unit, row.reference} == {"tenderloin", "thistle"}
            assert row.status == ("refused" if wider else "given")


def test_nothing_is_pooled_over_both_and_the_pairs_say_why(asked):
    assert rates(asked).pooled is None
    refused = [pair.units for pair in compare_pairs(asked).pairs if pair.comparability.status == "refused"]
    assert ("onpoint-year-1", "onpoint-year-2") not in refused
    assert len(refused) == 4 * 2 + 1
