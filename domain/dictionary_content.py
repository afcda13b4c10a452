"""A dictionary as JSON values: what `/v1/dictionary` answers and every release keeps."""

from __future__ import annotations

from dataclasses import asdict

from domain.dictionary import Breakdown, CellName, Dictionary, Indicator, Measure, Rule


def dictionary_content(dictionary: Dictionary) -> dict[str, object]:
    """The whole dictionary; every list in its own order."""
    return {
        "version": dictionary.version,
        "in_force_from": str(dictionary.in_force_from),
        "in_force_to": str(dictionary.in_force_to) if dictionary.in_force_to else None,
        "indicators": [_indicator(indicator) for indicator in dictionary.indicators],
        "breakdowns": [_breakdown(breakdown) for breakdown in dictionary.breakdowns],
        "codes": {name: [asdict(c) for c in categories] for name, categories in dictionary.codes.items()},
        "rules": [_rule(rule) for rule in dictionary.rules],
        "measures": [_measure(measure) for measure in dictionary.measures],
        "plan": {
            name.value: {"levels": list(plan.levels), "periods": list(plan.periods), "breakdowns": plan.breakdowns}
            for name, plan in dictionary.plan.items()
        },
    }


def _indicator(indicator: Indicator) -> dict[str, object]:
    return {
        "id": indicator.id,
        "label": indicator.label,
        "definition": indicator.definition,
        "unit": indicator.unit,
        "class": indicator.disclosure_class.value,
        "core": indicator.core,
        "window": indicator.window.value,
        "additive_over_time": indicator.additive_over_time,
        "additive_over_units": indicator.additive_over_units,
        "breakdowns": [{"id": b.breakdown.id, "kind": b.kind.value} for b in indicator.bindings],
    }


def _breakdown(breakdown: Breakdown) -> dict[str, object]:
    categories = [asdict(category) for category in breakdown.categories]
    return {"id": breakdown.id, "label": breakdown.label, "categories": categories}


def _rule(rule: Rule) -> dict[str, object]:
    checks = [
        {
            "level": "error" if check.hard else "warning",
            "kind": check.kind,
            "needs_history": check.needs_history,
            "comparison": check.comparison.text if check.comparison else None,
            "condition": check.condition.text if check.condition else None,
            "parameters": dict(check.parameters),
        }
        for check in rule.checks
    ]
    return {"id": rule.id, "level": rule.level, "text": rule.text, "checks": checks}


def _measure(measure: Measure) -> dict[str, object]:
    return {
        "id": measure.id,
        "label": measure.label,
        "numerator": _cell(measure.numerator),
        "denominator": _cell(measure.denominator),
        "factor": measure.factor,
        "interval": measure.interval.value,
        "must_agree": list(measure.must_agree),
        "should_agree": list(measure.should_agree),
    }


def _cell(name: CellName) -> dict[str, object]:
    return {"indicator": name.indicator, "breakdown": name.breakdown or None, "category": name.category or None}
