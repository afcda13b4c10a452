"""From a TOML file to a Dictionary that cannot be wrong in itself.

Everything the file says is checked when it is read, so nothing that uses a dictionary has to doubt it: no
rule names a cell that does not exist, and no plan publishes a sum of what does not add up.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from domain.dictionary import (
    Binding,
    Breakdown,
    Category,
    CellName,
    Dictionary,
    DisclosureClass,
    Indicator,
    IntervalMethod,
    Kind,
    Level,
    Measure,
    PublicationPlan,
    Rule,
)
from domain.load_rules import ABOUT_LISTS, Known, load_rule
from domain.periods import Month, PeriodKind
from domain.toml_table import Table, WrongDictionary

UNITS = ("persons", "events", "hours", "items", "days")

_LISTS_WITH_UNKNOWN = (*ABOUT_LISTS, "partial_month_reason")
CODE_LISTS = (
    *_LISTS_WITH_UNKNOWN,
    "closed",
    "return_reasons",
    "acknowledgements",
    "retraction",
    "series_breaks",
    "revision_reasons",
    "comparability",
)


@cache
def shipped_dictionaries() -> Mapping[str, Dictionary]:
    """The dictionaries that come with the hub, by version, oldest first."""
    folder = files("domain") / "dictionaries"
    paths = [path for path in folder.iterdir() if path.name.endswith(".toml")]
    dictionaries = sorted((load_dictionary(path) for path in paths), key=lambda d: (d.in_force_from, d.version))
    return MappingProxyType({dictionary.version: dictionary for dictionary in dictionaries})


def load_dictionary(path: Path | Traversable) -> Dictionary:
    """Read one version from its file, which is named after it.

    Raises WrongDictionary, naming the file, the table and what is wrong there.
    """
    root = Table(path.name, "", _parse(path))
    root.expect(
        "version", "in_force_from", "plan", "codes", "breakdowns", "indicators", "rules", "measures",
        optional=("in_force_to",),
    )  # fmt: skip
    version = root.text("version")
    if path.name != f"{version}.toml":
        root.refuse(f"version {version} must be in the file {version}.toml")
    codes = _code_lists(root.table("codes"))
    breakdowns = {table.name: _breakdown(table) for table in root.table("breakdowns").children()}
    indicators = {table.name: _indicator(table, breakdowns) for table in root.table("indicators").children()}
    known = Known(indicators, {name: tuple(c.code for c in categories) for name, categories in codes.items()})
    return Dictionary(
        version=version,
        in_force_from=root.parsed("in_force_from", Month.parse),
        in_force_to=_in_force_to(root),
        indicators=tuple(indicators.values()),
        breakdowns=tuple(breakdowns.values()),
        codes=codes,
        rules=_rules(root.table("rules"), known),
        measures=tuple(_measure(table, known) for table in root.table("measures").children()),
        plan=_plan(root.table("plan"), indicators),
    )


def _parse(path: Path | Traversable) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise WrongDictionary(f"{path.name}: {error}") from None


def _in_force_to(root: Table) -> Month | None:
    if "in_force_to" not in root.values:
        return None
    last = root.parsed("in_force_to", Month.parse)
    if last < root.parsed("in_force_from", Month.parse):
        root.refuse("in_force_to is before in_force_from")
    return last


def _code_lists(table: Table) -> dict[str, tuple[Category, ...]]:
    table.expect(*CODE_LISTS)
    lists = {name: _categories(table.table(name)) for name in CODE_LISTS}
    for name in _LISTS_WITH_UNKNOWN:
        if "unknown" not in table.table(name).values:
            table.refuse(f"{name} has no code 'unknown'")
    return lists


def _categories(table: Table) -> tuple[Category, ...]:
    codes = table.names() or table.refuse("there is no code")
    return tuple(Category(code, table.text(code)) for code in codes)


def _breakdown(table: Table) -> Breakdown:
    table.expect("label", "categories")
    return Breakdown(table.name, table.text("label"), _categories(table.table("categories")))


def _indicator(table: Table, breakdowns: Mapping[str, Breakdown]) -> Indicator:
    table.expect(
        "label", "definition", "unit", "class", "core", "additive_over_time", "additive_over_units",
        optional=("breakdowns", "window"),
    )  # fmt: skip
    if table.text("unit") not in UNITS:
        table.refuse(f"unit must be one of {', '.join(UNITS)}, not {table.text('unit')!r}")
    make = partial(
        Indicator,
        id=table.name,
        label=table.text("label"),
        definition=table.text("definition"),
        unit=table.text("unit"),
        disclosure_class=table.choice("class", DisclosureClass),
        core=table.flag("core"),
        additive_over_time=table.flag("additive_over_time"),
        additive_over_units=table.flag("additive_over_units"),
        bindings=_bindings(table.table("breakdowns"), breakdowns) if "breakdowns" in table.values else (),
        window=table.choice("window", PeriodKind) if "window" in table.values else PeriodKind.MONTH,
    )
    try:
        return make()
    except ValueError as error:
        table.refuse(str(error))


def _bindings(table: Table, breakdowns: Mapping[str, Breakdown]) -> tuple[Binding, ...]:
    for name in table.values:
        if name not in breakdowns:
            table.refuse(f"there is no breakdown {name!r}")
    return tuple(Binding(breakdowns[name], table.choice(name, Kind)) for name in table.values)


def _rules(table: Table, known: Known) -> tuple[Rule, ...]:
    """The rules, which are numbered without a gap: findings and acknowledgements cite them for years."""
    for number, name in enumerate(table.names(), start=1):
        if name != f"r{number:02}":
            table.refuse(f"rules are numbered in order and without a gap, and {name} stands where r{number:02} belongs")
    return tuple(load_rule(rule, known) for rule in table.children())


def _measure(table: Table, known: Known) -> Measure:
    table.expect("label", "numerator", "denominator", "factor", "interval", "must_agree", "should_agree")
    return Measure(
        id=table.name,
        label=table.text("label"),
        numerator=_cell_name(table.table("numerator"), known),
        denominator=_cell_name(table.table("denominator"), known),
        factor=table.positive("factor"),
        interval=table.choice("interval", IntervalMethod),
        must_agree=_about_fields(table, "must_agree"),
        should_agree=_about_fields(table, "should_agree"),
    )


def _cell_name(table: Table, known: Known) -> CellName:
    table.expect("indicator", optional=("breakdown", "category"))
    if ("breakdown" in table.values) != ("category" in table.values):
        table.refuse("breakdown and category are given together or not at all")
    name = CellName(**{key: table.text(key) for key in table.values})
    known.require_cell(table, name)
    return name


def _about_fields(table: Table, key: str) -> tuple[str, ...]:
    for name in table.texts(key):
        if name not in ABOUT_LISTS:
            table.refuse(f"{key}: the about block has no code {name!r}; it has {', '.join(ABOUT_LISTS)}")
    return table.texts(key)


def _plan(table: Table, indicators: Mapping[str, Indicator]) -> dict[DisclosureClass, PublicationPlan]:
    table.expect(*DisclosureClass)
    plan = {name: _class_plan(table.table(name)) for name in DisclosureClass}
    for indicator in indicators.values():
        published = plan[indicator.disclosure_class]
        if not indicator.additive_over_units and set(published.levels) != {Level.SITE}:
            table.refuse(f"{indicator.id} does not add up over sites, so its class is published by site only")
        if not indicator.additive_over_time and set(published.periods) != {PeriodKind.MONTH}:
            table.refuse(f"{indicator.id} does not add up over months, so its class is published by month only")
    return plan


def _class_plan(table: Table) -> PublicationPlan:
    table.expect("levels", "periods", "breakdowns")
    return PublicationPlan(
        levels=table.choices("levels", Level),
        periods=table.choices("periods", PeriodKind),
        breakdowns=table.flag("breakdowns"),
    )
