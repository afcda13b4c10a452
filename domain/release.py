"""What a release is made of: the cells of the publication plan, and what of them is told.

A row of a release is an Observation. Its columns are the same in JSON, in CSV and in the reader's hands.
A hidden cell says `suppressed` and nothing of why; its `lower` and `upper` are what any reader could
derive from the published cells, and so tell nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from domain.dictionary import CellName, Level
from domain.periods import Month, Period, parse_period
from domain.report import Report, Site


class Status(StrEnum):
    """What a row of a release says about its cell."""

    PUBLISHED = "published"
    SUPPRESSED = "suppressed"
    NOT_COLLECTED = "not_collected"
    NOT_APPLICABLE = "not_applicable"
    NOT_REPORTED = "not_reported"

    @property
    def is_counted(self) -> bool:
        """Whether there is a count behind the row, shown or not."""
        return self in (Status.PUBLISHED, Status.SUPPRESSED)


@dataclass(frozen=True)
class CellKey:
    """The place of a cell in a release: where, when, what. `unit` is a site, a city or `all`."""

    level: Level
    unit: str
    period: Period
    name: CellName


@dataclass(frozen=True)
class Observation:
    """A row of a release, in the order of its columns.

    `city` is empty for all sites together, `operator` for anything but a site. `value` is given where the
    status is `published`; `lower` and `upper` where it is `suppressed` (`upper` None: no bound is known).
    """

    level: str
    unit: str
    city: str
    operator: str
    period: str
    indicator: str
    breakdown: str
    category: str
    value: int | float | None
    value_status: str
    lower: int | float | None = None
    upper: int | float | None = None

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.value_status == Status.PUBLISHED):
            raise ValueError("a value is shown exactly where the status is published")
        if self.value_status != Status.SUPPRESSED and (self.lower, self.upper) != (None, None):
            raise ValueError("only a hidden cell has bounds")

    @property
    def key(self) -> CellKey:
        name = CellName(self.indicator, self.breakdown, self.category)
        return CellKey(Level(self.level), self.unit, parse_period(self.period), name)


COLUMNS = tuple(f.name for f in fields(Observation))


@dataclass(frozen=True)
class Contribution:
    """An accepted report as it goes into a release."""

    site: Site
    month: Month
    report: Report


@dataclass(frozen=True)
class AttackSummary:
    """What the manifest says of the attack: who attacked how many hidden cells, and what came of it."""

    attackers: tuple[str, ...]
    cells: int
    breaches: int
    minimum_width: int | None
    method: str


@dataclass(frozen=True)
class ProtectedTable:
    """The rows of a release, proved safe, and the summary of the proof."""

    observations: tuple[Observation, ...]
    attack: AttackSummary


@dataclass(frozen=True)
class FileFacts:
    """What tells one file from another: how many bytes, and their SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class PublishedRelease:
    """A published release: its place in the chain, and its manifest as the exact bytes that were signed."""

    number: int
    id: str
    manifest: bytes
    sha256: str
    published_at: datetime
