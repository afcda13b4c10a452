"""Made-up releases in every form, and every form read back: what a client would see of each cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import product
from xml.etree import ElementTree

import pandas as pd

from domain.cube import Cube
from domain.labels import Labels
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month, Year, parse_period
from domain.release import Observation
from domain.report import Site
from formats.description import Source
from formats.sdmx.codes import DIMENSIONS
from formats.sdmx.message import Message

DICTIONARY = shipped_dictionaries()["2026.1"]
SOURCE = Source("2026-07-15.1", "https://hub.example/v1/releases/2026-07-15.1", "2026.1")
AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
SITES = tuple(
    Site(id, f"Site {id} & <co>", "x", "o", Month(2021, 11), timezone="America/New_York", synthetic=True)
    for id in ("a", "b")
)
LABELS = Labels(DICTIONARY, SITES)

Cell = tuple[str, str, str, str, str, str]
"""Level, unit, period, indicator, breakdown, category."""
Told = tuple
"""Value, status, lower and upper bound."""

STATUSES = {"A": "published", "Q": "suppressed", "L": "not_collected", "M": "not_applicable", "O": "not_reported"}
_MES, _GEN = (f"{{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/{name}}}" for name in ("message", "data/generic"))
_ADX = "{urn:ihe:qrph:adx:2015}"


def message_of(cube: Cube) -> Message:
    return Message(SOURCE, AT, cube)


def cells_of(rows: Iterable[Observation]) -> dict[Cell, Told]:
    """The cells as they are."""
    return {(r.level, r.unit, r.period, *r.key.name.words): (r.value, r.value_status, r.lower, r.upper) for r in rows}


def cells_in_parquet(content: bytes) -> dict[Cell, Told]:
    return cells_of(
        Observation(*(None if value != value else value for value in row))
        for row in pd.read_parquet(io.BytesIO(content)).itertuples(index=False)
    )


def cells_in_sdmx_csv(content: bytes) -> dict[Cell, Told]:
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return dict(
        _cell(row, row["OBS_VALUE"], row["OBS_STATUS"], row["CONF_STATUS"], row["LOWER_BOUND"], row["UPPER_BOUND"])
        for row in rows
    )


def cells_in_generic(content: bytes) -> dict[Cell, Told]:
    root = ElementTree.fromstring(content)
    data = root.find(f"{_MES}DataSet")
    across = root.find(f"{_MES}Header/{_MES}Structure").get("dimensionAtObservation")
    found = [_flat(o) for o in data.iterfind(f"{_GEN}Obs")]
    for series in data.iterfind(f"{_GEN}Series"):
        key = _values(series.find(f"{_GEN}SeriesKey"))
        found += [({**key, across: o.find(f"{_GEN}ObsDimension").get("value")}, o) for o in series[1:]]
    return dict(_cell(key, *_said(observation)) for key, observation in found)


def _flat(observation):
    return _values(observation.find(f"{_GEN}ObsKey")), observation


def _values(element) -> dict[str, str]:
    return {value.get("id"): value.get("value") for value in element}


def _said(observation) -> tuple:
    value, told = observation.find(f"{_GEN}ObsValue"), _values(observation.find(f"{_GEN}Attributes"))
    number = "" if value is None else value.get("value")
    return number, told["OBS_STATUS"], told["CONF_STATUS"], told.get("LOWER_BOUND"), told.get("UPPER_BOUND")


def cells_in_sdmx_json(content: bytes) -> dict[Cell, Told]:
    data = json.loads(content)["data"]
    dimensions = data["structure"]["dimensions"]
    within, across = dimensions["series"], dimensions["observation"]
    attributes = data["structure"]["attributes"]["observation"]
    (dataset,) = data["dataSets"]
    series = dataset["series"] if within else {"": {"observations": dataset["observations"]}}
    found = {}
    for key, each in series.items():
        for place, (value, *numbers) in each["observations"].items():
            named = _named(within, key) | _named(across, place)
            told = [_word(a, n) for a, n in zip(attributes, numbers, strict=True)]
            found.update([_cell(named, value, *told)])
    return found


def _named(dimensions: list[dict], place: str) -> dict[str, str]:
    numbers = [int(n) for n in place.split(":") if n]
    return {d["id"]: d["values"][n]["id"] for d, n in zip(dimensions, numbers, strict=True)}


def _word(attribute: dict, number: int | None) -> str | None:
    if number is None:
        return None
    value = attribute["values"][number]
    return value.get("id", value["name"])


def _cell(key: dict[str, str], value, status: str, confidential: str, lower, upper) -> tuple[Cell, Told]:
    assert set(DIMENSIONS) <= set(key)
    assert (confidential == "C") == (status == "Q")
    period = parse_period(key["TIME_PERIOD"])
    assert key["FREQ"] == ("A" if isinstance(period, Year) else {1: "M", 3: "Q"}[len(period.months)])
    total = {"LEVEL": "all", "UNIT": "all", "BREAKDOWN": "", "CATEGORY": ""}
    words = {name: total[name] if name in total and key[name] == "_T" else key[name] for name in DIMENSIONS}
    cell = tuple(words[name] for name in ("LEVEL", "UNIT", "TIME_PERIOD", "INDICATOR", "BREAKDOWN", "CATEGORY"))
    return cell, (_number(value), STATUSES[status], _number(lower), _number(upper))


def _number(text) -> int | float | None:
    return None if text in (None, "") else float(text)


def cells_in_jsonstat(content: bytes) -> dict[Cell, Told]:
    dataset = json.loads(content)
    axes = [dataset["dimension"][name]["category"]["index"] for name in dataset["id"]]
    value, status, bounds = dataset["value"], dataset["status"], dataset["extension"]["bounds"]
    found = {}
    for index, (level, unit, period, cell) in enumerate(product(*axes)):
        number = str(index)
        if number in value or number in status:
            told = (value.get(number), status.get(number, "published"), *bounds.get(number, (None, None)))
            found[(level, unit, period, *(cell.split("/") + ["", ""])[:3])] = told
    return found


def cells_in_adx(content: bytes) -> dict[Cell, Told]:
    """The counts, and by the comments of groups what was left out; bounds are not told."""
    found = {}
    for group in ElementTree.fromstring(content).iterfind(f"{_ADX}group"):
        period = _period(*group.get("period").split("-01/P"))
        place = group.get("level"), group.get("orgUnit"), period
        for element in group.iterfind(f"{_ADX}dataValue"):
            named = dict(element.attrib)
            indicator, value = named.pop("dataElement"), named.pop("value")
            ((breakdown, category),) = named.items() or {("", "")}
            found[(*place, indicator, breakdown, category)] = (float(value), "published", None, None)
        for part in filter(None, group.get("comment", "").split("; ")):
            status, _, words = part.partition(": ")
            for word in words.split():
                found[(*place, *(word.split("/") + ["", ""])[:3])] = (None, status, None, None)
    return found


def _period(month: str, length: str) -> str:
    year, _, number = month.partition("-")
    return {"1M": month, "3M": f"{year}-Q{(int(number) + 2) // 3}", "1Y": year}[length]
