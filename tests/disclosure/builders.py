"""Small dictionaries, sites and reports for the tests of the disclosure room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from disclosure.engine import protect
from domain.dictionary import (
    Binding,
    Breakdown,
    Category,
    Check,
    Dictionary,
    DisclosureClass,
    Indicator,
    Kind,
    Level,
    PublicationPlan,
    Rule,
)
from domain.expressions import parse_comparison
from domain.periods import Month, PeriodKind
from domain.release import Contribution, Observation, PastRelease, ProtectedTable, rows_about
from domain.report import About, Bounded, Cell, Gap, Missing, Operator, Report, Reported, Site, Tally

ABOUT = About("consumption", "self_code", "site", "other", "core", False)
EVERYWHERE = PublicationPlan(tuple(Level), tuple(PeriodKind), True)
SITES_ONLY = PublicationPlan((Level.SITE,), tuple(PeriodKind), False)

PLAN = {
    DisclosureClass.PERSONS: PublicationPlan((Level.SITE,), (PeriodKind.MONTH,), True),
    DisclosureClass.PERSON_EVENTS: EVERYWHERE,
    DisclosureClass.USE_EVENTS: EVERYWHERE,
    DisclosureClass.SENTINEL: EVERYWHERE,
    DisclosureClass.ITEMS: EVERYWHERE,
    DisclosureClass.HOURS: EVERYWHERE,
    DisclosureClass.DAYS: SITES_ONLY,
}


def breakdown(id: str, codes: str) -> Breakdown:
    """A code list, its codes separated by blanks."""
    return Breakdown(id, id, tuple(Category(code, code) for code in codes.split()))


def indicator(
    id: str,
    kind: DisclosureClass = DisclosureClass.PERSON_EVENTS,
    *bindings: tuple[Breakdown, Kind],
    core: bool = True,
    window: PeriodKind = PeriodKind.MONTH,
    unit: str = "events",
) -> Indicator:
    """An indicator that adds up, unless it counts persons (or days, over sites)."""
    persons = kind is DisclosureClass.PERSONS
    return Indicator(
        id=id,
        label=id,
        definition=id,
        unit=unit,
        disclosure_class=kind,
        core=core,
        additive_over_time=not persons,
        additive_over_units=not persons and kind is not DisclosureClass.DAYS,
        bindings=tuple(Binding(*binding) for binding in bindings),
        window=window,
    )


def compare(text: str, condition: str | None = None, *, hard: bool = True, **parameters: object) -> Check:
    """A check that compares."""
    return Check(
        "compare",
        hard,
        comparison=parse_comparison(text),
        condition=parse_comparison(condition) if condition else None,
        parameters={"detail": "Correct one of the two.", **parameters},
    )


def both_zero(one: str, other: str) -> Check:
    """Two counts of which both or none are zero."""
    return Check("zero_iff_zero", True, parameters={"indicator": one, "other": other, "detail": "Correct one."})


def dictionary(indicators: Iterable[Indicator], checks: Sequence[Check] = (), **plan: PublicationPlan) -> Dictionary:
    """A dictionary of these indicators with one rule made of the checks."""
    made = tuple(indicators)
    return Dictionary(
        version="test",
        in_force_from=Month(2000, 1),
        in_force_to=None,
        indicators=made,
        breakdowns=tuple({b.breakdown.id: b.breakdown for i in made for b in i.bindings}.values()),
        codes={},
        rules=(Rule("r01", "test", tuple(checks)),),
        measures=(),
        plan={**PLAN, **{DisclosureClass(name): value for name, value in plan.items()}},
    )


def site(id: str, operator: str = "", city: str = "", **facts: object) -> Site:
    """A site open since long ago; its operator and city are named after it unless given."""
    return Site(id, id, city or f"{id}-city", operator or f"{id}-op", Month(2000, 1), **facts)


def cell(content: object) -> Cell:
    """31, '<5' or 'not_collected' as a cell."""
    if isinstance(content, str):
        return Bounded(int(content[1:])) if content.startswith("<") else Missing(Gap(content))
    return Reported(content)


def tally(content: object) -> Tally:
    """A total, or a pair of a total and its breakdowns as {name: {code: cell}}."""
    total, by = content if isinstance(content, tuple) else (content, {})
    return Tally(cell(total), {name: {code: cell(c) for code, c in cells.items()} for name, cells in by.items()})


def contribution(at: Site, month: Month, revision: int = 1, **indicators: object) -> Contribution:
    """A report with these indicators, each as `tally` takes it."""
    report = Report("test", ABOUT, {name: tally(c) for name, c in indicators.items()})
    return Contribution(at, month, report, revision)


def release(
    contributions: Sequence[Contribution],
    known: Dictionary,
    *,
    k: int,
    past: Sequence[PastRelease] = (),
    sites: Iterable[Site] = (),
    **stricter: int,
) -> ProtectedTable:
    """A release of the reports of these sites, and of any others that have none."""
    there = list({s.id: s for s in (*(c.site for c in contributions), *sites)}.values())
    return protect(
        contributions,
        sites=there,
        operators=operators(there, **stricter),
        dictionaries={known.version: known},
        k=k,
        past=past,
    )


def told(table: ProtectedTable, sites: Iterable[Site] = ()) -> PastRelease:
    """What a release told, for those that come after it."""
    there = {s.id: s for s in (*(c.site for c in table.contributions), *sites)}
    return PastRelease(
        table.contributions, list(there.values()), partial(rows_about, table.observations), parts=table.parts
    )


def operators(sites: Iterable[Site], sentinel: str = "site_month", **k: int) -> Mapping[str, Operator]:
    """The operators of the sites, some with a k of their own."""
    ids = sorted({s.operator for s in sites})
    return {id: Operator(id, id, k=k.get(id), sentinel=sentinel) for id in ids}


def rows(table: ProtectedTable | Sequence[Observation]) -> dict[str, str]:
    """What each row tells, by its path: the value, `*` where hidden, else the reason."""
    observations = table.observations if isinstance(table, ProtectedTable) else table
    told = {}
    for o in observations:
        name = "/".join(part for part in (o.indicator, o.breakdown, o.category) if part)
        shown = {"published": str(o.value), "suppressed": "*"}.get(o.value_status, o.value_status)
        told[f"{o.level}/{o.unit}/{o.period}/{name}"] = shown
    return told
