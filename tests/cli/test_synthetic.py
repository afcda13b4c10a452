from collections import Counter
from datetime import date

import pytest

from cli.demo_reports import DEMO_SITES
from cli.reference import figure
from cli.synthetic import SF_CONSUMPTION_SHARE, SYNTHETIC_MONTHS, synthetic_reports
from domain.checks import check_report
from domain.load_dictionary import shipped_dictionaries
from domain.report_content import report_from_content

REPORTS = synthetic_reports()


def year_total(indicator, *sites):
    totals = (r.body["indicators"][indicator]["total"] for r in REPORTS if r.site in sites)
    return sum(total for total in totals if not isinstance(total, dict))


def test_the_same_seed_gives_the_same_reports():
    assert synthetic_reports() == REPORTS
    assert synthetic_reports(seed=1) == synthetic_reports(seed=1) != REPORTS


def test_every_synthetic_site_has_every_month_of_the_year():
    sites = [site.id for site in DEMO_SITES if site.synthetic]
    assert [(r.site, r.month) for r in REPORTS] == [(site, month) for site in sites for month in SYNTHETIC_MONTHS]
    assert (str(SYNTHETIC_MONTHS), len(REPORTS)) == ("2025-07..2026-06", 48)


def test_new_york_comes_near_its_published_second_year():
    sites = ("nyc-east-harlem", "nyc-washington-heights")
    assert year_total("visits_consumption", *sites) == pytest.approx(61184, rel=0.03)
    assert year_total("overdose_events", *sites) == pytest.approx(683, rel=0.1)


def test_providence_comes_near_a_year_of_its_published_weeks():
    weeks = 365 / 70
    assert year_total("visits_consumption", "ri-providence") == pytest.approx(420 * weeks, rel=0.03)
    assert year_total("overdose_events", "ri-providence") == pytest.approx(22 * weeks, rel=0.25)


def test_san_francisco_comes_near_a_year_of_its_published_weeks():
    weeks = 365 / 321
    assert year_total("visits_all", "sf-tenderloin") == pytest.approx(124100 * weeks, rel=0.03)
    assert year_total("visits_consumption", "sf-tenderloin") == pytest.approx(
        124100 * weeks * SF_CONSUMPTION_SHARE, rel=0.03
    )
    assert year_total("overdose_events", "sf-tenderloin") == pytest.approx(333 * weeks, rel=0.12)


def test_naloxone_is_used_as_often_as_was_published():
    share = year_total("overdose_naloxone", "sf-tenderloin") / year_total("overdose_events", "sf-tenderloin")
    published = figure("Tenderloin Center", "overdose_naloxone", "2022-01-18").per_day / (333 / 321)
    assert share == pytest.approx(published, abs=0.05)


def test_the_three_kinds_of_cell_are_shown():
    totals = [tally["total"] for report in REPORTS for tally in report.body["indicators"].values()]
    kinds = Counter(str(total) if isinstance(total, dict) else "number" for total in totals)
    assert kinds["{'lt': 5}"] == 1
    assert kinds["{'status': 'not_collected'}"] == 12
    assert set(kinds) == {"number", "{'lt': 5}", "{'status': 'not_collected'}"}


@pytest.mark.parametrize("seed", range(5))
def test_with_any_seed_no_report_has_a_finding(seed):
    dictionary, sites = shipped_dictionaries()["2026.1"], {site.id: site for site in DEMO_SITES}
    for report in synthetic_reports(seed):
        read, site = report_from_content(report.body), sites[report.site]
        assert check_report(read, dictionary, site=site, month=report.month, today=date(2026, 8, 20)) == ()


def test_counts_are_plain_integers():
    for report in REPORTS:
        for tally in report.body["indicators"].values():
            cells = [cell for cells in tally.get("by", {}).values() for cell in cells.values()]
            assert all(type(cell) is int for cell in cells)
            assert type(tally["total"]) in (int, dict)
