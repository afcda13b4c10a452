"""Synthetic reports: a year of months for four imagined sites, of the size of real ones.

No center has published its months in this detail, so none of these numbers is real. Totals are scaled to
what was published (`cli/demo_data/`); every other number rests on an assumption that is stated here, beside
its constant. Counts of events vary as chance makes them vary; counts of persons stay near their expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import cos, pi

import numpy as np
from numpy.random import Generator

from cli.demo_reports import DemoReport, report_body
from cli.reference import figure
from domain.periods import Month, MonthRange

SEED = 20260701
SYNTHETIC_MONTHS = MonthRange(Month(2025, 7), Month(2026, 6))

Shares = Mapping[str, float]

EAST_HARLEM_SHARE = 0.6
"""Assumed: New York publishes its two sites together; the larger has three fifths of the visits."""
SF_CONSUMPTION_SHARE = 0.25
"""Assumed: of the visits of any kind to the Tenderloin Center one in four was to consume; it published none."""
SEASON = 0.06
"""Assumed: July has 6 % more visits a day than the mean of the year, January 6 % fewer."""
NOISE = 0.03
"""Assumed: standard deviation of a month's visits around their expectation, relative."""
EPISODES_AGAIN = 0.3
"""Assumed: in three visits of ten there is a second episode."""
SECOND_ROUTE = 0.05
"""Assumed: the chance that a visit has a further route, for each route that it may be."""
NEW_SHARE = 0.12
"""Assumed: of the participants of a month, those who are new."""
REFERRALS_PER_PERSON = 0.3
"""Assumed: referrals per participant and month."""
KITS_PER_PERSON = 0.5
"""Assumed: take-home naloxone kits per participant and month."""
TRANSPORTS_PER_CALL = 0.8
"""Assumed: in New York about as many transports as calls were published, over different years."""
ASSUMED_CALLS_PER_OVERDOSE = 0.1
"""Assumed for Providence and San Francisco: one ambulance call for ten overdose events."""
NALOXONE_IN_RESUSCITATION = 0.8
"""Assumed: of the events that ended in resuscitation, those with naloxone."""
OXYGEN_WITHOUT_NALOXONE = 2 / 3
"""Assumed for San Francisco, which published its naloxone: of the other overdose events, those with oxygen."""
RESUSCITATED = 0.01
WITHOUT_OXYGEN = 0.25
STIMULATED = 0.35
"""Assumed: cardiopulmonary resuscitation or a defibrillator in 1 % of overdose events; no oxygen in a quarter of those
with naloxone; stimulation in a third of those without naloxone or oxygen."""

ROUTES: Shares = {"inject": 0.57, "smoke": 0.33, "snort": 0.06, "oral": 0.01, "other": 0.01, "unknown": 0.02}
TYPES: Shares = {"opioid": 0.68, "stimulant": 0.24, "mixed": 0.06, "other_unknown": 0.02}
LOCATIONS: Shares = {"consumption_area": 0.84, "elsewhere_in_facility": 0.1, "outside_nearby": 0.04, "unknown": 0.02}
AGES: Shares = {
    "under_20": 0.01,
    "20_29": 0.09,
    "30_39": 0.26,
    "40_49": 0.29,
    "50_59": 0.24,
    "60_plus": 0.09,
    "unknown": 0.02,
}
GENDERS: Shares = {"man": 0.73, "woman": 0.22, "trans_nonbinary_other": 0.03, "unknown": 0.02}
RACES: Shares = {
    "hispanic_any": 0.37,
    "nh_black": 0.3,
    "nh_white": 0.2,
    "nh_asian": 0.02,
    "nh_aian": 0.02,
    "nh_nhpi": 0.01,
    "nh_multiracial": 0.03,
    "nh_other": 0.01,
    "unknown": 0.04,
}
REFERRAL_TYPES: Shares = {
    "sud_treatment": 0.133,
    "detox": 0.06,
    "moud": 0.06,
    "primary_care": 0.05,
    "wound_care": 0.04,
    "mental_health": 0.03,
    "housing": 0.37,
    "shelter": 0.05,
    "benefits_legal": 0.03,
    "employment": 0.01,
    "bbv_hiv_hcv": 0.1,
    "sexual_health": 0.04,
    "other": 0.027,
}
"""Assumed shares of each breakdown, the same everywhere; the order of the referrals follows the Thistle's."""

PERSONS_VARY = 0.1
"""Assumed: counts of persons, and of what they are given, lie within this much of their expectation, relative."""
JITTER = 0.2
"""Assumed: each share of a breakdown moves by up to this much of itself from month to month."""

NOT_COLLECTED = {"ri-providence": ("overdose_oxygen",)}
"""Providence is imagined not to count oxygen, so that a cell says so."""
HIDDEN_AT_SOURCE = {("ri-providence", Month(2026, 3)): ("ems_calls", 5)}
"""Providence is imagined to hide one month's ambulance calls, fewer than five, before it sends them."""


@dataclass(frozen=True)
class Profile:
    """What one site is like: rates of the year, and how it counts.

    Visits per participant and month, days and hours open, and everything said of how it counts are assumed.
    """

    site: str
    visits_per_day: float
    overdoses_per_visit: float
    all_visits_per_visit: float
    calls_per_overdose: float
    visits_per_person: float
    days_a_week: int
    hours_a_day: float
    responses: Shares
    unique_method: str
    unique_scope: str
    ems_policy: str

    @property
    def about(self) -> dict[str, object]:
        return {
            "partial_month": None,
            "unique_method": self.unique_method,
            "unique_scope": self.unique_scope,
            "visit_basis": "consumption",
            "ems_policy": self.ems_policy,
            "overdose_definition": "core",
            "provisional": False,
        }


def synthetic_reports(seed: int = SEED) -> list[DemoReport]:
    """The reports of all four sites for SYNTHETIC_MONTHS; the same seed gives the same reports."""
    rng = np.random.default_rng(seed)
    return [DemoReport(p.site, month, made_up_body(p, month, rng)) for p in profiles() for month in SYNTHETIC_MONTHS]


def profiles() -> tuple[Profile, ...]:
    """What the four sites are like."""
    return (*_new_york(), _providence(), _san_francisco())


# ---- the four sites ----------------------------------------------------------------------------------


def _new_york() -> tuple[Profile, Profile]:
    """Two sites that together have the visits and overdoses a day of OnPoint's second year, the calls of its first."""
    both = "East Harlem + Washington Heights"
    visits = figure(both, "visits_consumption", "2022-11-30").per_day
    overdoses = figure(both, "overdose_events", "2022-11-30").per_day
    larger = Profile(
        site="nyc-east-harlem",
        visits_per_day=visits * EAST_HARLEM_SHARE,
        overdoses_per_visit=overdoses / visits,
        all_visits_per_visit=_insite_visits_per_consumption_visit(),
        calls_per_overdose=figure(both, "ems_calls", "2021-11-30").per_day / overdoses,
        visits_per_person=7,
        days_a_week=7,
        hours_a_day=14,
        responses=_new_york_responses(),
        unique_method="enrolment_id",
        unique_scope="operator",
        ems_policy="clinical_judgement",
    )
    visits_of_smaller = visits * (1 - EAST_HARLEM_SHARE)
    return larger, replace(larger, site="nyc-washington-heights", visits_per_day=visits_of_smaller, hours_a_day=10)


def _providence() -> Profile:
    """A site with the visits and overdoses a day of Providence's first ten weeks."""
    visits = figure("Willard Ave", "visits_consumption", "2025-01-15").per_day
    return Profile(
        site="ri-providence",
        visits_per_day=visits,
        overdoses_per_visit=figure("Willard Ave", "overdose_events", "2025-01-15").per_day / visits,
        all_visits_per_visit=_insite_visits_per_consumption_visit(),
        calls_per_overdose=ASSUMED_CALLS_PER_OVERDOSE,
        visits_per_person=5,
        days_a_week=5,
        hours_a_day=8,
        responses=_new_york_responses(),
        unique_method="self_code",
        unique_scope="site",
        ems_policy="other",
    )


def _san_francisco() -> Profile:
    """A site with the visits of any kind and the overdoses a day of the Tenderloin Center's 46 weeks."""
    center, opened = "Tenderloin Center", "2022-01-18"
    visits = figure(center, "visits_all", opened).per_day * SF_CONSUMPTION_SHARE
    overdoses = figure(center, "overdose_events", opened).per_day
    naloxone = figure(center, "overdose_naloxone", opened).per_day / overdoses
    return Profile(
        site="sf-tenderloin",
        visits_per_day=visits,
        overdoses_per_visit=overdoses / visits,
        all_visits_per_visit=1 / SF_CONSUMPTION_SHARE,
        calls_per_overdose=ASSUMED_CALLS_PER_OVERDOSE,
        visits_per_person=7,
        days_a_week=7,
        hours_a_day=12,
        responses=_responses(naloxone, oxygen=(1 - naloxone) * OXYGEN_WITHOUT_NALOXONE),
        unique_method="self_code",
        unique_scope="site",
        ems_policy="clinical_judgement",
    )


def _insite_visits_per_consumption_visit() -> float:
    """Assumed for the sites that did not publish it: visits of any kind to consumption visits as at Insite in 2012."""
    any_kind = figure("Insite", "visits_all_per_day", "2012-01-01").value
    return any_kind / figure("Insite", "visits_consumption_per_day", "2012-01-01").value


def _new_york_responses() -> Shares:
    """As in New York's first two months, assumed for Providence too."""
    names = ("naloxone", "oxygen", "monitoring_only")
    both = "East Harlem + Washington Heights"
    naloxone, oxygen, rest = (figure(both, "overdose_events", "2021-11-30", name).value for name in names)
    everything = naloxone + oxygen + rest
    return _responses(naloxone / everything, oxygen / everything)


def _responses(naloxone: float, oxygen: float) -> Shares:
    """Shares of the highest response from the share with naloxone and the share with oxygen alone."""
    neither = 1 - naloxone - oxygen
    return {
        "monitoring_only": neither * (1 - STIMULATED),
        "stimulation": neither * STIMULATED,
        "oxygen": oxygen,
        "naloxone_no_oxygen": naloxone * WITHOUT_OXYGEN,
        "naloxone_with_oxygen": naloxone * (1 - WITHOUT_OXYGEN),
        "cpr_aed": RESUSCITATED,
    }


# ---- one report --------------------------------------------------------------------------------------


def made_up_body(profile: Profile, month: Month, rng: Generator) -> dict[str, object]:
    """A report of the site for a month, as JSON values."""
    use = _use(profile, month, rng)
    safety = _safety(profile, use["visits_consumption"], rng)
    people = _people(profile, use["visits_consumption"], rng)
    counts = {**use, **safety.totals, **people}
    by = _breakdowns(counts, rng)
    by["overdose_events"]["response_highest"] = safety.responses
    tallies: dict[str, object] = {name: _tally(count, by.get(name)) for name, count in counts.items()}
    tallies |= {name: {"total": {"status": "not_collected"}} for name in NOT_COLLECTED.get(profile.site, ())}
    hidden, lt = HIDDEN_AT_SOURCE.get((profile.site, month), ("", 0))
    if hidden and counts[hidden] < lt:
        tallies[hidden] = {"total": {"lt": lt}}
    return report_body(profile.about, tallies)


def _tally(total: int, by: Mapping[str, object] | None) -> dict[str, object]:
    return {"total": total, "by": by} if by else {"total": total}


def _use(profile: Profile, month: Month, rng: Generator) -> dict[str, int]:
    """Days and hours open, visits and episodes."""
    days = _days_open(profile, month)
    visits = round(_expected_visits(profile, month) * (1 + NOISE * rng.standard_normal()))
    return {
        "operating_days": days,
        "operating_hours": round(days * profile.hours_a_day),
        "visits_consumption": visits,
        "visits_all": round(visits * profile.all_visits_per_visit),
        "consumption_episodes": visits + int(rng.binomial(visits, EPISODES_AGAIN)),
    }


def _days_open(profile: Profile, month: Month) -> int:
    """The days of the month on the first `days_a_week` days of the week, which begins on Monday."""
    first = date(month.year, month.number, 1)
    return sum((first + timedelta(n)).weekday() < profile.days_a_week for n in range(month.days))


def _expected_visits(profile: Profile, month: Month) -> float:
    """The month's part of the year's visits, by its days open and the season."""
    year = profile.visits_per_day * sum(m.days for m in SYNTHETIC_MONTHS)
    return year * _weight(profile, month) / sum(_weight(profile, m) for m in SYNTHETIC_MONTHS)


def _weight(profile: Profile, month: Month) -> float:
    return _days_open(profile, month) * (1 + SEASON * cos(2 * pi * (month.number - 7) / 12))


@dataclass(frozen=True)
class _Safety:
    """Overdose events by highest response, and the totals that follow from these."""

    totals: dict[str, int]
    responses: dict[str, int]


def _safety(profile: Profile, visits: int, rng: Generator) -> _Safety:
    overdoses = int(rng.binomial(visits, profile.overdoses_per_visit))
    responses = _split(overdoses, profile.responses, rng)
    resuscitated = responses["cpr_aed"]
    with_naloxone = responses["naloxone_no_oxygen"] + responses["naloxone_with_oxygen"]
    calls = int(rng.binomial(overdoses, profile.calls_per_overdose))
    totals = {
        "overdose_events": overdoses,
        "overdose_naloxone": with_naloxone + int(rng.binomial(resuscitated, NALOXONE_IN_RESUSCITATION)),
        "overdose_oxygen": responses["oxygen"] + responses["naloxone_with_oxygen"] + resuscitated,
        "ems_calls": calls,
        "ems_transports": int(rng.binomial(calls, TRANSPORTS_PER_CALL)),
        "deaths_overdose_onsite": 0,
        "deaths_other_onsite": 0,
    }
    return _Safety(totals, responses)


def _people(profile: Profile, visits: int, rng: Generator) -> dict[str, int]:
    """Participants, and what they are given."""
    unique = _near(visits / profile.visits_per_person, rng)
    # As in Providence's first ten weeks, assumed everywhere.
    connected = figure("Willard Ave", "participants_connected", "2025-01-15").value
    registered = figure("Willard Ave", "participants_cumulative", "2025-01-15").value
    return {
        "participants_unique": unique,
        "participants_new": _near(unique * NEW_SHARE, rng),
        "participants_connected": _near(unique * connected / registered, rng),
        "referrals_made": _near(unique * REFERRALS_PER_PERSON, rng),
        "naloxone_kits_distributed": _near(unique * KITS_PER_PERSON, rng),
    }


def _near(expected: float, rng: Generator) -> int:
    return round(expected * rng.uniform(1 - PERSONS_VARY, 1 + PERSONS_VARY))


def _breakdowns(counts: Mapping[str, int], rng: Generator) -> dict[str, dict[str, dict[str, int]]]:
    people, overdoses = counts["participants_unique"], counts["overdose_events"]
    return {
        "visits_consumption": {"route_any": _overlapping(counts["visits_consumption"], ROUTES, rng)},
        "overdose_events": {
            "overdose_type": _split(overdoses, TYPES, rng),
            "overdose_location": _split(overdoses, LOCATIONS, rng),
        },
        "participants_unique": {
            "age_band": _split(people, AGES, rng),
            "gender": _split(people, GENDERS, rng),
            "race_ethnicity": _split(people, RACES, rng),
        },
        "referrals_made": {"referral_type": _split(counts["referrals_made"], REFERRAL_TYPES, rng)},
    }


def _split(total: int, shares: Shares, rng: Generator) -> dict[str, int]:
    """A partition of the total near the shares, by largest remainders; `unknown` is rounded down, so it stays small."""
    unknown = int(total * shares.get("unknown", 0))
    known = [code for code in shares if code != "unknown"]
    weights = np.array([shares[code] for code in known]) * rng.uniform(1 - JITTER, 1 + JITTER, len(known))
    exact = weights / weights.sum() * (total - unknown)
    parts = np.floor(exact).astype(int)
    short = total - unknown - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:short]] += 1
    given = dict(zip(known, (int(part) for part in parts), strict=True))
    return {code: given.get(code, unknown) for code in shares}


def _overlapping(total: int, shares: Shares, rng: Generator) -> dict[str, int]:
    """Each visit has one code of the partition, and now and then another besides."""
    parts = _split(total, shares, rng)
    return {
        code: part if code == "unknown" else part + int(rng.binomial(min(part, total - part), SECOND_ROUTE))
        for code, part in parts.items()
    }
