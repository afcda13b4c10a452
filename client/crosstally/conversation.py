"""How requests are sent so that they arrive: tokens, repetition, waiting, and answers that are kept.

What is decided here is decided once: `Conversation.hold` is a generator of the steps Send and Wait, which the
synchronous and the asynchronous client carry out, each in its way.
"""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from crosstally.credentials import Credentials
from crosstally.problems import HubError, Unreachable, problem_of, retry_after
from crosstally.requests import Flow, Request
from crosstally.version import own_version

T = TypeVar("T")

_KEPT = 64
_KEPT_BYTES = 4 * 1024 * 1024
_BUSY = frozenset({502, 503, 504})
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Send:
    """Send this; the answer is the response, or the exception for which there is none."""

    request: httpx.Request


@dataclass(frozen=True)
class Wait:
    """Wait so many seconds; the answer is None."""

    seconds: float


Step = Send | Wait
Outcome = httpx.Response | httpx.RequestError | None
Steps = Generator[Step, Outcome, T]


@dataclass(frozen=True)
class Patience:
    """How often a request is sent at most, and how many seconds are spent on waiting in between."""

    attempts: int = 5
    seconds: float = 60.0

    def pause(self, attempt: int) -> float:
        """The seconds before the next attempt, where the hub does not say: doubling, and different each time."""
        return min(10.0, 0.5 * 2**attempt) * random.uniform(0.5, 1.0)


@dataclass
class _Token:
    """An access token and when it is renewed, on this machine's clock."""

    text: str
    renewed_at: float


@dataclass
class Conversation:
    """The state of a client's talk with one hub."""

    base_url: str
    credentials: Credentials | None = None
    patience: Patience = Patience()
    _token: _Token | None = field(default=None, repr=False)
    _kept: OrderedDict[str, httpx.Response] = field(default_factory=OrderedDict, repr=False)

    def __post_init__(self) -> None:
        self.base_url = self.base_url.rstrip("/")
        address = urlsplit(self.base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError(f"{self.base_url!r} is no address of a hub; one begins with https://")
        if self.credentials and address.scheme == "http" and address.hostname not in _HERE:
            raise ValueError("Secrets and tokens are sent over https:// alone, but to this machine.")

    def hold(self, flow: Flow[T]) -> Steps[T]:
        """Drive a flow to its end; raises Problem and Unreachable."""
        answer: httpx.Response | None = None
        while True:
            try:
                request = flow.send(answer)  # type: ignore[arg-type]
            except StopIteration as end:
                return end.value
            answer = yield from self._exchange(request)

    def _exchange(self, request: Request) -> Steps[httpx.Response]:
        answer = yield from self._delivered(request)
        if answer.status_code == 401 and request.is_secured and self._token:
            self._token = None  # revoked, or the clock is wrong: a fresh one, once
            answer = yield from self._delivered(request)
        if answer.status_code == 304:
            return self._kept[str(answer.request.url)]
        if answer.is_error:
            raise problem_of(answer)
        self._keep(request, answer)
        return answer

    def _delivered(self, request: Request) -> Steps[httpx.Response]:
        """The last answer to a request, sent again as long as that is safe and of use."""
        left = self.patience.seconds
        for attempt in range(self.patience.attempts):
            outcome = yield Send((yield from self._built(request)))
            is_last = attempt + 1 == self.patience.attempts
            if isinstance(outcome, httpx.Response):
                pause = self._pause_after(request, outcome, attempt)
                if pause is None or pause > left or is_last:
                    return outcome  # noqa: B901: a generator of steps, driven by either client
            else:
                assert outcome is not None
                if is_last or not _may_follow(request, outcome):
                    raise Unreachable(_words(outcome, self.base_url)) from outcome
                pause = min(self.patience.pause(attempt), left)
            left -= pause
            yield Wait(pause)
        raise AssertionError("patience has at least one attempt")

    def _pause_after(self, request: Request, answer: httpx.Response, attempt: int) -> float | None:
        """The seconds after which to send the request again, or None where the answer is final."""
        is_refused_unread = answer.status_code == 429
        if is_refused_unread or (answer.status_code in _BUSY and request.may_be_repeated):
            told = retry_after(answer)
            return self.patience.pause(attempt) if told is None else told
        return None

    def _built(self, request: Request) -> Steps[httpx.Request]:
        headers = {"User-Agent": f"crosstally/{own_version()}", **request.headers}
        if request.is_secured:
            headers["Authorization"] = f"Bearer {(yield from self._valid_token())}"
        built = httpx.Request(
            request.method,
            self._address(request.path),
            params={name: value for name, value in request.params.items() if value is not None} or None,
            headers=headers,
            content=request.content,
        )
        if request.method == "GET" and (kept := self._kept.get(str(built.url))):
            built.headers["If-None-Match"] = kept.headers["ETag"]
        return built

    def _address(self, path: str) -> str:
        """Where a path leads: below the hub's address and nowhere else, for tokens go there."""
        if path.startswith("/"):
            return self.base_url + path
        if not path.startswith(f"{self.base_url}/"):
            raise HubError(f"The hub refers to an address outside of {self.base_url}.")
        return path

    def _valid_token(self) -> Steps[str]:
        if self.credentials is None:
            raise HubError("This needs credentials: an id with a secret or a private key.")
        if self._token is None or time.monotonic() >= self._token.renewed_at:
            answer = yield from self._delivered(_token_request(self.credentials, self.base_url))
            if answer.is_error:
                raise problem_of(answer)
            told = answer.json()
            life = float(told.get("expires_in", 60))
            self._token = _Token(told["access_token"], time.monotonic() + life - min(60.0, life / 4))
        return self._token.text

    def _keep(self, request: Request, answer: httpx.Response) -> None:
        """Keep an answer by its address, so that next time it need not be sent unless it is another."""
        is_small = len(answer.content) <= _KEPT_BYTES
        if request.method != "GET" or "ETag" not in answer.headers or not is_small or "Accept" in request.headers:
            return
        self._kept[str(answer.request.url)] = answer
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _token_request(credentials: Credentials, audience: str) -> Request:
    """A request for a token, with an assertion of its own."""
    form = {"grant_type": "client_credentials", **credentials.form(audience)}
    content = str(httpx.QueryParams(form)).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if basic := credentials.basic():
        headers["Authorization"] = next(httpx.BasicAuth(*basic).auth_flow(httpx.Request("POST", audience))).headers[
            "Authorization"
        ]
    return Request("POST", "/oauth/token", headers=headers, content=content)


def _may_follow(request: Request, failure: httpx.RequestError) -> bool:
    """Whether a request may be sent again after this: always where the first was never sent."""
    return request.may_be_repeated or isinstance(failure, httpx.ConnectError | httpx.ConnectTimeout)


def _words(failure: httpx.RequestError, base_url: str) -> str:
    return f"{base_url} does not answer ({type(failure).__name__}); is the address right, and the network there?"
