"""Data as generic SDMX-ML 2.1, written bit by bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from domain.cube import Rows
from formats.sdmx.codes import AGENCY, ATTRIBUTES, DIMENSIONS, FLOW, VERSION
from formats.sdmx.message import Message, Told, told
from formats.sdmx.series import ALL_DIMENSIONS, Arrangement, Words, arranged, series

MEDIA_TYPE = "application/vnd.sdmx.genericdata+xml;version=2.1"
_SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"


def write_generic(message: Message, blocks: Iterable[Rows], how: Arrangement) -> Iterator[bytes]:
    """The message with these rows; where there are none, with an empty data set."""
    yield _head(message, how).encode()
    words = Words(message.cube)
    for rows in arranged(words, blocks, how):
        written = _flat(words, rows, how) if how.is_flat else _in_series(words, rows, how)
        yield "".join(written).encode()
    yield b"</message:DataSet></message:GenericData>\n"


def _head(message: Message, how: Arrangement) -> str:
    flow = f'<Ref agencyID="{AGENCY}" id="{FLOW}" version="{VERSION}"/>'
    across = ALL_DIMENSIONS if how.is_flat else how.across
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<message:GenericData xmlns:message="{_SCHEMAS}/message" xmlns:common="{_SCHEMAS}/common" '
        f'xmlns:generic="{_SCHEMAS}/data/generic"><message:Header><message:ID>{FLOW}</message:ID>'
        f"<message:Test>false</message:Test><message:Prepared>{message.prepared}</message:Prepared>"
        f'<message:Sender id="{AGENCY}"/>'
        f'<message:Structure structureID="{FLOW}" dimensionAtObservation="{across}">'
        f"<common:StructureUsage>{flow}</common:StructureUsage></message:Structure>"
        f"<message:DataSetAction>Replace</message:DataSetAction>"
        f'<message:Source xml:lang="en">{escape(message.source.url)}</message:Source></message:Header>'
        f'<message:DataSet structureRef="{FLOW}" action="Replace">\n'
    )


def _in_series(words: Words, rows: Rows, how: Arrangement) -> Iterator[str]:
    codes, across = words.distinct[how.across], words.of(how.across, rows).tolist()
    said = list(told(rows)) if how.has_values else []
    for key, part in series(words, rows, how):
        values = "".join(_value(dimension, code) for dimension, code in zip(how.key, key, strict=True))
        yield f"<generic:Series><generic:SeriesKey>{values}</generic:SeriesKey>"
        for number, one in zip(across[part], said[part], strict=how.has_values):
            yield _observation(f"<generic:ObsDimension value={quoteattr(codes[number])}/>", one, how)
        yield "</generic:Series>\n"


def _flat(words: Words, rows: Rows, how: Arrangement) -> Iterator[str]:
    columns = [words.of(dimension, rows).tolist() for dimension in DIMENSIONS]
    for numbers, said in zip(zip(*columns, strict=True), told(rows), strict=True):
        codes = (words.distinct[name][number] for name, number in zip(DIMENSIONS, numbers, strict=True))
        key = "".join(_value(name, code) for name, code in zip(DIMENSIONS, codes, strict=True))
        yield _observation(f"<generic:ObsKey>{key}</generic:ObsKey>", said, how)


def _observation(place: str, said: Told, how: Arrangement) -> str:
    value = f'<generic:ObsValue value="{said.value}"/>' if how.has_values and said.value is not None else ""
    attributes = _attributes(said) if how.has_attributes else ""
    return f"<generic:Obs>{place}{value}{attributes}</generic:Obs>"


def _attributes(said: Told) -> str:
    return _written(said.attributes)


@lru_cache(maxsize=4096)
def _written(attributes: tuple) -> str:
    given = zip(ATTRIBUTES, attributes, strict=True)
    values = "".join(_value(name, str(value)) for name, value in given if value is not None)
    return f"<generic:Attributes>{values}</generic:Attributes>"


@lru_cache(maxsize=4096)
def _value(name: str, code: str) -> str:
    return f'<generic:Value id="{name}" value={quoteattr(code)}/>'
