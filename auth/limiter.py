"""The rate limit of every door, counted before its view and told with every answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, abort, g, request

from auth.guard import identify
from auth.rate_limits import InProcessCounts, Limits, Standing
from domain.access import Principal
from domain.settings import Settings

COUNTED = "crosstally.standing"
"""In the environment of a request that was counted before it came to Flask: the caller's standing."""


class Limiter:
    """Counts each caller's requests to each door.

    `stricter` are the limits of single doors by their endpoint, which hold besides the usual one.
    """

    def __init__(self, settings: Settings, stricter: Mapping[str, str]) -> None:
        counts = InProcessCounts()
        self._usual = Limits(settings.rate_limit, counts)
        self._stricter = {endpoint: Limits(words, counts) for endpoint, words in stricter.items()}

    def count(self, principal: Principal | None, address: str | None, endpoint: str) -> Standing:
        """Count a request by a client or person, or by an address where it is not known who asks."""
        caller = f"principal:{principal.id}" if principal else f"address:{address or '127.0.0.1'}"
        usual = self._usual.count(caller, endpoint)
        if usual.is_exceeded or endpoint not in self._stricter:
            return usual
        return self._stricter[endpoint].count(caller, endpoint)

    def install(self, app: Flask) -> None:
        """Count every request for which there is a door; refuse those beyond the limit with 429."""
        app.before_request(self._count)
        app.after_request(_tell)

    def _count(self) -> None:
        endpoint = request.endpoint
        if not endpoint or endpoint.split(".")[-1] == "static":
            return
        counted: Any = request.environ.get(COUNTED)
        g.crosstally_standing = counted or self.count(identify(), request.remote_addr, endpoint)
        if g.crosstally_standing.is_exceeded:
            abort(429)


def _tell(answer: Response) -> Response:
    standing: Standing | None = g.get("crosstally_standing")
    if standing:
        answer.headers.update(standing.headers)
        if standing.is_exceeded:
            answer.headers["Retry-After"] = standing.retry_after
    return answer
