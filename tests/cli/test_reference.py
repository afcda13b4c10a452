import csv
from importlib.resources import files

import pytest

from cli.reference import figure, figures
from domain.periods import Month


def test_every_figure_names_its_source():
    text = (files("cli") / "demo_data" / "reference.csv").read_text(encoding="utf-8")
    found = list(csv.DictReader(text.splitlines()))
    assert len(found) == len(figures()) > 70
    assert all(row["source"] and row["source_url"].startswith("http") for row in found)


def test_a_figure_of_one_month_says_which():
    assert figure("The Thistle", "visits_all", "2025-02-01").month == Month(2025, 2)
    assert figure("Willard Ave", "visits_consumption", "2025-01-15").month is None


def test_the_days_of_a_figure_include_both_ends():
    # 15 January to 25 March 2025: ten weeks.
    assert figure("Willard Ave", "visits_consumption", "2025-01-15").per_day == 420 / 70
    # 30 November 2022 to 29 November 2023: a year.
    assert figure("East Harlem + Washington Heights", "visits_consumption", "2022-11-30").per_day == 61184 / 365


@pytest.mark.parametrize(
    "site, indicator, start",
    [("Nowhere", "visits_all", "2025-02-01"), ("The Thistle", "visits_all", "2025-09-01")],
)
def test_a_figure_that_is_not_there_is_not_found(site, indicator, start):
    with pytest.raises(LookupError):
        figure(site, indicator, start)


def test_one_of_several_figures_is_not_chosen():
    with pytest.raises(LookupError):
        figure("The Thistle", "visits_all", "2025-01-13")
