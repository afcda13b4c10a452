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
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from comparison.reading.release_view import Way

UNKNOWN = "unknown"
PARTIAL_MONTH, PROVISIONAL = "partial_month", "provisional"

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


class UnitFacts(NamedTuple):
    """What the gate looks at: how a unit's contributing reports were counted, how many there are and should be.

    `breaks`, `partial` and `provisional` are what is to be told of the unit under these reasons.
    """

    unit: str
    ways: tuple[Way, ...]
    has_synthetic: bool = False
    has_real: bool = False
    months: int = 0
    months_expected: int = 0
    breaks: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    provisional: tuple[str, ...] = ()


def comparability(
    units: Sequence[UnitFacts], *, must_agree: Iterable[str], should_agree: Iterable[str]
) -> Comparability:
    """Judge units whose numbers are to be compared.

    `must_agree` and `should_agree` name codes of the about block. A code that is `unknown` in one unit does
    not agree with anything in another, known or not.
    """
    alike = _alike(units)
    decisive = [*_disagreements(alike, must_agree), *_versions(alike), *_synthetic_with_real(units)]
    cautions = [
        *_disagreements(alike, should_agree),
        *_told(
            "series_break",
            [(u.unit, text) for u in units for text in u.breaks],
            "The numbers are not continuous with those before: ",
        ),
        *_told("partial_month", [(u.unit, text) for u in units for text in u.partial], "Months that were not whole: "),
        *_told("incomplete", _incomplete(units), "Site-months that contribute, of those expected: "),
        *_told(
            "provisional",
            [(u.unit, text) for u in units for text in u.provisional],
            "Months whose numbers may still change: ",
        ),
    ]
    status = Verdict.REFUSED if decisive else Verdict.CAUTION if cautions else Verdict.COMPARABLE
    return Comparability(status, (*decisive, *cautions))


def agree_on(code: str, units: Sequence[UnitFacts]) -> bool:
    """Whether all units say the same of a code of the about block, and what they say is known."""
    return not _disagreement(_alike(units), code)


Texts = Sequence[tuple[str, str]]
"""Units, and what is to be told of each."""
Alike = Mapping[tuple[Way, ...], Collection[str]]


def _alike(units: Sequence[UnitFacts]) -> Alike:
    """The units that were counted in the same ways, by these."""
    found: dict[tuple[Way, ...], set[str]] = defaultdict(set)
    for facts in units:
        found[facts.ways].add(facts.unit)
    return found


def _disagreements(alike: Alike, codes: Iterable[str]) -> list[Reason]:
    return [reason for code in codes for reason in _disagreement(alike, code)]


def _disagreement(alike: Alike, code: str) -> list[Reason]:
    # In a closed month nothing was counted, so how is of no consequence.
    holders = _holders(alike, lambda way: None if way.is_closed else str(way.about.get(code, UNKNOWN)))
    if len(holders) < 2 and len(holders.get(UNKNOWN, ())) < 2:
        return []
    reason = DISAGREEMENTS.get(code, DEFINITION_DIFFERS)
    return [_sides(reason, {_said(value): units for value, units in sorted(holders.items())}, f"{code} is ")]


def _versions(alike: Alike) -> list[Reason]:
    """Reports that follow different versions of the dictionary, whose definitions may have changed."""
    holders = _holders(alike, lambda way: way.dictionary)
    if len(holders) < 2:
        return []
    return [_sides(DEFINITION_DIFFERS, dict(sorted(holders.items())), "The version of the dictionary is ")]


def _holders(alike: Alike, value_of: Callable[[Way], str | None]) -> dict[str, set[str]]:
    """Who counted by each value; None is left out."""
    holders: dict[str, set[str]] = defaultdict(set)
    for ways, units in alike.items():
        for value in {value_of(way) for way in ways}:
            if value is not None:
                holders[value].update(units)
    return holders


def _sides(code: str, holders: Mapping[str, Collection[str]], words: str) -> Reason:
    sides = (f"{value} at {', '.join(sorted(units))}" for value, units in holders.items())
    return Reason(code, tuple(sorted(set().union(*holders.values()))), f"{words}{'; '.join(sides)}.")


def _said(value: str) -> str:
    return "not known (unknown)" if value == UNKNOWN else value


def _synthetic_with_real(units: Sequence[UnitFacts]) -> list[Reason]:
    synthetic = {facts.unit for facts in units if facts.has_synthetic}
    real = {facts.unit for facts in units if facts.has_real}
    if not synthetic or not real:
        return []
    detail = f"The numbers of {', '.join(sorted(synthetic))} are synthetic, those of {', '.join(sorted(real))} real."
    return [Reason("synthetic_with_real", tuple(sorted(synthetic | real)), detail)]


def _incomplete(units: Sequence[UnitFacts]) -> Texts:
    return [
        (facts.unit, f"{facts.unit} {facts.months} of {facts.months_expected}")
        for facts in units
        if facts.months < facts.months_expected
    ]


def _told(code: str, texts: Texts, words: str) -> list[Reason]:
    """One reason for all that there is to say of units; none where there is nothing."""
    involved = tuple(sorted({unit for unit, _ in texts}))
    return [Reason(code, involved, f"{words}{', '.join(text for _, text in texts)}.")] if texts else []
