"""The data dictionary: what is counted, how it breaks down, which rules hold, what is published.

Two ideas carry everything else. An *indicator* is one number per site and month; a *breakdown* cuts it
into the *categories* of a code list, bound to it by a *kind*:

    partition   the categories, `unknown` among them, sum to the total
    subset      the categories sum to at most the total
    multi       one event may be in several categories; each is at most the total

The disclosure class of an indicator decides what is protected; the plan, per class, what is published.
A dictionary is loaded from one TOML file by `domain/load_dictionary.py` and never changes afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from domain.expressions import Comparison
from domain.periods import Month, PeriodKind


class Kind(StrEnum):
    """How the categories of a breakdown add up to the total."""

    PARTITION = "partition"
    SUBSET = "subset"
    MULTI = "multi"


class DisclosureClass(StrEnum):
    """What a count counts, which decides how it is protected and where it is published."""

    PERSONS = "persons"
    PERSON_EVENTS = "person_events"
    USE_EVENTS = "use_events"
    SENTINEL = "sentinel"
    ITEMS = "items"
    HOURS = "hours"
    DAYS = "days"

    @property
    def is_protected(self) -> bool:
        """Whether small counts of this class are hidden."""
        return self is DisclosureClass.USE_EVENTS or self.is_personal

    @property
    def is_personal(self) -> bool:
        """Whether each count is of a person, or of something that happened to one."""
        return self in (DisclosureClass.PERSONS, DisclosureClass.PERSON_EVENTS)


class Level(StrEnum):
    """The unit a published cell speaks of: one site, all sites of a city, or all sites."""

    SITE = "site"
    CITY = "city"
    ALL = "all"


class IntervalMethod(StrEnum):
    """The exact interval of a measure."""

    POISSON = "poisson"
    BINOMIAL = "binomial"
    NONE = "none"


@dataclass(frozen=True)
class Category:
    """A code and its label."""

    code: str
    label: str


@dataclass(frozen=True)
class Breakdown:
    """A code list by which indicators are broken down."""

    id: str
    label: str
    categories: tuple[Category, ...]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(category.code for category in self.categories)


@dataclass(frozen=True)
class Binding:
    """A breakdown as one indicator uses it."""

    breakdown: Breakdown
    kind: Kind


@dataclass(frozen=True)
class Indicator:
    """One number per site and month (`window` says otherwise for persons of a quarter or a year)."""

    id: str
    label: str
    definition: str
    unit: str
    disclosure_class: DisclosureClass
    core: bool
    additive_over_time: bool
    additive_over_units: bool
    bindings: tuple[Binding, ...]
    window: PeriodKind = PeriodKind.MONTH

    def __post_init__(self) -> None:
        if self.disclosure_class is DisclosureClass.PERSONS and (self.additive_over_time or self.additive_over_units):
            raise ValueError(f"{self.id}: persons never add up, over sites or over months")

    def binding(self, breakdown: str) -> Binding | None:
        """The binding of a breakdown by its id, or None."""
        return next((b for b in self.bindings if b.breakdown.id == breakdown), None)

    def codes(self, breakdown: str) -> tuple[str, ...]:
        """The categories of one of its breakdowns."""
        binding = self.binding(breakdown)
        return binding.breakdown.codes if binding else ()


@dataclass(frozen=True)
class Check:
    """One thing a rule looks at: `kind` names how (`domain/checks.py`), `parameters` what.

    `hard` says whether it refuses the report or warns. `needs_history` marks the checks that look at
    earlier months as well. `comparison` is parsed where the kind has one: for a hard check it must hold,
    for a warning it must not.
    """

    kind: str
    hard: bool
    needs_history: bool = False
    comparison: Comparison | None = None
    condition: Comparison | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)

    def is_waived_by(self, revision_reason: str | None) -> bool:
        """Whether a report that gives this reason is only warned."""
        return revision_reason is not None and revision_reason == self.parameters.get("waived_by")


@dataclass(frozen=True)
class Rule:
    """A validation rule, its words and its checks."""

    id: str
    text: str
    checks: tuple[Check, ...]

    @property
    def level(self) -> str:
        """`error`, `warning` or `error and warning`."""
        levels = {"error" if check.hard else "warning" for check in self.checks}
        return " and ".join(sorted(levels))


@dataclass(frozen=True)
class CellName:
    """A cell of a report: a total, or a category of a breakdown (both empty on totals)."""

    indicator: str
    breakdown: str = ""
    category: str = ""

    @property
    def words(self) -> tuple[str, str, str]:
        """Its three parts, as columns have them."""
        return self.indicator, self.breakdown, self.category

    @property
    def pointer(self) -> str:
        """Where the cell, or a whole breakdown, stands in the JSON of a report (RFC 6901)."""
        if not self.breakdown:
            return f"/indicators/{self.indicator}/total"
        place = f"/indicators/{self.indicator}/by/{self.breakdown}"
        return f"{place}/{self.category}" if self.category else place


@dataclass(frozen=True)
class Measure:
    """A rate or share: factor x numerator / denominator.

    `must_agree` names the codes of the about block without which no comparison is made, `should_agree`
    those whose difference is a caution.
    """

    id: str
    label: str
    numerator: CellName
    denominator: CellName
    factor: int
    interval: IntervalMethod
    must_agree: tuple[str, ...]
    should_agree: tuple[str, ...]


@dataclass(frozen=True)
class PublicationPlan:
    """What is published of one disclosure class, decided before any value is seen."""

    levels: tuple[Level, ...]
    periods: tuple[PeriodKind, ...]
    breakdowns: bool


@dataclass(frozen=True)
class Dictionary:
    """One version of the data dictionary, whole."""

    version: str
    in_force_from: Month
    in_force_to: Month | None
    indicators: tuple[Indicator, ...]
    breakdowns: tuple[Breakdown, ...]
    codes: Mapping[str, tuple[Category, ...]]
    rules: tuple[Rule, ...]
    measures: tuple[Measure, ...]
    plan: Mapping[DisclosureClass, PublicationPlan]

    def in_force(self, month: Month) -> bool:
        """Whether reports for the month are judged by this version."""
        return self.in_force_from <= month and (self.in_force_to is None or month <= self.in_force_to)

    @cached_property
    def by_id(self) -> Mapping[str, Indicator]:
        return {indicator.id: indicator for indicator in self.indicators}

    @cached_property
    def windowed(self) -> tuple[Indicator, ...]:
        """The indicators that count a longer period than a month."""
        return tuple(i for i in self.indicators if i.window is not PeriodKind.MONTH)

    @cached_property
    def months_of_history(self) -> int:
        """How many months before a report its checks look at."""
        checks = [check for rule in self.rules for check in rule.checks if check.needs_history]
        return max((int(str(check.parameters.get("months", 1))) for check in checks), default=0)

    @cached_property
    def breakdowns_in_history(self) -> frozenset[tuple[str, str]]:
        """The breakdowns (indicator, breakdown) of other months that its checks look at."""
        given = [check.parameters for rule in self.rules for check in rule.checks if check.kind == "trailing"]
        return frozenset((str(p[key]), str(p["breakdown"])) for p in given for key in ("indicator", "limit"))

    @cached_property
    def measures_by_id(self) -> Mapping[str, Measure]:
        return {measure.id: measure for measure in self.measures}

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of indicators, breakdowns and rules, and every code."""
        lists = [*(breakdown.codes for breakdown in self.breakdowns), *map(self.code_list, self.codes)]
        items: tuple[Indicator | Breakdown | Rule, ...] = (*self.indicators, *self.breakdowns, *self.rules)
        return frozenset(code for codes in lists for code in codes) | {item.id for item in items}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every id and label: all that a report can say besides numbers."""
        lists = [*(breakdown.categories for breakdown in self.breakdowns), *self.codes.values()]
        items: tuple[Indicator | Breakdown | Measure, ...] = (*self.indicators, *self.breakdowns, *self.measures)
        labels = {item.label for item in items} | {category.label for codes in lists for category in codes}
        return self.ids | labels | {measure.id for measure in self.measures}

    def code_list(self, name: str) -> tuple[str, ...]:
        """The codes of a list such as `ems_policy` or `return_reasons`."""
        return tuple(category.code for category in self.codes[name])
