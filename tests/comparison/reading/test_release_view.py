from comparison.reading.release_view import ReleaseView, SiteMonth
from domain.dictionary import CellName, Level
from domain.periods import Month, MonthRange, Quarter
from tests.comparison.small_release import OVERDOSES, report, rows, site

SITES = (site("b", city="there"), site("a", opened=Month(2026, 2)), site("c", closed=Month(2026, 1)))
NAME = CellName(OVERDOSES)


def view(*observations):
    return ReleaseView.of(observations, SITES, [report("a", "2026-02")])


def test_units_are_listed_in_order():
    assert view().units(Level.SITE) == ("a", "b", "c")
    assert view().units(Level.CITY) == ("here", "there")
    assert view().units(Level.ALL) == ("all",)


def test_a_unit_is_made_of_its_sites():
    assert [s.id for s in view().sites_of(Level.CITY, "here")] == ["a", "c"]
    assert [s.id for s in view().sites_of(Level.ALL, "all")] == ["b", "a", "c"]
    assert view().sites_of(Level.SITE, "nowhere") == ()


def test_a_series_has_the_rows_of_one_unit_and_name_by_period():
    table = rows({"2026-01": "12", "2026-Q1": "40"}) + rows({"2026-01": "9"}, unit="b")
    series = view(*table).series(Level.SITE, "a", NAME)
    assert {period: row.value for period, row in series.items()} == {Month(2026, 1): 12, Quarter(2026, 1): 40}
    assert view(*table).series(Level.SITE, "a", CellName(OVERDOSES, "overdose_type", "opioid")) == {}


def test_coverage_is_the_site_months_that_have_a_count_shown_or_not():
    table = rows({"2026-01": "0-10", "2026-02": "-"}, "a") + rows({"2026-01": "12", "2026-02": "13"}, "c")
    months = [Month(2026, 1), Month(2026, 2), Month(2026, 3)]
    covered = view(*table).coverage(Level.CITY, "here", NAME, months)
    assert covered == {("a", Month(2026, 1)), ("c", Month(2026, 1)), ("c", Month(2026, 2))}


def test_months_are_expected_while_sites_are_open():
    within = MonthRange.parse("2026-01..2026-03")
    assert view().months_expected(Level.SITE, "a", within) == 2
    assert view().months_expected(Level.SITE, "c", within) == 1
    assert view().months_expected(Level.ALL, "all", within) == 6


def test_a_site_month_is_read_from_its_content():
    fact = SiteMonth.read({"site": "a", "month": "2026-02", "about": {"visit_basis": "all"}, "closed": "works"})
    assert fact == SiteMonth("a", Month(2026, 2), {"visit_basis": "all"}, "works")
    assert SiteMonth.read({"site": "a", "month": "2026-02", "about": {}}).closed is None
