"""How much of the rates survives at k = 5, 7 and 11: `python -m tests.bench.survival`.

Of each measure the sites' months, quarters and years in which numerator and denominator are counted, and in
how many both are published: in the demo, and in a made-up federation of 12 sites over a year.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.demo_reports import DEMO_OPERATORS, DEMO_SITES, real_reports
from cli.synthetic import synthetic_reports
from disclosure.engine import protect
from domain.dictionary import CellName, Measure
from domain.load_dictionary import shipped_dictionaries
from domain.periods import PeriodKind, parse_period
from domain.release import Contribution, ProtectedTable, Status
from domain.report import Operator, Site
from domain.report_content import report_from_content
from tests.bench.federation import YEAR, federation

DICTIONARIES = shipped_dictionaries()
MEASURES = DICTIONARIES[max(DICTIONARIES)].measures
KS = (5, 7, 11)

Survival = Counter[tuple[str, PeriodKind, bool]]


@dataclass(frozen=True)
class Data:
    """Sites, their operators and their reports, under a heading."""

    heading: str
    sites: Sequence[Site]
    operators: Mapping[str, Operator]
    reports: Sequence[Contribution]

    def released(self, k: int) -> ProtectedTable:
        """The release of all reports."""
        return protect(self.reports, sites=self.sites, operators=self.operators, dictionaries=DICTIONARIES, k=k)


def demo() -> Data:
    """The demo's reports, real and synthetic."""
    sites = {site.id: site for site in DEMO_SITES}
    made = [
        Contribution(sites[report.site], report.month, report_from_content(report.body))
        for report in (*synthetic_reports(), *real_reports())
    ]
    heading = "The demo: 4 synthetic sites over a year, 3 sites with what was published of them"
    return Data(heading, DEMO_SITES, {operator.id: operator for operator in DEMO_OPERATORS}, made)


def made_up() -> Data:
    """Twelve sites of a made-up federation over a year."""
    made = federation(12, list(YEAR))
    reports = [c for month in made.reports.values() for c in month]
    return Data("Made up: 12 sites over a calendar year", made.sites, made.operators, reports)


def survival(table: ProtectedTable) -> Survival:
    """How often each measure of a site and period is counted, and of these how often both its counts are published."""
    cells: dict[tuple[str, str], dict[CellName, bool]] = {}
    for row in table.observations:
        if row.level == "site" and Status(row.value_status).is_counted:
            is_shown = row.value_status == Status.PUBLISHED
            cells.setdefault((row.unit, row.period), {})[row.key.name] = is_shown
    counted: Survival = Counter()
    for (_, period), shown in cells.items():
        for measure in MEASURES:
            if {measure.numerator, measure.denominator} <= shown.keys():
                is_shown = shown[measure.numerator] and shown[measure.denominator]
                counted[measure.id, parse_period(period).kind, is_shown] += 1
    return counted


def show(data: Data) -> None:
    """Print the table of some data."""
    found = [survival(data.released(k)) for k in KS]
    print(f"\n{data.heading}\n\n| measure | period | counted | {' | '.join(f'k = {k}' for k in KS)} |")
    print("|---|---|---|" + "---|" * len(KS))
    for measure in MEASURES:
        for kind in PeriodKind:
            _line(measure, kind, found)


def _line(measure: Measure, kind: PeriodKind, found: Sequence[Survival]) -> None:
    counted = sum(found[0][measure.id, kind, is_shown] for is_shown in (True, False))
    if counted:
        shares = " | ".join(f"{survived[measure.id, kind, True] / counted:.0%}" for survived in found)
        print(f"| {measure.id} | {kind.value} | {counted} | {shares} |")


if __name__ == "__main__":
    for data in (demo(), made_up()):
        show(data)
        sys.stdout.flush()
