from datetime import date

import pytest

from cli.demo_reports import DEMO_OPERATORS, DEMO_SITES, real_reports
from cli.reference import figures
from cli.synthetic import synthetic_reports
from domain.checks import check_report
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month
from domain.report_content import report_from_content

SITES = {site.id: site for site in DEMO_SITES}
REAL = {(report.site, str(report.month)): report for report in real_reports()}
EVERY = [*real_reports(), *synthetic_reports()]

# From the publications, typed here a second time: the Thistle's monthly table ...
THISTLE = {
    "2025-01": (336, 268, 0),
    "2025-02": (684, 523, 5),
    "2025-03": (864, 609, 12),
    "2025-04": (847, 610, 13),
    "2025-05": (737, 451, 5),
    "2025-06": (893, 547, 4),
    "2025-07": (938, 546, 9),
    "2025-08": (848, 514, 8),
    "2025-12": (1486, 1094, None),
}
# ... and the injection-room visits and reversed overdoses of Vancouver.
VANCOUVER = {
    "vancouver-insite": {
        "2017-01": (11157, 178),
        "2017-07": (10156, None),
        "2017-09": (10946, None),
        "2017-10": (11133, None),
        "2018-01": (10093, 83),
        "2018-03": (10730, 91),
        "2019-02": (8656, 83),
        "2019-07": (9954, 64),
        "2019-11": (8939, 92),
        "2020-04": (4659, 67),
    },
    "vancouver-powell": {
        "2018-01": (1650, 12),
        "2018-03": (1926, 11),
        "2019-02": (3115, 20),
        "2019-07": (3355, 4),
        "2019-11": (3116, 1),
        "2020-04": (3600, 3),
    },
}


def counts(report):
    """The numbers of a report; what has a status instead is None."""
    totals = {name: tally["total"] for name, tally in report.body["indicators"].items()}
    return {name: None if isinstance(total, dict) else total for name, total in totals.items()}


def test_there_is_a_real_report_for_every_published_month_and_no_other():
    wanted = {("glasgow-thistle", month) for month in THISTLE}
    wanted |= {(site, month) for site, months in VANCOUVER.items() for month in months}
    assert set(REAL) == wanted


@pytest.mark.parametrize("month", THISTLE)
def test_the_thistle_reports_what_it_published(month):
    found = counts(REAL["glasgow-thistle", month])
    assert (found["visits_all"], found["consumption_episodes"], found["overdose_events"]) == THISTLE[month]
    assert found["visits_consumption"] is None


@pytest.mark.parametrize("site, month", [(site, month) for site, months in VANCOUVER.items() for month in months])
def test_vancouver_reports_what_was_published(site, month):
    found = counts(REAL[site, month])
    assert (found["visits_consumption"], found["overdose_events"]) == VANCOUVER[site][month]


def test_the_months_of_the_thistle_add_up_to_its_printed_totals():
    printed = {f.indicator: f.value for f in figures() if f.site == "The Thistle" and f.month is None}
    months = [counts(REAL["glasgow-thistle", month]) for month in THISTLE if month <= "2025-08"]
    assert printed == {"visits_all": 6147, "consumption_episodes": 4068, "overdose_events": 56}
    assert {name: sum(month[name] for month in months) for name in printed} == printed


def test_nothing_is_invented_in_a_real_report():
    published = sorted(f.value for f in figures() if f.month and f.city in ("Glasgow", "Vancouver"))
    reported = [count for report in REAL.values() for count in counts(report).values() if count is not None]
    assert sorted(reported) == published
    for report in REAL.values():
        assert all(set(tally) == {"total"} for tally in report.body["indicators"].values())
        gaps = [tally["total"] for tally in report.body["indicators"].values() if isinstance(tally["total"], dict)]
        assert all(gap == {"status": "not_reported"} for gap in gaps)


def test_what_is_not_known_of_real_counting_is_unknown():
    for report in REAL.values():
        about = report.body["about"]
        assert {about["unique_method"], about["unique_scope"], about["ems_policy"]} == {"unknown"}
    assert REAL["glasgow-thistle", "2025-02"].body["about"]["overdose_definition"] == "wider"
    assert REAL["glasgow-thistle", "2025-02"].body["about"]["visit_basis"] == "all"
    assert REAL["vancouver-insite", "2018-01"].body["about"]["visit_basis"] == "consumption"


def test_only_the_month_in_which_the_thistle_opened_is_partial():
    partial = {key: report.body["about"]["partial_month"] for key, report in REAL.items()}
    opening = {"first_day": 13, "last_day": 31, "reason": "opening"}
    assert {key: days for key, days in partial.items() if days} == {("glasgow-thistle", "2025-01"): opening}


@pytest.mark.parametrize("report", EVERY, ids=lambda report: f"{report.site}-{report.month}")
def test_no_demo_report_has_a_finding_that_it_does_not_answer(report):
    dictionary = shipped_dictionaries()[report.body["dictionary"]]
    read = report_from_content(report.body)
    earlier = {r.month: report_from_content(r.body) for r in EVERY if r.site == report.site and r.month < report.month}
    found = check_report(
        read, dictionary, site=SITES[report.site], month=report.month, today=date(2026, 8, 20), earlier=earlier
    )
    assert {(finding.level, finding.rule) for finding in found} == {("warning", rule) for rule, _ in read.acknowledged}


def test_every_demo_report_is_whole():
    dictionary = shipped_dictionaries()["2026.1"]
    for report in EVERY:
        assert {indicator.id for indicator in dictionary.indicators if indicator.core} <= set(report.body["indicators"])
        for name, tally in report.body["indicators"].items():
            for breakdown, cells in tally.get("by", {}).items():
                assert tuple(cells) == dictionary.by_id[name].binding(breakdown).breakdown.codes
        for code, value in report.body["about"].items():
            if code not in ("partial_month", "provisional"):
                assert value in dictionary.code_list(code)


def test_reading_a_demo_report_loses_nothing():
    for report in EVERY:
        assert report_from_content(report.body).content == report.body


def test_no_site_month_is_reported_twice():
    assert len({(report.site, report.month) for report in EVERY}) == len(EVERY)


def test_the_directory_is_the_one_of_the_contract():
    cities = {
        "nyc-east-harlem": ("nyc", "new-york", True),
        "nyc-washington-heights": ("nyc", "new-york", True),
        "ri-providence": ("ri", "providence", True),
        "sf-tenderloin": ("sf", "san-francisco", True),
        "glasgow-thistle": ("glasgow", "glasgow", False),
        "vancouver-insite": ("vancouver", "vancouver", False),
        "vancouver-powell": ("vancouver", "vancouver", False),
    }
    assert {site.id: (site.operator, site.city, site.synthetic) for site in DEMO_SITES} == cities
    assert [operator.id for operator in DEMO_OPERATORS] == ["nyc", "ri", "sf", "glasgow", "vancouver"]
    assert {operator.sentinel for operator in DEMO_OPERATORS} == {"site_month"}


def test_synthetic_sites_say_so_in_their_label():
    assert all(site.label.endswith("(synthetic)") == site.synthetic for site in DEMO_SITES)


def test_the_thistle_opened_in_january_2025():
    assert SITES["glasgow-thistle"].opened == Month(2025, 1)
