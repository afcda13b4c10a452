"""Reports to judge, written as short as a table can have them."""

from __future__ import annotations

from datetime import date

from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month
from domain.report import About, Bounded, Cell, Gap, Missing, Report, Reported, Site, Tally

DICTIONARY = shipped_dictionaries()["2026.1"]
MONTH = Month(2026, 5)
TODAY = date(2026, 6, 3)
SITE = Site(
    id="nyc-east-harlem",
    label="East Harlem",
    city="nyc",
    operator="nyc",
    opened=Month(2021, 11),
    timezone="America/New_York",
    stations=3,
)
ABOUT = {
    "visit_basis": "consumption",
    "unique_method": "self_code",
    "unique_scope": "operator",
    "ems_policy": "clinical_judgement",
    "overdose_definition": "core",
    "provisional": False,
}


def cell(value: str) -> Cell:
    """`31`, `8.5`, `<5` or `not_collected` as a cell."""
    if value.startswith("<"):
        return Bounded(int(value[1:]))
    if value in list(Gap):
        return Missing(Gap(value))
    return Reported(float(value) if "." in value else int(value))


def indicators(text: str) -> dict[str, Tally]:
    """`ems_calls 5, ems_calls.ems_reason.overdose <5`: totals first; categories not named are 0."""
    tallies: dict[str, Tally] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, value = entry.split()
        indicator, *place = name.split(".")
        if not place:
            tallies[indicator] = Tally(cell(value))
            continue
        breakdown, category = place
        by = {name: dict(cells) for name, cells in tallies[indicator].by.items()}
        codes = DICTIONARY.by_id[indicator].binding(breakdown).breakdown.codes
        assert category in codes
        by.setdefault(breakdown, dict.fromkeys(codes, Reported(0)))[category] = cell(value)
        tallies[indicator] = Tally(tallies[indicator].total, by)
    return tallies


def report(text: str = "", *, about: dict | None = None, **fields) -> Report:
    """A report that says nothing but this, and that nobody died."""
    stated = {"deaths_overdose_onsite": Tally(Reported(0)), **indicators(text)}
    return Report("2026.1", About(**{**ABOUT, **(about or {})}), stated, **fields)


DESIGN_EXAMPLE = report(
    """
    operating_days 31, operating_hours 248,
    visits_consumption 2412,
    visits_consumption.route_any.inject 1622, visits_consumption.route_any.smoke 700,
    visits_consumption.route_any.snort 90,
    overdose_events 31,
    overdose_events.overdose_type.opioid 20, overdose_events.overdose_type.stimulant 9,
    overdose_events.overdose_type.mixed 2,
    ems_calls <5, participants_unique not_collected, participants_connected 44, referrals_made 97
    """
)
