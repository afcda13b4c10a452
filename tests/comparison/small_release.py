"""Small releases by hand.

A cell is written `"12"` where published, `"3-9"` where hidden within bounds, `"5-"` where hidden without an
upper one, and `"-"` where not collected.
"""

from comparison.reading.question import Question
from comparison.reading.release_view import ReleaseView
from domain.dictionary import (
    CellName,
    Dictionary,
    DisclosureClass,
    Indicator,
    IntervalMethod,
    Level,
    Measure,
)
from domain.periods import Month, MonthRange
from domain.release import Observation
from domain.report import Site

ABOUT = {
    "partial_month": None,
    "unique_method": "self_code",
    "unique_scope": "site",
    "visit_basis": "consumption",
    "ems_policy": "clinical_judgement",
    "overdose_definition": "core",
    "provisional": False,
}

OVERDOSES, VISITS, PERSONS, DAYS = "overdose_events", "visits_consumption", "participants_unique", "operating_days"
NALOXONE = "overdose_naloxone"


def _indicator(name, disclosure_class, over_time=True, over_units=True):
    return Indicator(name, name, "", "", disclosure_class, True, over_time, over_units, ())


DICTIONARY = Dictionary(
    version="test",
    in_force_from=Month(2000, 1),
    in_force_to=None,
    indicators=(
        _indicator(OVERDOSES, DisclosureClass.PERSON_EVENTS),
        _indicator(NALOXONE, DisclosureClass.PERSON_EVENTS),
        _indicator(VISITS, DisclosureClass.USE_EVENTS),
        _indicator(PERSONS, DisclosureClass.PERSONS, over_time=False, over_units=False),
        _indicator(DAYS, DisclosureClass.DAYS, over_units=False),
    ),
    breakdowns=(),
    codes={},
    rules=(),
    measures=(),
    plan={},
)


def measure(numerator=OVERDOSES, denominator=VISITS, factor=1000, interval="poisson", must=("visit_basis",), should=()):
    return Measure(
        id=f"{numerator}_by_{denominator}",
        label="A measure",
        numerator=CellName(numerator),
        denominator=CellName(denominator),
        factor=factor,
        interval=IntervalMethod(interval),
        must_agree=must,
        should_agree=should,
    )


def site(name, city="here", **facts):
    return Site(**{"id": name, "label": name, "city": city, "operator": "operator", "opened": Month(2025, 1), **facts})


def row(period, cell, unit="a", indicator=OVERDOSES, level=Level.SITE):
    value, status, low, high = _cell(cell)
    return Observation(level.value, unit, "", "", period, indicator, "", "", value, status, low, high)


def _cell(cell):
    if cell == "-":
        return None, "not_collected", None, None
    low, dash, high = str(cell).partition("-")
    if dash:
        return None, "suppressed", int(low), int(high) if high else None
    return (float(low) if "." in low else int(low)), "published", None, None


def rows(table, unit="a", indicator=OVERDOSES, level=Level.SITE):
    """Rows from `{"2026-01": "12", "2026-Q1": "3-9"}`."""
    return [row(period, cell, unit, indicator, level) for period, cell in table.items()]


def report(site_id, month, closed=None, **about):
    return {"site": site_id, "month": month, "about": {**ABOUT, **about}, "closed": closed}


SITE_A = (site("a"),)


def release(observations, sites=SITE_A, **about):
    """A release whose every site-month row has a report; `about` is by site id."""
    keys = (observation.key for observation in observations)
    months = sorted(
        {(key.unit, key.period) for key in keys if key.level is Level.SITE and isinstance(key.period, Month)}
    )
    reports = [report(unit, str(month), **about.get(unit, {})) for unit, month in months]
    return ReleaseView.of(observations, sites, reports)


def ask(view, period="2026-01..2026-02", by=Level.SITE, of=None, only=(), dictionary=DICTIONARY):
    """A question to a small release, about overdoses by visits unless told otherwise."""
    return Question(of or measure(), by, MonthRange.parse(period), view, dictionary, only)


def table(overdoses, visits, unit="a", level=Level.SITE):
    """Rows of overdoses and visits."""
    return rows(overdoses, unit, OVERDOSES, level) + rows(visits, unit, VISITS, level)


def one_month(**counts):
    """A release of January in which each site has (overdoses, visits)."""
    cells = [row for unit, (a, n) in counts.items() for row in table({"2026-01": str(a)}, {"2026-01": str(n)}, unit)]
    return cells, tuple(site(unit) for unit in counts)
