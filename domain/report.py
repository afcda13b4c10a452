"""A report: what one site counted in one month.

Every cell is one of three things, and never a magic number or a blank that means zero:

    Reported(31)               counted
    Bounded(5)                 counted and hidden by the operator: fewer than 5
    Missing("not_collected")   not counted, with the reason
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from domain.calendar import DueDay
from domain.canonical import canonical_json, sha256_of
from domain.dictionary import CellName
from domain.periods import Month

COUNT_MAX = 10_000_000


class Gap(StrEnum):
    """Why a cell carries no count."""

    NOT_COLLECTED = "not_collected"
    NOT_APPLICABLE = "not_applicable"
    NOT_REPORTED = "not_reported"


@dataclass(frozen=True)
class Reported:
    """A count, or hours with at most two decimals."""

    value: int | float

    def __post_init__(self) -> None:
        if not 0 <= self.value <= COUNT_MAX:
            raise ValueError(f"a count is 0 to {COUNT_MAX}")

    @property
    def low(self) -> float:
        return self.value

    @property
    def high(self) -> float:
        return self.value

    @property
    def content(self) -> object:
        return self.value


@dataclass(frozen=True)
class Bounded:
    """A count that the operator does not tell: it is less than `lt`."""

    lt: int

    def __post_init__(self) -> None:
        if not 2 <= self.lt <= COUNT_MAX:
            raise ValueError(f"a bound is 2 to {COUNT_MAX}")

    @property
    def low(self) -> float:
        return 0

    @property
    def high(self) -> float:
        return self.lt - 1

    @property
    def content(self) -> object:
        return {"lt": self.lt}


@dataclass(frozen=True)
class Missing:
    """No count, and why."""

    gap: Gap

    @property
    def content(self) -> object:
        return {"status": self.gap.value}


Count = Reported | Bounded
Cell = Count | Missing


@dataclass(frozen=True)
class Tally:
    """An indicator in a report: its total, and the breakdowns given, each whole."""

    total: Cell
    by: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)

    @property
    def content(self) -> dict[str, object]:
        by = {name: _content(cells) for name, cells in self.by.items()}
        return {"total": self.total.content, **({"by": by} if by else {})}


def _content(cells: Mapping[str, Cell]) -> dict[str, object]:
    return {code: cell.value if type(cell) is Reported else cell.content for code, cell in cells.items()}


@dataclass(frozen=True)
class PartialMonth:
    """The days on which a month began and ended, where it was not whole."""

    first_day: int
    last_day: int
    reason: str

    def __post_init__(self) -> None:
        if not 1 <= self.first_day <= self.last_day <= 31:
            raise ValueError("the days of a partial month run from 1 to 31, the first not after the last")


@dataclass(frozen=True)
class About:
    """How the counts of a report were made; without it comparisons mislead."""

    visit_basis: str
    unique_method: str
    unique_scope: str
    ems_policy: str
    overdose_definition: str
    provisional: bool
    partial_month: PartialMonth | None = None

    @property
    def content(self) -> dict[str, object]:
        partial = self.partial_month
        return {**vars(self), "partial_month": dict(vars(partial)) if partial else None}


@dataclass(frozen=True)
class Report:
    """The counts of one site-month, as sent. Which site and month it is for stands beside it, not in it."""

    dictionary: str
    about: About
    indicators: Mapping[str, Tally]
    closed: str | None = None
    revision_reason: str | None = None
    acknowledged: tuple[tuple[str, str], ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the site was open, and for the whole of the month."""
        return self.closed is None and self.about.partial_month is None

    @cached_property
    def told_totals(self) -> Mapping[str, int | float]:
        """The totals that are told, by indicator."""
        return {id: tally.total.value for id, tally in self.indicators.items() if isinstance(tally.total, Reported)}

    @cached_property
    def hidden_totals(self) -> Mapping[str, Bounded]:
        """The totals that are counted and not told, by indicator."""
        return {id: tally.total for id, tally in self.indicators.items() if isinstance(tally.total, Bounded)}

    def cell(self, name: CellName) -> Cell | None:
        """The cell of that name, or None where the report does not give it."""
        tally = self.indicators.get(name.indicator)
        if tally is None or not name.breakdown:
            return tally.total if tally else None
        return tally.by.get(name.breakdown, {}).get(name.category)

    def cells(self) -> Iterator[tuple[CellName, Cell]]:
        """Every cell given, totals before their breakdowns."""
        for indicator, tally in self.indicators.items():
            yield CellName(indicator), tally.total
            for breakdown, cells in tally.by.items():
                for category, cell in cells.items():
                    yield CellName(indicator, breakdown, category), cell

    @cached_property
    def content(self) -> dict[str, object]:
        """The report as JSON values; what is absent is left out, so equal reports have equal content."""
        optional = {
            "closed": self.closed,
            "revision_reason": self.revision_reason,
            "acknowledged": [{"rule": rule, "reason": reason} for rule, reason in self.acknowledged],
        }
        return {
            "dictionary": self.dictionary,
            "about": self.about.content,
            "indicators": {name: tally.content for name, tally in self.indicators.items()},
            **{name: value for name, value in optional.items() if value},
        }

    @cached_property
    def packed(self) -> bytes:
        """The canonical JSON (RFC 8785) of the content: what is stored."""
        return canonical_json(self.content, is_finite=True)  # as every count is

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the packed report."""
        return sha256_of(self.packed)


@dataclass(frozen=True)
class Site:
    """A place, and the facts about it that rules and comparisons need. Nobody reports for a disabled one."""

    id: str
    label: str
    city: str
    operator: str
    opened: Month
    closed: Month | None = None
    timezone: str = "UTC"
    synthetic: bool = False
    stations: int | None = None
    series_breaks: tuple[SeriesBreak, ...] = ()
    due_days: tuple[DueDay, ...] = ()
    disabled: bool = False

    def is_open(self, month: Month) -> bool:
        """Whether the site was open in some part of the month."""
        return self.opened <= month and (self.closed is None or month <= self.closed)


@dataclass(frozen=True)
class SeriesBreak:
    """From this month on, the numbers of an indicator are not continuous with those before."""

    month: Month
    indicator: str
    code: str


SENTINEL_LEVELS = ("site_month", "site_year", "all_year", "none")
"""At which levels deaths may be published, as an operator agrees before any is counted."""


@dataclass(frozen=True)
class Operator:
    """A tenant, and what it agreed to about disclosure: its k (None: the hub's) and its sentinel level.

    Nobody acts for a disabled one; what it reported stays.
    """

    id: str
    label: str
    k: int | None = None
    sentinel: str = "none"
    disabled: bool = False
