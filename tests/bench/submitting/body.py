"""The one report that everybody is sent: 243 cells that break no rule which must hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tests.domain.examples import DICTIONARY
from tests.domain.generated import consistent_report

CELLS = 243
SEED = 1


def report_content() -> dict:
    """The report as the hub takes it: every core indicator, and others whole until there are enough cells."""
    content = consistent_report(SEED).content
    core = {indicator.id for indicator in DICTIONARY.indicators if indicator.core}
    offered = sorted(content["indicators"].items(), key=lambda item: item[0] not in core)
    chosen: dict = {}
    for name, tally in offered:
        if _count({**chosen, name: tally}) <= CELLS:
            chosen[name] = tally
    assert _count(chosen) == CELLS
    return {**content, "indicators": chosen}


def as_document() -> bytes:
    """The body for whoever takes the report whole."""
    return json.dumps(report_content()).encode()


def as_rows(site: str, month: str) -> list[dict]:
    """The cells one by one, for whoever takes rows."""
    return [{"site": site, "month": month, **row} for row in _cells(report_content()["indicators"])]


def _cells(indicators: Mapping) -> Iterator[dict]:
    for indicator, tally in indicators.items():
        yield {"indicator": indicator, "breakdown": "", "category": "", "value": tally["total"]}
        for breakdown, cells in tally.get("by", {}).items():
            for category, value in cells.items():
                yield {"indicator": indicator, "breakdown": breakdown, "category": category, "value": value}


def _count(indicators: Mapping) -> int:
    return sum(1 for _ in _cells(indicators))
