"""crosstally-hub completeness and the due days of sites."""

from datetime import UTC, datetime

import pytest

from domain.periods import Month

SITE = ("nyc-east", "--operator", "nyc", "--city", "new-york", "--label", "East", "--timezone", "America/New_York")


@pytest.fixture
def run(command):
    assert command("operators", "add", "nyc", "--label", "New York").exit_code == 0
    assert command("sites", "add", *SITE, "--opened", "2026-01", "--due-day", "10").exit_code == 0
    return command


def test_a_table_of_sites_by_months_tells_what_is_missing(run):
    output = run("completeness", "--period", "2026-01..2026-03").output
    assert "2026-01" in output and "2026-04" not in output
    assert "nyc-east" in output and "Of 3 expected 0 received, 0 on time, 0 accepted." in output


def test_what_is_not_there_says_so(run):
    refused = run("completeness", "--site", "nowhere")
    assert refused.exit_code == 1 and "No report is expected" in refused.output
    assert "is written like" in run("completeness", "--period", "May").output


def test_a_due_day_is_changed_from_this_month_on_and_not_before(run):
    current = Month.of(datetime.now(UTC).date())
    assert run("sites", "change", "nyc-east", "--due-day", "5", "--due-from", str(current.next)).exit_code == 0
    shown = run("sites", "show", "nyc-east").output
    assert f"due_days: 10 from 2026-01 on, 5 from {current.next} on" in shown
    refused = run("sites", "change", "nyc-east", "--due-day", "5", "--due-from", "2026-01")
    assert refused.exit_code == 1 and "months that have ended" in refused.output
    assert "goes with --due-day" in run("sites", "change", "nyc-east", "--due-from", "2026-01").output
