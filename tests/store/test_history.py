"""What a site reported around a month, on either database."""

import pytest
from sqlalchemy import text

from domain.periods import Month
from domain.report import Report, Reported, Tally
from store.history import current_reports_around
from store.tenancy import of_operator
from tests.builders import report, submit, submit_and_accept, superuser

MARCH = Month(2026, 3)


class Looking:
    """A dictionary, as far as its checks look back."""

    breakdowns_in_history = frozenset({("overdose_naloxone", "overdose_response")})

    def __init__(self, months: int) -> None:
        self.months_of_history = months


def around(hub, *, site="nyc-east", operator="nyc", month=MARCH, before=2) -> dict[str, Report]:
    with hub.database.read(of_operator(operator)) as connection:
        found = current_reports_around(connection, site, month, Looking(before))
    return {str(at): given for at, given in found.items()}


def test_the_months_asked_for_before_and_the_one_after_are_told_and_not_the_month_itself(hub):
    for number in range(1, 6):
        submit(hub, "nyc-east", Month(2026, number), report(days=28, referrals_made=number))
    found = around(hub)
    assert set(found) == {"2026-01", "2026-02", "2026-04"}
    assert found["2026-02"].indicators["referrals_made"] == Tally(Reported(2))
    assert set(around(hub, before=1)) == {"2026-02", "2026-04"}


def test_months_are_counted_across_the_year(hub):
    submit(hub, "nyc-east", Month(2025, 12), report(days=28))
    submit(hub, "nyc-east", Month(2025, 11), report(days=28))
    assert set(around(hub, month=Month(2026, 1), before=1)) == {"2025-12"}
    assert set(around(hub, month=Month(2025, 11), before=1)) == {"2025-12"}


def test_the_current_revision_counts_whether_accepted_or_not(hub):
    february = Month(2026, 2)
    first = submit_and_accept(hub, "nyc-east", february, report(days=28))
    revised = report(days=28, referrals_made=98, revision_reason="error")
    submit(hub, "nyc-east", february, revised, if_match=frozenset({first.etag}))
    assert around(hub)["2026-02"].indicators["referrals_made"].total == Reported(98)


def test_other_sites_and_other_operators_are_not_told(hub):
    submit(hub, "nyc-north", Month(2026, 2), report(days=28))
    submit(hub, "sf-tenderloin", Month(2026, 2), report(days=28))
    assert around(hub) == {}
    assert around(hub, site="sf-tenderloin") == {}
    assert set(around(hub, site="sf-tenderloin", operator="sf")) == {"2026-02"}


@pytest.mark.parametrize("month", [Month(1990, 1), Month(2199, 12)])
def test_there_is_nothing_beyond_the_first_month_and_the_last(hub, month):
    assert around(hub, month=month, before=12) == {}


@pytest.mark.parametrize("kind", ["sqlite"])
def test_it_is_asked_by_the_key_of_the_table(hub):
    """Not by reading through all reports. PostgreSQL's plan depends on how many rows there are."""
    with superuser(hub.database) as connection:
        plan = connection.execute(
            text("explain query plan select month from reports where site = 'x' and month >= 'y'")
        )
        assert "SEARCH" in str(plan.all())
