"""What a release is made of: the cells of the publication plan, and what of them is told.

A row of a release is an Observation. Its columns are the same in JSON, in CSV and in the reader's hands.
A hidden cell says `suppressed` and nothing of why; its `lower` and `upper` are what any reader could
derive from the published cells, and so tell nothing new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum

from domain.dictionary import CellName, Level
from domain.periods import Month, Period, parse_period
from domain.report import Report, Site


class Reason(StrEnum):
    """Why a cell is hidden; never published."""

    SMALL = "small"
    SENT_AS_BOUND = "sent_as_bound"
    ONE_CATEGORY = "one_category"
    CORRECTION = "correction"
    HIDDEN_BEFORE = "hidden_before"
    COMPLEMENT = "complement"


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
    """A report as it goes into a release: the counts in use, and where they come from.

    `revision` is the one that the steward accepted last. An indicator may keep the counts of an earlier one:
    `counted_in` maps it to the revision in which they were first used. `withheld` are the breakdowns that
    this release does not show, by indicator.
    """

    site: Site
    month: Month
    report: Report
    revision: int = 1
    counted_in: Mapping[str, int] = field(default_factory=dict)
    withheld: frozenset[tuple[str, str]] = frozenset()

    def revision_of(self, indicator: str) -> int:
        """The revision in which the counts of an indicator were first used."""
        return self.counted_in.get(indicator, self.revision)


class Inclusion(StrEnum):
    """How a release uses a report."""

    INCLUDED = "included"
    CORRECTION_PENDING = "correction_pending"
    HELD_BACK = "held_back"


@dataclass(frozen=True)
class PastRelease:
    """What was told before: the reports in it, the sites there were, and what each row said.

    `terms` are the policy and agreements that decided which rows there were. What a release told that is
    `withheld` since it was retracted is known, and is not shown again for that.
    """

    contributions: Sequence[Contribution]
    sites: Sequence[Site]
    statuses: Mapping[CellKey, Status]
    terms: str = ""
    is_withheld: bool = False


@dataclass(frozen=True)
class AttackSummary:
    """What the manifest says of the attack: who attacked how many hidden cells, and what came of it.

    `coalitions` counts the cells that some two operators together could work out, `sole_contributors` those
    that the only person in another cell could; both are told, and do not by themselves stop a release.
    """

    attackers: tuple[str, ...]
    cells: int
    breaches: int
    minimum_width: int | None
    coalitions: int
    sole_contributors: int
    method: str


@dataclass(frozen=True)
class ProtectedTable:
    """The rows of a release, proved safe, the reports as it uses them, and the summary of the proof.

    `reasons` say of each hidden row why it is hidden, `waiting` which indicators of a report wait for a larger
    correction; both are for stewards and operators, never published.
    """

    observations: tuple[Observation, ...]
    attack: AttackSummary
    contributions: tuple[Contribution, ...]
    inclusions: Mapping[tuple[str, Month], Inclusion]
    reasons: Mapping[CellKey, Reason]
    waiting: Mapping[tuple[str, Month], Sequence[str]]


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
