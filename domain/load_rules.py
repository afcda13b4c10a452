"""The rules of a dictionary file, and the closed vocabulary of the checks they are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.dictionary import CellName, Check, Indicator, Rule
from domain.expressions import Comparison, parse_comparison
from domain.outliers import MONTHS_TO_PREDICT_FROM, NARROWEST_COVERAGE
from domain.toml_table import Table

ABOUT_LISTS = ("visit_basis", "unique_method", "unique_scope", "ems_policy", "overdose_definition")
"""The fields of the about block that hold a code; each is also the name of its code list."""


class Level(StrEnum):
    """What it means when a check strikes: the report is refused, or its operator is asked."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class CheckKind:
    """The keys that a check of this kind must and may have, and whether it looks at earlier months."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    needs_history: bool = False


_USUAL = ("months", "minimum_months", "minimum", "except")

CHECK_KINDS: Mapping[str, CheckKind] = {
    # one report is enough
    "calendar": CheckKind(),
    "closed": CheckKind(("days", "indicators")),
    "compare": CheckKind(("comparison", "detail"), ("condition", "about", "where_missing")),
    "confirmation": CheckKind(("indicator",)),
    "count": CheckKind(),
    "dominant_category": CheckKind(("minimum",)),
    "multi": CheckKind(),
    "multi_total": CheckKind(),
    "partition": CheckKind(),
    "stated": CheckKind(("indicator",)),
    "subset": CheckKind(),
    "unknown_share": CheckKind(("share",)),
    "zero_iff_zero": CheckKind(("indicator", "other", "detail")),
    # other months are needed
    "difference": CheckKind(("stock", "flow"), needs_history=True),
    "difference_after": CheckKind(("stock", "flow", "waived_by"), needs_history=True),
    "falls": CheckKind(("indicator", "waived_by"), needs_history=True),
    "falls_after": CheckKind(("indicator", "waived_by"), needs_history=True),
    "jump": CheckKind((*_USUAL, "factor"), needs_history=True),
    "prediction": CheckKind((*_USUAL, "coverage"), needs_history=True),
    "robust_z": CheckKind((*_USUAL, "score"), needs_history=True),
    "trailing": CheckKind(("indicator", "limit", "breakdown", "months"), needs_history=True),
}


@dataclass(frozen=True)
class Known:
    """What a rule or a measure can name: the indicators by id, and the codes of each list."""

    indicators: Mapping[str, Indicator]
    codes: Mapping[str, tuple[str, ...]]

    def require_cell(self, table: Table, name: CellName) -> None:
        """Refuse the table unless the dictionary has the cell it names."""
        indicator = self.indicators.get(name.indicator)
        if indicator is None:
            table.refuse(f"there is no indicator {name.indicator!r}")
        if not name.breakdown:
            return
        binding = indicator.binding(name.breakdown)
        if binding is None:
            table.refuse(f"{name.indicator} has no breakdown {name.breakdown!r}")
        if name.category and name.category not in binding.breakdown.codes:
            table.refuse(f"{name.breakdown} has no category {name.category!r}")

    def require_code(self, table: Table, code_list: str, code: str) -> None:
        """Refuse the table unless the list has the code."""
        if code not in self.codes[code_list]:
            table.refuse(f"{code_list} has no code {code!r}")


def load_rule(table: Table, known: Known) -> Rule:
    """Read one rule; raises WrongDictionary."""
    table.expect("text", "checks")
    return Rule(table.name, table.text("text"), tuple(_check(check, known) for check in table.tables("checks")))


def _check(table: Table, known: Known) -> Check:
    kind_name = table.text("kind")
    kind = CHECK_KINDS.get(kind_name) or table.refuse(f"there is no kind of check {kind_name!r}")
    table.expect("kind", "level", *kind.required, optional=kind.optional)
    given = [key for key in (*kind.required, *kind.optional) if key in table.values]
    return Check(
        kind=kind_name,
        hard=table.choice("level", Level) is Level.ERROR,
        needs_history=kind.needs_history,
        comparison=_comparison(table, "comparison", known) if "comparison" in given else None,
        condition=_comparison(table, "condition", known) if "condition" in given else None,
        parameters={key: _PARAMETERS[key](table, key, known) for key in given if key in _PARAMETERS},
    )


def _comparison(table: Table, key: str, known: Known) -> Comparison:
    comparison = table.parsed(key, parse_comparison)
    for term in comparison.terms:
        if term.indicator:
            known.require_cell(table, CellName(term.indicator, term.breakdown, term.category))
    return comparison


def _indicator(table: Table, key: str, known: Known) -> str:
    known.require_cell(table, CellName(table.text(key)))
    return table.text(key)


def _indicators(table: Table, key: str, known: Known) -> tuple[str, ...]:
    for indicator in table.texts(key):
        known.require_cell(table, CellName(indicator))
    return table.texts(key)


def _common_breakdown(table: Table, key: str, known: Known) -> str:
    for indicator in (table.text("indicator"), table.text("limit")):
        known.require_cell(table, CellName(indicator, table.text(key)))
    return table.text(key)


def _about(table: Table, key: str, known: Known) -> dict[str, str]:
    wanted = table.table(key)
    wanted.expect(optional=ABOUT_LISTS)
    codes = {name: wanted.text(name) for name in wanted.values}
    for name, code in codes.items():
        known.require_code(wanted, name, code)
    return codes


def _revision_reason(table: Table, key: str, known: Known) -> str:
    known.require_code(table, "revision_reasons", table.text(key))
    return table.text(key)


def _text(table: Table, key: str, known: Known) -> str:
    return table.text(key)


def _positive(table: Table, key: str, known: Known) -> int:
    return table.positive(key)


def _share(table: Table, key: str, known: Known) -> float:
    return table.share(key)


def _score(table: Table, key: str, known: Known) -> float:
    return table.decimal(key)


def _coverage(table: Table, key: str, known: Known) -> float:
    coverage = table.share(key)
    return coverage if coverage >= NARROWEST_COVERAGE else table.refuse(f"{key} must be at least {NARROWEST_COVERAGE}")


def _minimum_months(table: Table, key: str, known: Known) -> int:
    months = table.positive(key)
    if months < MONTHS_TO_PREDICT_FROM:
        table.refuse(f"{key} must be at least {MONTHS_TO_PREDICT_FROM}")
    return months


_PARAMETERS: Mapping[str, Callable[[Table, str, Known], object]] = {
    "about": _about,
    "breakdown": _common_breakdown,
    "coverage": _coverage,
    "days": _indicator,
    "detail": _text,
    "except": _indicators,
    "factor": _positive,
    "flow": _indicator,
    "indicator": _indicator,
    "indicators": _indicators,
    "limit": _indicator,
    "minimum": _positive,
    "minimum_months": _minimum_months,
    "months": _positive,
    "other": _indicator,
    "score": _score,
    "share": _share,
    "stock": _indicator,
    "waived_by": _revision_reason,
    "where_missing": _indicator,
}
