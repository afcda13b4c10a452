"""A report in the form that was asked for, and the contents of requests and answers in every form, as documented."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from flask import Request, Response

from formats.reports import adx, dhis2_json, tidy_csv, xlsx
from formats.reports.sheet import Origin
from openapi.examples import load_example
from openapi.report_files import JSON

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Form:
    """A form besides JSON: the name that `format=` and files have, its media type, and how it is written."""

    name: str
    media_type: str
    content_type: str
    schema: Mapping[str, Any]
    write: Callable[[Content, Origin], bytes]

    def answer(self, content: Content, origin: Origin) -> Response:
        """The content of a report as a file of this form."""
        return attachment(self.write(content, origin), self.content_type, f"{origin.site}-{origin.month}.{self.name}")


_TEXT, _BINARY = {"type": "string"}, {"type": "string", "format": "binary"}
_DATA_VALUES = {"$ref": "#/components/schemas/DataValueSet"}
FORMS = (
    Form("csv", tidy_csv.MEDIA_TYPE, tidy_csv.CONTENT_TYPE, _TEXT, tidy_csv.write),
    Form("xlsx", xlsx.MEDIA_TYPE, xlsx.CONTENT_TYPE, _BINARY, xlsx.write),
    Form("adx", adx.MEDIA_TYPE, adx.CONTENT_TYPE, _TEXT, adx.write),
    Form("dhis2", dhis2_json.MEDIA_TYPE, dhis2_json.CONTENT_TYPE, _DATA_VALUES, dhis2_json.write),
)

_VALUE = ("dataElement", "categoryOptionCombo", "attributeOptionCombo", "period", "orgUnit", "value")
DATA_VALUE_SET: Mapping[str, Any] = {
    "type": "object",
    "description": "A report as a DHIS2 data value set, with the codes that docs/how-to/reporting.md explains.",
    "required": ["dataSet", "dataValues"],
    "additionalProperties": False,
    "properties": {
        "dataSet": {"const": dhis2_json.DATA_SET},
        "period": {**_TEXT, "description": "The month as 202605; where given, the one in the address."},
        "orgUnit": {**_TEXT, "description": "The site's id; where given, the one in the address."},
        "completeDate": _TEXT,
        "attributeOptionCombo": _TEXT,
        "dataValues": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["dataElement", "value"],
                "additionalProperties": False,
                "properties": dict.fromkeys(_VALUE, _TEXT),
            },
        },
    },
}


def form_asked_for(request: Request, name: str | None) -> Form | None:
    """The form that `format=` names, or else the one that Accept likes best; None for JSON."""
    if name:
        return next((form for form in FORMS if form.name == name), None)
    best = request.accept_mimetypes.best_match([JSON, *(form.media_type for form in FORMS)])
    return next((form for form in FORMS if form.media_type == best), None)


def attachment(content: bytes, content_type: str, name: str) -> Response:
    """A file to be saved under a name."""
    answer = Response(content, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@cache
def documented_forms() -> dict[str, Any]:
    """The content of a report in every form but JSON, as OpenAPI has it; an example wherever it can be shown."""
    report = (load_example("put_report") or {})["request"]
    origin = Origin("ri-providence", "2026-05", datetime(2026, 6, 5, tzinfo=UTC))
    return {form.media_type: {"schema": form.schema, **_example(form, report, origin)} for form in FORMS}


def _example(form: Form, report: Content, origin: Origin) -> dict[str, Any]:
    if form.schema is _BINARY:
        return {}
    text = form.write(report, origin).decode()
    return {"example": text if form.schema is _TEXT else json.loads(text)}
