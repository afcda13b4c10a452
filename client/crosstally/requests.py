"""What is asked of a hub, built once and sent by whatever client, and the flows that asking and reading make.

A *flow* is a generator: it yields a Request, gets the answer, may yield another, and returns what came of it. It knows
nothing of sockets, tokens or waiting, so that the synchronous and the asynchronous client share all of it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import httpx

T = TypeVar("T")
Flow = Generator["Request", httpx.Response, T]

_SAFE = frozenset({"GET", "PUT"})
"""Methods that may be sent again when no answer came. A report that is stored already is answered like the first time;
a withdrawal is not: its precondition no longer holds."""


@dataclass(frozen=True)
class Request:
    """A request below a hub's address; `path` may be the whole of it.

    `is_secured`: it takes a token. `changes_nothing`: it may always be repeated.
    """

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    is_secured: bool = False
    changes_nothing: bool = False

    @property
    def may_be_repeated(self) -> bool:
        return self.changes_nothing or self.method in _SAFE


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some of a list, and the request for what follows; None at the end."""

    items: Sequence[T]
    following: Request | None
