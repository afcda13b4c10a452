"""A release as a Data Package (https://datapackage.org, version 2.0): its description, and all of it as one ZIP file.

The same files make the same bytes, under one version of zlib: the archive has no dates, and its members are in order.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from domain.citation import DATA_LICENSE, PUBLISHER
from domain.dictionary import Dictionary
from formats.description import COLUMNS_TOLD, PRIMARY_KEY, Column, Kind, Source

MEDIA_TYPE = "application/vnd.datapackage+json"
BUNDLE_MEDIA_TYPE = "application/zip"
CHECKSUMS, TERMS = "SHA256SUMS", "LICENSE.txt"
_PROFILE = "https://datapackage.org/profiles/2.0/"
_PERIOD = r"[0-9]{4}(-Q[1-4]|-[0-9]{2})?"
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def describe(table: str, files: Mapping[str, bytes], source: Source, dictionary: Dictionary) -> dict[str, Any]:
    """The package of these files, by name; `table` is the CSV file of observations, the others explain it."""
    resources = [_resource(name, content) for name, content in files.items() if name != table]
    rows = {**_resource(table, files[table]), "type": "table", "schema": _schema(dictionary)}
    return {
        "$schema": f"{_PROFILE}datapackage.json",
        "name": f"crosstally-{source.release}",
        "id": source.url,
        "title": source.title,
        "homepage": source.url,
        "version": source.release,
        "licenses": [{"name": DATA_LICENSE.id, "title": DATA_LICENSE.title, "path": DATA_LICENSE.url}],
        "contributors": [{"title": PUBLISHER, "roles": ["publisher"]}],
        "resources": [rows, *resources],
    }


def bundle(files: Mapping[str, bytes]) -> bytes:
    """These files in one archive, with their checksums, as `sha256sum --check` reads them, and the terms of use."""
    terms = f"{DATA_LICENSE.title} ({DATA_LICENSE.id})\n{DATA_LICENSE.url}\n"
    members = {**files, TERMS: terms.encode()}
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(members.items()))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in sorted({**members, CHECKSUMS: sums.encode()}.items()):
            member = zipfile.ZipInfo(name, _NO_DATE)
            member.external_attr, member.create_system = 0o644 << 16, 3
            written.writestr(member, content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def to_json(description: Mapping[str, Any]) -> bytes:
    """A description as readable JSON."""
    return (json.dumps(description, indent=1, ensure_ascii=False) + "\n").encode()


def _resource(name: str, content: bytes) -> dict[str, Any]:
    stem, _, form = name.partition(".")
    described = {
        "name": stem,
        "path": name,
        "format": form,
        "mediatype": "text/csv" if form == "csv" else "application/json",
        "encoding": "utf-8",
    }
    return {**described, "bytes": len(content), "hash": f"sha256:{sha256(content).hexdigest()}"}


def _schema(dictionary: Dictionary) -> dict[str, Any]:
    return {
        "$schema": f"{_PROFILE}tableschema.json",
        "fields": [_field(column, dictionary) for column in COLUMNS_TOLD],
        "primaryKey": list(PRIMARY_KEY),
    }


def _field(column: Column, dictionary: Dictionary) -> dict[str, Any]:
    described = {"name": column.name, "description": column.description}
    if column.kind is Kind.NUMBER:
        return {**described, "type": "number", "missingValues": [""], "constraints": {"minimum": 0}}
    return {**described, "type": "string", "missingValues": [], **_words(column, dictionary)}


def _words(column: Column, dictionary: Dictionary) -> dict[str, Any]:
    """What a column of words may hold; indicators are named by their labels."""
    if column.name == "period":
        return {"constraints": {"required": True, "pattern": _PERIOD}}
    if column.name == "indicator":
        named = [{"value": indicator.id, "label": indicator.label} for indicator in dictionary.indicators]
        return {"categories": named, "constraints": {"required": True}}
    if column.codes:
        return {"constraints": {"required": True, "enum": list(column.codes)}}
    return {"constraints": {"required": True}} if column.kind is Kind.KEY else {}
