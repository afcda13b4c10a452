"""Made-up federations of any size: sites like the demo's, two to an operator and three to a city."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cli.synthetic import made_up_body, profiles
from domain.periods import Month, MonthRange
from domain.release import Contribution
from domain.report import Operator, Report, Reported, Site, Tally
from domain.report_content import report_from_content

SITES_OF_AN_OPERATOR, SITES_OF_A_CITY = 2, 3
SPREAD = 0.7
YEAR = MonthRange(Month(2025, 1), Month(2025, 12))


@dataclass(frozen=True)
class Federation:
    """Sites, their operators and their reports, by month."""

    sites: Sequence[Site]
    operators: Mapping[str, Operator]
    reports: Mapping[Month, Sequence[Contribution]]


def federation(sites: int, months: Sequence[Month], seed: int = 1) -> Federation:
    """So many sites with a report for each month; the same seed gives the same reports."""
    rng = np.random.default_rng(seed)
    places, operators, reports = [], {}, {month: [] for month in months}
    kinds = profiles()
    for number in range(sites):
        size = float(rng.lognormal(-0.3, SPREAD))
        kind = kinds[number % len(kinds)]
        profile = replace(kind, site=f"site-{number:03d}", visits_per_day=kind.visits_per_day * size)
        operator = f"operator-{number // SITES_OF_AN_OPERATOR:03d}"
        operators[operator] = Operator(operator, operator, sentinel="site_month")
        city = f"city-{number // SITES_OF_A_CITY:03d}"
        place = Site(profile.site, profile.site, city, operator, Month(2024, 1), synthetic=True)
        places.append(place)
        for month in months:
            content = made_up_body(profile, month, rng)
            reports[month].append(Contribution(place, month, report_from_content(content)))
    return Federation(places, operators, reports)


def corrected(contribution: Contribution, by: int) -> Contribution:
    """The report with so many referrals more, all of one type: what entries that come late look like."""
    tallies = dict(contribution.report.indicators)
    tallies["referrals_made"] = _more(tallies["referrals_made"], by)
    report: Report = replace(contribution.report, indicators=tallies)
    return replace(contribution, report=report, revision=contribution.revision + 1)


def _more(tally: Tally, by: int) -> Tally:
    total = tally.total
    assert isinstance(total, Reported)
    return Tally(Reported(total.value + by), {name: dict(_first_more(cells, by)) for name, cells in tally.by.items()})


def _first_more(cells: Mapping, by: int) -> Iterator[tuple]:
    for number, (code, cell) in enumerate(cells.items()):
        yield code, Reported(cell.value + by) if number == 0 else cell
