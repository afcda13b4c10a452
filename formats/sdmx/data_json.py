"""Data as SDMX-JSON 1.0, all at once.

The standard has `structure` and `dataSets` in `data`; the client sdmx1 looks for them beside `meta`. So they are in
both places, which the standard's schema allows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.cube import Rows
from domain.labels import Labels
from formats.sdmx.codes import AGENCY, ATTRIBUTES, CODES, DIMENSIONS, FLOW, KEY, MEASURE, TIME
from formats.sdmx.message import Message, told
from formats.sdmx.series import Arrangement, Words, arranged, series
from formats.sdmx.structures import unit_codes

MEDIA_TYPE = "application/vnd.sdmx.data+json;version=1.0.0"
_SCHEMA = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/1.0/"
    "sdmx-json-data-schema.json"
)
_NAMES = {**{dimension.id: dimension.label for dimension in KEY}, TIME: "Period"}
_ATTRIBUTE_NAMES = dict(
    zip(ATTRIBUTES, ("Observation status", "Confidentiality status", "Lower bound", "Upper bound"), strict=True)
)

Numbers = dict[Any, int]


def write_json(message: Message, blocks: Iterable[Rows], how: Arrangement, labels: Labels) -> bytes:
    """The message with these rows; where there are none, with an empty data set."""
    words = Words(message.cube)
    attributes: dict[str, Numbers] = {name: {} for name in ATTRIBUTES if how.has_attributes}
    found: dict[str, Any] = {}
    for rows in arranged(words, blocks, how):
        found.update(_observations(words, rows, how, attributes))
    content = {"observations": found} if how.is_flat else {"series": found}
    body = {
        "structure": _structure(words, how, attributes, labels),
        "dataSets": [{"action": "Replace", "links": [], **content}],
    }
    meta = {
        "schema": _SCHEMA,
        "id": FLOW,
        "prepared": message.prepared,
        "test": False,
        "contentLanguages": ["en"],
        "sender": {"id": AGENCY},
    }
    return json.dumps({"meta": meta, "data": body, **body}).encode()


def _observations(words: Words, rows: Rows, how: Arrangement, attributes: Mapping[str, Numbers]) -> dict[str, Any]:
    """The series by their keys, or the observations by theirs: places in the lists of values, as attributes are."""
    columns = {dimension: words.of(dimension, rows).tolist() for dimension in DIMENSIONS}
    said = [_observation(one.value, one.attributes, how, attributes) for one in told(rows)]
    if how.is_flat:
        places = zip(*columns.values(), strict=True)
        return {":".join(map(str, place)): one for place, one in zip(places, said, strict=True)}
    found = {}
    for _, part in series(words, rows, how):
        place = ":".join(str(columns[dimension][part.start]) for dimension in how.key)
        across = map(str, columns[how.across][part])
        found[place] = {"observations": dict(zip(across, said[part], strict=True))} if how.has_values else {}
    return found


def _observation(
    value: int | float | None, given: Sequence, how: Arrangement, attributes: Mapping[str, Numbers]
) -> list:
    numbers = (
        None if each is None else known.setdefault(each, len(known))
        for each, known in zip(given, attributes.values(), strict=False)
    )
    return [value if how.has_values else None, *numbers]


def _structure(words: Words, how: Arrangement, attributes: Mapping[str, Numbers], labels: Labels) -> dict[str, Any]:
    dimensions = [_dimension(words, name, place, labels) for place, name in enumerate(DIMENSIONS)]
    within = [] if how.is_flat else [one for one in dimensions if one["id"] != how.across]
    observed = [one for one in dimensions if one not in within]
    return {
        "links": [],
        "name": "Monthly aggregate counts of overdose prevention centers",
        "dimensions": {"dataSet": [], "series": within, "observation": observed},
        "attributes": {
            "dataSet": [],
            "series": [],
            "observation": [_attribute(name, known) for name, known in attributes.items()],
        },
    }


def _dimension(words: Words, name: str, place: int, labels: Labels) -> dict[str, Any]:
    told_as = {"UNIT": unit_codes(labels), **{known.removeprefix("CL_"): codes for known, codes in CODES.items()}}
    named = told_as.get(name, {})
    values = [{"id": code, "name": named.get(code, code)} for code in words.distinct[name]]
    return {"id": name, "name": _NAMES[name], "keyPosition": place, "values": values}


def _attribute(name: str, known: Numbers) -> dict[str, Any]:
    codes = CODES.get(f"CL_{name}", {})
    values = [{"id": value, "name": codes[value]} if value in codes else {"name": str(value)} for value in known]
    relationship = {"primaryMeasure": MEASURE}
    return {"id": name, "name": _ATTRIBUTE_NAMES[name], "relationship": relationship, "values": values}
