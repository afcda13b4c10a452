"""From the body of a request to a report, by its media type.

A body is refused in this order: too large (413), of a media type that is not read (415), unreadable (400), and then,
with all that is wrong in it at once, of the wrong shape (422); `openapi/report_files.py` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Request

from domain.periods import Month
from domain.refusals import Unreadable, UnsupportedMediaType
from openapi.arguments import MAX_BODY, read_body
from openapi.report_files import JSON, READERS, SentReport, load_sheet, refusing_line_lists


def read_report(
    request: Request, *, site: str | None = None, month: Month | None = None, max_bytes: int = MAX_BODY
) -> SentReport:
    """The report in a request's body, of whatever media type; raises the refusals named above.

    With a site and a month, a form that says for which it is must say the same.
    """
    data = read_body(request, max_bytes)
    if not data:
        raise Unreadable("The body is empty.")
    kind = media_type_of(request, READERS)
    with refusing_line_lists(kind, data):
        return load_sheet(READERS[kind](data), site=site, month=month)


def media_type_of(request: Request, known: Iterable[str]) -> str:
    """The media type of the body, JSON of other names being JSON; raises UnsupportedMediaType."""
    kind = request.mimetype
    if kind not in known and kind.startswith("application/") and kind.endswith("+json"):
        kind = JSON
    if kind not in known:
        names = ", ".join(known)
        raise UnsupportedMediaType(f"The body is the file itself, and its Content-Type one of {names}; no form upload.")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("Text is UTF-8.")
    if request.content_encoding:
        raise UnsupportedMediaType("The body must not be compressed.")
    return kind
