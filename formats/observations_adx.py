"""Observations as ADX (IHE Aggregate Data Exchange): a group for each unit and period, a data value for each count.

    <adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-07-15T12:00:00Z">
      <group dataSet="OPC_MONTHLY" orgUnit="nyc-east" level="site" period="2026-05-01/P1M"
             comment="suppressed: ems_calls overdose_events/overdose_type/mixed">
        <dataValue dataElement="overdose_events" value="31"/>
        <dataValue dataElement="overdose_events" overdose_type="opioid" value="20"/>
      </group>
    </adx>

ADX has a decimal in every data value, so what has no value is left out, for a hidden count is no zero; the comment of
the group says what is left out and why. A group without any value, and a message without any group, can't be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from xml.sax.saxutils import quoteattr

from domain.cube import Rows
from domain.periods import parse_period
from domain.refusals import Item, QueryInvalid
from domain.release import Observation, Status

MEDIA_TYPE = "application/adx+xml"
NAMESPACE = "urn:ihe:qrph:adx:2015"
DATA_SET = "OPC_MONTHLY"
_group = attrgetter("level", "unit", "period")


def write_adx(blocks: Iterable[Rows], exported: datetime) -> Iterator[bytes]:
    """The message, unit by unit; raises QueryInvalid, before anything is written, where no value is published."""
    groups = filter(None, ("".join(_groups(rows.observations())) for rows in blocks))
    first = next(groups, None)
    if first is None:
        detail = "None of these counts is published, and a message of ADX has at least one value; take another form."
        raise QueryInvalid(detail, [Item("/query/format", "no_values", detail)])
    return _message(first, groups, exported)


def _message(first: str, groups: Iterator[str], exported: datetime) -> Iterator[bytes]:
    moment = exported.isoformat(timespec="seconds").replace("+00:00", "Z")
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<adx xmlns="{NAMESPACE}" exported="{moment}">\n{first}'.encode()
    for group in groups:
        yield group.encode()
    yield b"</adx>\n"


def _groups(observations: Iterable[Observation]) -> Iterator[str]:
    for (level, unit, period), members in groupby(observations, _group):
        told = list(members)
        values = [_value(row) for row in told if row.value is not None]
        if values:
            head = {
                "dataSet": DATA_SET,
                "orgUnit": unit,
                "level": level,
                "period": f"{parse_period(period).months[0]}-01/P{_length(period)}",
                **_comment(told),
            }
            yield f" <group{_attributes(head)}>\n{''.join(values)} </group>\n"


def _length(period: str) -> str:
    months = len(parse_period(period).months)
    return "1Y" if months == 12 else f"{months}M"


def _comment(rows: Iterable[Observation]) -> dict[str, str]:
    left_out: dict[str, list[str]] = {}
    for row in rows:
        if row.value_status != Status.PUBLISHED:
            left_out.setdefault(row.value_status, []).append("/".join(filter(None, row.key.name.words)))
    comment = "; ".join(f"{status}: {' '.join(cells)}" for status, cells in left_out.items())
    return {"comment": comment} if comment else {}


def _value(row: Observation) -> str:
    dimension = {row.breakdown: row.category} if row.breakdown else {}
    return f"  <dataValue{_attributes({'dataElement': row.indicator, **dimension, 'value': str(row.value)})}/>\n"


def _attributes(named: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in named.items())
