"""The operators and sites of the demo, and the reports made of what real centers published.

A real report holds published single months and nothing else: every core indicator that was not published is
`not_reported`, and no number is computed, split or guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from cli.reference import figures
from domain.calendar import DueDay
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month
from domain.report import Operator, Site

DICTIONARY_VERSION = "2026.1"


@dataclass(frozen=True)
class DemoReport:
    """A report to send: `body` is its JSON, as the contract has it."""

    site: str
    month: Month
    body: dict[str, object]


SENTINEL_LEVEL = "site_month"
DUE_DAY = 15
_SYNTHETIC_FROM = Month(2025, 7)

DEMO_OPERATORS = (
    Operator("nyc", "New York operator (synthetic)", sentinel=SENTINEL_LEVEL),
    Operator("ri", "Rhode Island operator (synthetic)", sentinel=SENTINEL_LEVEL),
    Operator("sf", "San Francisco operator (synthetic)", sentinel=SENTINEL_LEVEL),
    Operator("glasgow", "Glasgow City HSCP (published figures)", sentinel=SENTINEL_LEVEL),
    Operator("vancouver", "Vancouver Coastal Health (published figures)", sentinel=SENTINEL_LEVEL),
)


def _synthetic(site: str, label: str, city: str, operator: str, opened: Month, timezone: str) -> Site:
    label, due_days = f"{label} (synthetic)", (DueDay(_SYNTHETIC_FROM, DUE_DAY),)
    return Site(site, label, city, operator, opened, timezone=timezone, synthetic=True, due_days=due_days)


def _real(site: str, label: str, city: str, opened: Month, timezone: str, first: Month) -> Site:
    """A site whose operator has its city's id; reports are expected from the first month of published figures on."""
    return Site(site, label, city, city, opened, timezone=timezone, due_days=(DueDay(first, DUE_DAY),))


DEMO_SITES = (
    _synthetic("nyc-east-harlem", "East Harlem", "new-york", "nyc", Month(2021, 11), "America/New_York"),
    _synthetic("nyc-washington-heights", "Washington Heights", "new-york", "nyc", Month(2021, 11), "America/New_York"),
    _synthetic("ri-providence", "Providence", "providence", "ri", Month(2025, 1), "America/New_York"),
    # The Tenderloin Center closed in 2022; a center of its size is imagined to open with the synthetic year.
    _synthetic("sf-tenderloin", "Tenderloin", "san-francisco", "sf", Month(2025, 7), "America/Los_Angeles"),
    _real("glasgow-thistle", "The Thistle", "glasgow", Month(2025, 1), "Europe/London", Month(2025, 1)),
    _real("vancouver-insite", "Insite", "vancouver", Month(2003, 9), "America/Vancouver", Month(2018, 1)),
    # Assumed: its opening is not among the published figures, which begin in 2018-01.
    _real(
        "vancouver-powell", "Powell Street Getaway", "vancouver", Month(2017, 7), "America/Vancouver", Month(2018, 1)
    ),
)

_PUBLISHED_AS = {
    "The Thistle": "glasgow-thistle",
    "Insite": "vancouver-insite",
    "Powell Street Getaway": "vancouver-powell",
}

_NOT_PUBLISHED = {"partial_month": None, "unique_method": "unknown", "unique_scope": "unknown", "ems_policy": "unknown"}

_ABOUT: Mapping[str, Mapping[str, object]] = {
    # The Thistle publishes visits for any reason, and "medical emergencies", which are more than overdoses.
    "glasgow": _NOT_PUBLISHED | {"visit_basis": "all", "overdose_definition": "wider", "provisional": False},
    # Vancouver publishes visits to the injection room, and "overdoses reversed": staff judged and acted, which
    # is the core definition. (An overdose that was only watched may be missing.)
    "vancouver": _NOT_PUBLISHED | {"visit_basis": "consumption", "overdose_definition": "core", "provisional": False},
}

_PARTIAL_MONTHS = {("glasgow-thistle", Month(2025, 1)): {"first_day": 13, "last_day": 31, "reason": "opening"}}

# As published, and far above the months before: the rule that says so is answered, as an operator would.
_ACKNOWLEDGED = {("glasgow-thistle", Month(2025, 12)): [{"rule": "r24", "reason": "checked_correct"}]}


def real_reports() -> list[DemoReport]:
    """A report for every site and month of which a figure of that single month was published, in their order.

    The Thistle's `consumption_episodes` are its published injecting episodes: it supervises injecting only,
    and its printed total of episodes is the sum of these.
    """
    months: dict[tuple[str, Month], dict[str, int]] = defaultdict(dict)
    for figure in figures():
        if figure.month and figure.site in _PUBLISHED_AS:
            months[_PUBLISHED_AS[figure.site], figure.month][figure.indicator] = figure.value
    return [
        DemoReport(site, month, _real_body(site, month, counts)) for (site, month), counts in sorted(months.items())
    ]


def report_body(about: Mapping[str, object], tallies: Mapping[str, object]) -> dict[str, object]:
    """The JSON of a report: the indicators in the dictionary's order, core ones without a tally `not_reported`."""
    indicators = shipped_dictionaries()[DICTIONARY_VERSION].indicators
    given = {
        i.id: tallies.get(i.id) or {"total": {"status": "not_reported"}}
        for i in indicators
        if i.core or i.id in tallies
    }
    return {"dictionary": DICTIONARY_VERSION, "about": dict(about), "indicators": given}


def _real_body(site: str, month: Month, counts: Mapping[str, int]) -> dict[str, object]:
    operator = next(s.operator for s in DEMO_SITES if s.id == site)
    about = {**_ABOUT[operator], "partial_month": _PARTIAL_MONTHS.get((site, month))}
    body = report_body(about, {indicator: {"total": count} for indicator, count in counts.items()})
    acknowledged = _ACKNOWLEDGED.get((site, month))
    return {**body, "acknowledged": acknowledged} if acknowledged else body
