"""The comparability gate: were these numbers counted the same way?

13 per 1,000 consumption visits in one city and 2.7 per 1,000 visits of any kind in another are not two
values of one rate. So before numbers are set side by side, the way they were counted is.

    refused      a code that must agree differs, or synthetic numbers stand beside real ones
    caution      anything else that a reader has to know
    comparable   nothing of the kind

The same holds inside a unit: a city whose two sites count differently has no rate of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from comparison.reading.release_view import SiteMonth
from domain.report import SeriesBreak, Site

UNKNOWN = "unknown"

DEFINITION_DIFFERS = "definition_differs"
DISAGREEMENTS = {
    "visit_basis": "visit_basis_differs",
    "overdose_definition": DEFINITION_DIFFERS,
    "ems_policy": "ems_policy_differs",
    "unique_method": "unique_method_differs",
    "unique_scope": "unique_method_differs",
}
"""The reason for each code of the about block that can differ; for any other it is `definition_differs`."""


class Verdict(StrEnum):
    """What may be done with the numbers."""

    COMPARABLE = "comparable"
    CAUTION = "caution"
    REFUSED = "refused"


@dataclass(frozen=True)
class Reason:
    """Why numbers can't be compared, or only with care, and which units it is about."""

    code: str
    units: tuple[str, ...]
    detail: str

    @property
    def content(self) -> dict[str, object]:
        return {"code": self.code, "units": list(self.units), "detail": self.detail}


@dataclass(frozen=True)
class Comparability:
    """The verdict of the gate and all its reasons."""

    status: Verdict
    reasons: tuple[Reason, ...]

    @property
    def content(self) -> dict[str, object]:
        return {"status": self.status.value, "reasons": [reason.content for reason in self.reasons]}


@dataclass(frozen=True)
class UnitFacts:
    """What the gate looks at: a unit's contributing sites and reports, and the site-months there should be."""

    unit: str
    sites: tuple[Site, ...]
    reports: tuple[SiteMonth, ...]
    months_expected: int

    @cached_property
    def ways(self) -> Collection[SiteMonth]:
        """One report for each way in which they were counted; a release keeps equal about blocks as one."""
        return {(id(r.about), r.closed is None, r.dictionary): r for r in self.reports}.values()


def comparability(
    units: Sequence[UnitFacts],
    *,
    must_agree: Iterable[str],
    should_agree: Iterable[str],
    indicators: Collection[str],
) -> Comparability:
    """Judge units whose numbers of `indicators` are to be compared.

    `must_agree` and `should_agree` name codes of the about block. A code that is `unknown` in one unit does
    not agree with anything in another, known or not.
    """
    decisive = [*_disagreements(units, must_agree), *_versions(units), *_synthetic_with_real(units)]
    cautions = [
        *_disagreements(units, should_agree),
        *_series_breaks(units, indicators),
        *_partial_months(units),
        *_incomplete(units),
        *_provisional(units),
    ]
    status = Verdict.REFUSED if decisive else Verdict.CAUTION if cautions else Verdict.COMPARABLE
    return Comparability(status, (*decisive, *cautions))


def agree_on(code: str, units: Sequence[UnitFacts]) -> bool:
    """Whether all units say the same of a code of the about block, and what they say is known."""
    return not _disagreement(units, code)


def _disagreements(units: Sequence[UnitFacts], codes: Iterable[str]) -> list[Reason]:
    return [reason for code in codes for reason in _disagreement(units, code)]


def _disagreement(units: Sequence[UnitFacts], code: str) -> list[Reason]:
    holders: dict[str, set[str]] = defaultdict(set)
    for facts in units:
        for report in facts.ways:
            # In a closed month nothing was counted, so how is of no consequence.
            if report.closed is None:
                holders[str(report.about.get(code, UNKNOWN))].add(facts.unit)
    if len(holders) < 2 and len(holders.get(UNKNOWN, ())) < 2:
        return []
    sides = (f"{_said(value)} at {', '.join(sorted(held))}" for value, held in sorted(holders.items()))
    involved = tuple(sorted(set().union(*holders.values())))
    return [Reason(DISAGREEMENTS.get(code, DEFINITION_DIFFERS), involved, f"{code} is {'; '.join(sides)}.")]


def _versions(units: Sequence[UnitFacts]) -> list[Reason]:
    """Reports that follow different versions of the dictionary, whose definitions may have changed."""
    holders: dict[str, set[str]] = defaultdict(set)
    for facts in units:
        for report in facts.ways:
            if report.dictionary is not None:
                holders[report.dictionary].add(facts.unit)
    if len(holders) < 2:
        return []
    sides = (f"{version} at {', '.join(sorted(held))}" for version, held in sorted(holders.items()))
    involved = tuple(sorted(set().union(*holders.values())))
    return [Reason(DEFINITION_DIFFERS, involved, f"The version of the dictionary is {'; '.join(sides)}.")]


def _said(value: str) -> str:
    return "not known (unknown)" if value == UNKNOWN else value


def _synthetic_with_real(units: Sequence[UnitFacts]) -> list[Reason]:
    synthetic = {facts.unit for facts in units if any(site.synthetic for site in facts.sites)}
    real = {facts.unit for facts in units if any(not site.synthetic for site in facts.sites)}
    if not synthetic or not real:
        return []
    detail = f"The numbers of {', '.join(sorted(synthetic))} are synthetic, those of {', '.join(sorted(real))} real."
    return [Reason("synthetic_with_real", tuple(sorted(synthetic | real)), detail)]


def _series_breaks(units: Sequence[UnitFacts], indicators: Collection[str]) -> list[Reason]:
    found = [
        (facts.unit, f"{site.id} {at.indicator} from {at.month} ({at.code})")
        for facts in units
        for site in facts.sites
        for at in site.series_breaks
        if at.indicator in indicators and _splits(at, facts.reports, site)
    ]
    return _reasons("series_break", found, "The numbers are not continuous with those before: ")


def _splits(at: SeriesBreak, reports: Iterable[SiteMonth], site: Site) -> bool:
    """Whether the site has reports on both sides of the break."""
    months = [report.month for report in reports if report.site == site.id]
    return bool(months) and min(months) < at.month <= max(months)


def _partial_months(units: Sequence[UnitFacts]) -> list[Reason]:
    return _flagged(units, "partial_month", "partial_month", "Months that were not whole: ")


def _provisional(units: Sequence[UnitFacts]) -> list[Reason]:
    return _flagged(units, "provisional", "provisional", "Months whose numbers may still change: ")


def _incomplete(units: Sequence[UnitFacts]) -> list[Reason]:
    found = [
        (facts.unit, f"{facts.unit} {len(facts.reports)} of {facts.months_expected}")
        for facts in units
        if len(facts.reports) < facts.months_expected
    ]
    return _reasons("incomplete", found, "Site-months that contribute, of those expected: ")


def _flagged(units: Sequence[UnitFacts], field: str, code: str, words: str) -> list[Reason]:
    found = [
        (facts.unit, f"{report.site} {report.month}")
        for facts in units
        if any(way.about.get(field) for way in facts.ways)
        for report in facts.reports
        if report.about.get(field)
    ]
    return _reasons(code, found, words)


def _reasons(code: str, found: Sequence[tuple[str, str]], words: str) -> list[Reason]:
    """One reason for all that was found, pairs of a unit and what to say of it; none where nothing was."""
    if not found:
        return []
    units = tuple(sorted({unit for unit, _ in found}))
    return [Reason(code, units, f"{words}{', '.join(text for _, text in found)}.")]
