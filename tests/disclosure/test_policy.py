"""The policy at its thresholds."""

import pytest

from disclosure.policy import Policy, shows_zero
from domain.dictionary import CellName, DisclosureClass, Level
from domain.periods import Month, PeriodKind, Quarter, Year
from domain.release import CellKey
from domain.report import Operator
from tests.disclosure.builders import indicator

POLICY = Policy(11, {"a": Operator("a", "A", k=None), "b": Operator("b", "B", k=20), "c": Operator("c", "C", k=5)})


@pytest.mark.parametrize(
    ("operators", "k"), [(["a"], 11), (["b"], 20), (["a", "b"], 20), (["c"], 11), (["nobody"], 11)]
)
def test_the_strictest_k_of_all_who_contribute_holds_and_none_is_looser_than_the_hubs(operators, k):
    assert POLICY.k_for(operators) == k


LEVELS = ("none", "all_year", "site_year", "site_month")


@pytest.mark.parametrize(
    ("level", "period", "needed"),
    [
        (Level.SITE, PeriodKind.MONTH, "site_month"),
        (Level.SITE, PeriodKind.QUARTER, "site_month"),
        (Level.CITY, PeriodKind.MONTH, "site_month"),
        (Level.ALL, PeriodKind.QUARTER, "site_month"),
        (Level.SITE, PeriodKind.YEAR, "site_year"),
        (Level.CITY, PeriodKind.YEAR, "site_year"),
        (Level.ALL, PeriodKind.YEAR, "all_year"),
    ],
)
def test_sentinel_counts_stand_where_every_operator_agreed_to_that_level_or_a_finer_one(level, period, needed):
    for agreed in LEVELS:
        policy = Policy(11, {"x": Operator("x", "X", sentinel=agreed), "y": Operator("y", "Y", sentinel="site_month")})
        enough = LEVELS.index(agreed) >= LEVELS.index(needed)
        assert policy.agree_to_sentinel(["x", "y"], level, period) is enough
        assert policy.agree_to_sentinel(["y"], level, period)


@pytest.mark.parametrize(
    ("kind", "period", "breakdown", "shown"),
    [
        (DisclosureClass.PERSON_EVENTS, Month(2026, 1), "", False),
        (DisclosureClass.PERSON_EVENTS, Quarter(2026, 1), "", False),
        (DisclosureClass.PERSON_EVENTS, Year(2026), "", True),
        (DisclosureClass.PERSON_EVENTS, Year(2026), "kind", False),
        (DisclosureClass.USE_EVENTS, Month(2026, 1), "", True),
        (DisclosureClass.USE_EVENTS, Month(2026, 1), "kind", False),
        (DisclosureClass.PERSONS, Month(2026, 1), "", False),
        (DisclosureClass.ITEMS, Year(2026), "", False),
    ],
)
def test_zeros_are_shown_as_totals_of_years_and_of_uses_alone(kind, period, breakdown, shown):
    key = CellKey(Level.SITE, "s", period, CellName("x", breakdown, "a" if breakdown else ""))
    assert shows_zero(indicator("x", kind), key) is shown
