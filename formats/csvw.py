"""What a CSV file of observations means, as CSVW metadata (https://www.w3.org/TR/tabular-metadata/)."""

from __future__ import annotations

from typing import Any

from domain.citation import DATA_LICENSE, PUBLISHER
from formats.description import COLUMNS_TOLD, PRIMARY_KEY, Column, Kind, Source

MEDIA_TYPE = "application/csvm+json"
SUFFIX = "-metadata.json"
"""What follows the name of the CSV file, by which readers of CSVW find it."""


def describe(file: str, source: Source) -> dict[str, Any]:
    """The metadata of the CSV file of this name, which lies beside it."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": file,
        "dc:title": source.title,
        "dc:identifier": source.release,
        "dc:source": {"@id": source.url},
        "dc:publisher": PUBLISHER,
        "dc:license": {"@id": DATA_LICENSE.url},
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\r\n"], "header": True},
        "tableSchema": {
            "columns": [_column(column) for column in COLUMNS_TOLD],
            "primaryKey": list(PRIMARY_KEY),
        },
    }


def _column(column: Column) -> dict[str, Any]:
    facts = {"name": column.name, "titles": column.name, "dc:description": column.description}
    return {**facts, "datatype": _datatype(column), **_emptiness(column)}


def _datatype(column: Column) -> Any:
    if column.kind is Kind.NUMBER:
        return {"base": "decimal", "minimum": 0}
    return {"base": "string", "format": "|".join(column.codes)} if column.codes else "string"


def _emptiness(column: Column) -> dict[str, Any]:
    """An empty number is no number; an empty word is a word, as the total of all categories."""
    if column.kind is Kind.NUMBER:
        return {"null": ""}
    return {"required": True} if column.kind is Kind.KEY else {"default": "", "null": "null"}
