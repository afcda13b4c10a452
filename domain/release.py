"""What a release is made of: the cells of the publication plan, and what of them is told.

A row of a release is an Observation. Its columns are the same in JSON, in CSV and in the reader's hands.
A hidden cell says `suppressed` and nothing of why; its `lower` and `upper` are what any reader could
derive from the published cells, and so tell nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from domain.dictionary import CellName, Level
from domain.periods import Month, Period, Year, parse_period
from domain.report import Report, Site

ANYONE = "anyone"
"""The attacker who knows what is published and nothing else."""


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


@dataclass(frozen=True, slots=True)
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

    @classmethod
    def joined(cls, parts: Sequence[AttackSummary]) -> AttackSummary:
        """What came of the attack on several parts that have nothing to do with each other."""
        attackers = {attacker for part in parts for attacker in part.attackers}
        widths = [part.minimum_width for part in parts if part.minimum_width is not None]
        return cls(
            attackers=tuple(sorted(attackers, key=lambda name: (name != ANYONE, name))),
            cells=sum(part.cells for part in parts),
            breaches=sum(part.breaches for part in parts),
            minimum_width=min(widths, default=None),
            coalitions=sum(part.coalitions for part in parts),
            sole_contributors=sum(part.sole_contributors for part in parts),
            method=" / ".join(dict.fromkeys(part.method for part in parts)),
        )


@dataclass(frozen=True)
class Part:
    """Months of a release that hang together, and the proof of their rows.

    No relation ties a hidden count of one part to one of another. `basis` stands for all that the part was
    made of: the same basis gives the same rows. `reasons` say why its hidden rows are hidden, packed.
    """

    months: tuple[Month, ...]
    basis: str
    attack: AttackSummary
    reasons: bytes


RowsOf = Callable[[Collection[Month]], Iterable["Observation"]]
"""The rows of a release about any of some months: these, and the quarters and years they lie in; in their order."""


def rows_about(observations: Iterable[Observation], months: Collection[Month]) -> Iterator[Observation]:
    """Of some rows those about any of the months."""
    periods = periods_of(months)
    return (row for row in observations if row.period in periods)


def periods_of(months: Collection[Month]) -> set[str]:
    """The months, and the quarters and years they lie in."""
    return {str(period) for month in months for period in (month, month.quarter, Year(month.year))}


@dataclass(frozen=True)
class PastRelease:
    """What was told before: the reports in it, the sites there were, its rows, and the parts it was proved in.

    `terms` are the policy and agreements that decided which rows there were. What a release told that is
    `withheld` since it was retracted is known, and is not shown again for that.
    """

    contributions: Sequence[Contribution]
    sites: Sequence[Site]
    rows: RowsOf
    terms: str = ""
    is_withheld: bool = False
    parts: Sequence[Part] = ()

    @cached_property
    def statuses(self) -> Mapping[CellKey, Status]:
        """What each row said that is about a month of the contributions."""
        return {row.key: Status(row.value_status) for row in self.rows({c.month for c in self.contributions})}

    def within(self, months: Collection[Month]) -> PastRelease:
        """The release as if it had told of these months alone."""
        return replace(self, contributions=[c for c in self.contributions if c.month in months])


@dataclass(frozen=True)
class ProtectedTable:
    """The rows of a release, proved safe, the reports as it uses them, and the summary of the proof, part by part.

    `waiting` says which indicators of a report wait for a larger correction; it is for stewards and
    operators, never published, and so are the reasons in the parts.
    """

    observations: tuple[Observation, ...]
    attack: AttackSummary
    contributions: tuple[Contribution, ...]
    inclusions: Mapping[tuple[str, Month], Inclusion]
    parts: tuple[Part, ...]
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
