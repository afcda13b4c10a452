import numpy as np
import pytest

from comparison.reading.counts import counts_of
from comparison.reading.release_view import NO_REPORT, ReleaseView
from domain.dictionary import Level
from domain.periods import Month, MonthRange
from tests.comparison.small_release import ABOUT, ask, release, report, rows, site, table

SITES = (site("b", city="there"), site("a", opened=Month(2026, 2)), site("c", closed=Month(2026, 1)))
ROWS = rows({"2026-01": "1", "2026-02": "2"})


def view(*reports):
    return ReleaseView.of(ROWS, SITES, reports)


def test_units_are_listed_in_order():
    assert view().units(Level.SITE) == ("a", "b", "c")
    assert view().units(Level.CITY) == ("here", "there")
    assert view().units(Level.ALL) == ("all",)


def test_a_unit_is_made_of_its_sites():
    assert [s.id for s in view().sites_of(Level.CITY, "here")] == ["a", "c"]
    assert [s.id for s in view().sites_of(Level.ALL, "all")] == ["a", "b", "c"]
    assert view().sites_of(Level.SITE, "nowhere") == ()


def test_the_sites_of_a_unit_lie_together():
    places = view().places(Level.CITY)
    assert [view().sites[column].id for column in places.sites] == ["a", "c", "b"]
    assert (places.starts.tolist(), places.of.tolist()) == ([0, 2], [0, 0, 1])
    there = places.only({"there"})
    assert [view().sites[column].id for column in there.sites] == ["b"]
    assert (there.units, there.starts.tolist(), there.of.tolist()) == (("there",), [0], [0])


def test_units_without_rows_are_there_and_have_no_number():
    assert view().places(Level.SITE).numbers.tolist() == [0, -1, -1]
    assert view().places(Level.CITY).numbers.tolist() == [-1, -1]


def test_months_are_expected_while_sites_are_open():
    within = MonthRange.parse("2026-01..2026-03")
    assert view().months_expected(view().places(Level.SITE), within).tolist() == [2, 3, 1]
    assert view().months_expected(view().places(Level.ALL), within).tolist() == [6]


def test_reports_that_say_the_same_of_how_they_counted_are_of_one_way():
    same = {**ABOUT}
    facts = [("a", "2026-01", None), ("b", "2026-01", None), ("c", "2026-02", "works")]
    read = view(*({"site": s, "month": m, "about": same, "closed": c, "dictionary": "2026.1"} for s, m, c in facts))
    assert read.reports.tolist() == [[0, 0, NO_REPORT], [NO_REPORT, NO_REPORT, 1]]
    assert [(way.is_closed, way.dictionary) for way in read.ways] == [(False, "2026.1"), (True, "2026.1")]


def test_a_report_of_a_month_without_rows_is_not_needed():
    assert np.all(view(report("a", "2025-12")).reports == NO_REPORT)


def covered(of, by, period="2026-01..2026-03"):
    """The site-months behind both counts."""
    months = counts_of(ask(of, period, by)).months
    ids = [of.sites[column].id for column in months.places.sites]
    return {(ids[place], str(of.months[months.first + month])) for month, place in np.argwhere(months.covered)}


def test_counts_are_of_the_site_months_that_have_a_count_shown_or_not():
    cells = table({"2026-01": "0-10", "2026-02": "-"}, {"2026-01": "9", "2026-02": "9"}, "a")
    cells += table({"2026-01": "12", "2026-02": "13"}, {"2026-01": "9", "2026-02": "9"}, "c")
    cells += table({"2026-01": "12", "2026-02": "13"}, {"2026-01": "18", "2026-02": "18"}, "here", Level.CITY)
    of = release(cells, SITES)
    assert covered(of, Level.CITY) == {("a", "2026-01"), ("c", "2026-01"), ("c", "2026-02")}
    assert covered(of, Level.SITE) == {("a", "2026-01"), ("c", "2026-01"), ("c", "2026-02")}


@pytest.mark.parametrize("by", Level)
def test_a_question_outside_of_all_months_finds_no_unit(by):
    assert counts_of(ask(release(ROWS, SITES), "2020", by)).units == []
