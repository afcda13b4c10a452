"""Reports taken ahead of Flask, where much more is done than a right report needs.

A report that is sent as plain JSON by who may send it passes here through the very functions that the view's decorators
call, in the same order: who sends it, whose site it is, the rate limit, its size, its JSON, its shape, and the action.
Whatever else it is, and whatever is wrong with it, is left to Flask, which is asked as if nothing had been before:
nothing was stored, and it says what is wrong. The one thing that it is told is that the request has been counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from io import BytesIO
from typing import Any

from actions.hub import Hub
from actions.submit_report import Receipt, submit_report
from api.context import preconditions_of
from api.reports import receipt_answer
from auth.limiter import COUNTED, Limiter
from auth.rate_limits import Standing
from domain.access import Principal
from domain.lifecycle import Deed
from domain.periods import Month
from openapi.arguments import MAX_BODY
from openapi.converters import MonthConverter, SlugConverter
from openapi.strict_json import parse_json
from schemas.reports import read_right_report

ENDPOINT = "reports.put_report"
_PLACE = re.compile(f"/v1/sites/({SlugConverter.regex})/reports/({MonthConverter.regex})")
_JSON = ("application/json", "application/json; charset=utf-8")

Environ = dict[str, Any]
ReadCaller = Callable[[str | None, str | None], Principal]


class Submissions:
    """The middleware; `read_caller` tells who sends an Authorization header from an address, or raises a refusal."""

    def __init__(self, app: Callable, hub: Hub, read_caller: ReadCaller, limiter: Limiter) -> None:
        self._app = app
        self._hub = hub
        self._read_caller = read_caller
        self._limiter = limiter

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PUT" and environ.get("CONTENT_TYPE") in _JSON:
            place = _PLACE.fullmatch(environ["PATH_INFO"])
            if place and len(place[1]) <= SlugConverter.longest and "HTTP_CONTENT_ENCODING" not in environ:
                # A bug, too, is the view's to tell.
                with suppress(Exception):
                    return self._take(place[1], Month.parse(place[2]), environ, start_response)
        return self._app(environ, start_response)

    def _take(self, site: str, month: Month, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        """Store the report and answer its receipt; raises whatever it is where it is not stored."""
        address = environ.get("REMOTE_ADDR")
        by = self._read_caller(environ.get("HTTP_AUTHORIZATION"), address)
        by.require(*Deed.SEND.scopes)
        by.require_site(site)
        standing = environ[COUNTED] = self._limiter.count(by, address, ENDPOINT)
        if standing.is_exceeded:
            raise ValueError
        report = read_right_report(parse_json(_body(environ)))
        preconditions = preconditions_of(environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH"))
        receipt = submit_report(self._hub, by=by, site=site, month=month, report=report, preconditions=preconditions)
        return _answer(receipt, standing, start_response)


def _answer(receipt: Receipt, standing: Standing, start_response: Callable) -> Iterable[bytes]:
    """The receipt as its schema has it, with the headers of the view and of the limiter."""
    _, status, headers = receipt_answer(receipt)
    content = {
        "site": receipt.site,
        "month": str(receipt.month),
        "revision": receipt.revision,
        "state": receipt.state,
        "etag": headers["ETag"],
        "findings": receipt.findings,
    }
    body = json.dumps(content, separators=(",", ":")).encode() + b"\n"
    of_body = {"Content-Type": _JSON[0], "Content-Length": str(len(body))}
    start_response(
        f"{status} {HTTPStatus(status).phrase.upper()}", [*{**of_body, **headers, **standing.headers}.items()]
    )
    return [body]


def _body(environ: Environ) -> bytes:
    """The body, of which Flask is left a copy; raises ValueError for one without a length, or too long."""
    length = int(environ.get("CONTENT_LENGTH") or "")
    if not 0 < length <= MAX_BODY:
        raise ValueError
    data = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = BytesIO(data)
    return data
