"""Answers that never change, given ahead of Flask: bytes made once, compressed once, with their tag.

Whatever passes through Flask costs more than sending the bytes. So an answer that is sealed as immutable is kept here
when it was given first, and is given from here from then on, to a GET or HEAD of the same address and Accept:

    is it still to be told?     what is retracted since empties this memory; that nothing was, the mark of the
                                database says, which is asked with every request
    who may have it?            what needs a scope is given to whoever holds it at this moment, by the same check
                                that the guard makes; it is made again when the mark has changed, or a second later

Everything else, and every refusal, is Flask's to answer. The memory is bounded; what is not used is forgotten first.
"""

from __future__ import annotations

import gzip
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Set
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Any

from actions.hub import Hub
from actions.watch_releases import change_mark, retractions_so_far
from api.sealing import SCOPES
from domain.access import Principal, Scope
from domain.refusals import Refusal

MIB = 1024 * 1024
MOST_BYTES, LONGEST = 128 * MIB, 16 * MIB
BESIDE = 8 * 1024
WORTH_COMPRESSING = 1000
COMPRESSED = re.compile(r"text/|application/([\w.-]+\+)?(json|xml|csv)")
ASK_AGAIN = timedelta(seconds=1)
MOST_CALLERS = 1000

_OF_ONE_ANSWER = re.compile(r"(?i)x-ratelimit-.*|retry-after|content-length|etag|vary|date")
_OF_A_BODY = re.compile(r"(?i)content-(type|length|encoding|disposition)")

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Key = tuple[str, str, str]
ReadCaller = Callable[[str | None, str | None], Principal]


class Variant:
    """The bytes of an answer in one encoding, with the headers of 200 and of 304."""

    def __init__(self, body: bytes, tag: str, headers: Headers) -> None:
        self.body = body
        self.tag = tag
        self.whole = [*headers, ("ETag", tag), ("Content-Length", str(len(body)))]
        self.unchanged = [header for header in self.whole if not _OF_A_BODY.match(header[0])]

    def answer(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        """200, or 304 where the caller knows the tag."""
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and (known == self.tag or _names(known, self.tag)):
            start_response("304 Not Modified", list(self.unchanged))
            return ()
        start_response("200 OK", list(self.whole))
        return (self.body,) if environ["REQUEST_METHOD"] == "GET" else ()


class Kept:
    """An answer as it is kept: plain, and compressed where that is shorter."""

    def __init__(self, body: bytes, headers: Headers, scopes: tuple[Scope, ...]) -> None:
        told = {name.lower(): value for name, value in headers}
        self.scopes = scopes
        self._tag = told["etag"]
        vary = ", ".join(filter(None, (told.get("vary"), "Accept-Encoding")))
        self._headers = [*(header for header in headers if not _OF_ONE_ANSWER.fullmatch(header[0])), ("Vary", vary)]
        self._may_shrink = len(body) >= WORTH_COMPRESSING and bool(COMPRESSED.match(told.get("content-type", "")))
        self.plain = Variant(body, self._tag, self._headers)

    @cached_property
    def compressed(self) -> Variant:
        """Made when it is first asked for."""
        if not self._may_shrink:
            return self.plain
        body = gzip.compress(self.plain.body, mtime=0)
        return Variant(body, f'{self._tag[:-1]}-gzip"', [*self._headers, ("Content-Encoding", "gzip")])

    @property
    def bytes(self) -> int:
        """What it takes at most, with a compressed one beside, and keys and headers."""
        return 2 * len(self.plain.body) + BESIDE

    def variant(self, accepted: str) -> Variant:
        """The one for an Accept-Encoding header."""
        takes_it = "gzip" in accepted and "gzip;q=0" not in accepted.replace(" ", "")
        return self.compressed if takes_it else self.plain


class Memory:
    """Answers by key, at most so many bytes of them; forgotten when there is another retraction."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._under: Set[str] = frozenset()

    def get(self, key: Key) -> Kept | None:
        """The answer, if it is kept."""
        with self._lock:
            found = self._kept.get(key)
            if found:
                self._kept.move_to_end(key)
            return found

    def under(self, retractions: Set[str]) -> None:
        """From now on these are the retractions; if there are others than before, nothing is kept any longer."""
        with self._lock:
            if retractions != self._under:
                self._kept.clear()
                self._bytes, self._under = 0, retractions

    def add(self, key: Key, answer: Kept, retractions: Set[str]) -> None:
        """Keep an answer that was given under these retractions, unless there are others now."""
        with self._lock:
            if retractions != self._under or key in self._kept:
                return
            self._kept[key] = answer
            self._bytes += answer.bytes
            while self._bytes > MOST_BYTES:
                self._bytes -= self._kept.popitem(last=False)[1].bytes

    @property
    def retractions(self) -> Set[str]:
        """Those under which answers are kept now."""
        return self._under


class Frozen:
    """The middleware; `read_caller` tells who sends an Authorization header from an address, or raises a refusal."""

    def __init__(self, app: Callable, hub: Hub, read_caller: ReadCaller) -> None:
        self._app = app
        self._hub = hub
        self._read_caller = read_caller
        self._memory = Memory()
        self._mark: object = None
        self._callers: dict[tuple[str | None, str | None], tuple[Principal, object, datetime]] = {}

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        key = _key(environ)
        mark = change_mark(self._hub) if key else None
        if key is None or mark is None:
            return self._app(environ, start_response)
        if mark != self._mark:
            self._memory.under(retractions_so_far(self._hub))
            self._mark = mark
        kept = self._memory.get(key)
        if kept is None:
            return self._ask(key, environ, start_response)
        if kept.scopes and not self._may_have(kept.scopes, environ, mark):
            return self._app(environ, start_response)
        return kept.variant(environ.get("HTTP_ACCEPT_ENCODING", "")).answer(environ, start_response)

    def _ask(self, key: Key, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        """What Flask answers, kept if it may be."""
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known:
            # To Flask there is one tag, whatever the encoding.
            environ["HTTP_IF_NONE_MATCH"] = known.replace('-gzip"', '"')
        retractions, said = self._memory.retractions, _Said()
        body = self._app(environ, said)
        if not said.is_to_be_kept(environ):
            start_response(said.status, said.headers)
            return body
        content = b"".join(body)
        body.close()
        kept = Kept(content, said.headers, environ[SCOPES])
        self._memory.add(key, kept, retractions)
        return kept.variant(environ.get("HTTP_ACCEPT_ENCODING", "")).answer(environ, start_response)

    def _may_have(self, scopes: tuple[Scope, ...], environ: Environ, mark: object) -> bool:
        """Whether the caller holds one of the scopes; who does not is told so by Flask."""
        who = environ.get("HTTP_AUTHORIZATION"), environ.get("REMOTE_ADDR")
        principal, seen, until = self._callers.get(who, (None, None, None))
        now = self._hub.clock()
        try:
            if principal is None or seen != mark or until is None or now >= until:
                principal = self._read_caller(*who)
                if len(self._callers) >= MOST_CALLERS:
                    self._callers.clear()
                self._callers[who] = principal, mark, now + ASK_AGAIN
            principal.require(*scopes)
        except Refusal:
            return False
        return True


class _Said:
    """What an application says of its answer before it gives it."""

    status = ""
    headers: Headers = []

    def __call__(self, status: str, headers: Headers, exc_info: object = None) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return lambda _: None

    def is_to_be_kept(self, environ: Environ) -> bool:
        """Whether it is whole, sealed as immutable, not too long, and for whoever asks the same."""
        told = {name.lower(): value for name, value in self.headers}
        return (
            self.status.startswith("200")
            and environ["REQUEST_METHOD"] == "GET"
            and SCOPES in environ
            and "immutable" in told.get("cache-control", "")
            and "set-cookie" not in told
            and int(told.get("content-length", LONGEST + 1)) <= LONGEST
        )


def _key(environ: Environ) -> Key | None:
    """What the answer depends on; None for what is never kept."""
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    if path.startswith(("/v1/releases/2", "/sdmx/2.1/releases/2")) or (
        path.startswith("/v1/comparisons/") and "release=2" in query
    ):
        return path, query, environ.get("HTTP_ACCEPT", "")
    return None


def _names(known: str, tag: str) -> bool:
    """Whether an If-None-Match header names the tag (weak comparison, RFC 9110 section 13.1.2)."""
    return known.strip() == "*" or tag in (each.strip().removeprefix("W/") for each in known.split(","))
