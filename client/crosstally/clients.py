"""The two clients. Their methods are the flows of `crosstally.calls`; what differs is only who carries them out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

import httpx

from crosstally import calls
from crosstally.conversation import Conversation, Patience, Send, Step
from crosstally.credentials import Credentials
from crosstally.requests import Flow, Page, Request

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = Patience()
TIMEOUT = httpx.Timeout(60.0, connect=10.0)


class _Method(Generic[P, T]):
    """A flow as a method: of a Client it answers the value, of an AsyncClient an awaitable of it."""

    def __init__(self, flow: Callable[P, Flow[T]]) -> None:
        self._flow = flow
        self.__doc__ = flow.__doc__

    @overload
    def __get__(self, client: Client, kind: type[Client]) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AsyncClient, kind: type[AsyncClient]) -> Callable[P, Awaitable[T]]: ...
    @overload
    def __get__(self, client: None, kind: type[_Methods]) -> Self: ...

    def __get__(self, client: Any, kind: Any) -> Any:
        return self if client is None else _like(self._flow, lambda *a, **k: client.run(self._flow(*a, **k)))


class _Pages(Generic[P, T]):
    """A flow of one page as a method that iterates over the items of all pages, fetched as they are needed."""

    def __init__(self, flow: Callable[P, Flow[Page[T]]]) -> None:
        self._flow = flow
        self.__doc__ = flow.__doc__

    @overload
    def __get__(self, client: Client, kind: type[Client]) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, client: AsyncClient, kind: type[AsyncClient]) -> Callable[P, AsyncIterator[T]]: ...
    @overload
    def __get__(self, client: None, kind: type[_Methods]) -> Self: ...

    def __get__(self, client: Any, kind: Any) -> Any:
        return self if client is None else _like(self._flow, lambda *a, **k: client.iterate(_PagesOf(self._flow, a, k)))


class _PagesOf(Generic[T]):
    """Page after page: `first` flow, then one for each page that follows."""

    def __init__(self, flow: Callable[..., Flow[Page[T]]], args: Any, kwargs: Any) -> None:
        self._flow, self._args, self._kwargs = flow, args, kwargs

    def flow(self, following: Request | None) -> Flow[Page[T]]:
        """The flow of the first page, or of the one that is asked for with this request."""
        flow = self._flow(*self._args, **self._kwargs)
        first = next(flow)
        try:
            flow.send((yield following or first))
        except StopIteration as end:
            return end.value
        raise AssertionError("a page is one request")


def _like(flow: Callable[..., Any], method: Callable[..., Any]) -> Callable[..., Any]:
    method.__name__, method.__doc__ = flow.__name__, flow.__doc__
    return method


class _Methods:
    """What both clients can do."""

    dictionary = _Method(calls.dictionary)
    sites = _Method(calls.sites)
    site = _Method(calls.site)
    operators = _Method(calls.operators)
    completeness = _Method(calls.completeness)
    template = _Method(calls.template)
    validate = _Method(calls.validate)
    submit = _Method(calls.submit)
    withdraw = _Method(calls.withdraw)
    report = _Method(calls.report)
    site_template = _Method(calls.site_template)
    review = _Method(calls.review)
    revisions = _Pages(calls.revisions)
    reports = _Pages(calls.reports)
    releases = _Method(calls.releases)
    manifest = _Method(calls.manifest)
    release_file = _Method(calls.release_file)
    release_keys = _Method(calls.release_keys)
    observations = _Pages(calls.observations)
    table = _Method(calls.table)
    differences = _Pages(calls.differences)
    compare = _Method(calls.compare)


class Client(_Methods):
    """A client that waits for its answers. Close it, or use it as a context manager."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | None = None,
        *,
        patience: Patience = PATIENCE,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._conversation = Conversation(base_url, credentials, patience)
        self._http = httpx.Client(timeout=TIMEOUT, transport=transport, follow_redirects=True)
        self._sleep = sleep

    def run(self, flow: Flow[T]) -> T:
        """Carry a flow out; raises HubError."""
        steps = self._conversation.hold(flow)
        try:
            step = next(steps)
            while True:
                step = steps.send(self._done(step))
        except StopIteration as end:
            return end.value

    def iterate(self, pages: _PagesOf[T]) -> Iterator[T]:
        """The items of all pages."""
        page = self.run(pages.flow(None))
        yield from page.items
        while page.following:
            page = self.run(pages.flow(page.following))
            yield from page.items

    def _done(self, step: Step) -> httpx.Response | httpx.RequestError | None:
        if not isinstance(step, Send):
            self._sleep(step.seconds)
            return None
        try:
            return self._http.send(step.request)
        except httpx.RequestError as failure:
            return failure

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_Methods):
    """A client whose answers are awaited. Close it, or use it as an asynchronous context manager."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | None = None,
        *,
        patience: Patience = PATIENCE,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._conversation = Conversation(base_url, credentials, patience)
        self._http = httpx.AsyncClient(timeout=TIMEOUT, transport=transport, follow_redirects=True)
        self._sleep = sleep

    async def run(self, flow: Flow[T]) -> T:
        """Carry a flow out; raises HubError."""
        steps = self._conversation.hold(flow)
        try:
            step = next(steps)
            while True:
                step = steps.send(await self._done(step))
        except StopIteration as end:
            return end.value

    async def iterate(self, pages: _PagesOf[T]) -> AsyncIterator[T]:
        """The items of all pages."""
        page = await self.run(pages.flow(None))
        for item in page.items:
            yield item
        while page.following:
            page = await self.run(pages.flow(page.following))
            for item in page.items:
                yield item

    async def _done(self, step: Step) -> httpx.Response | httpx.RequestError | None:
        if not isinstance(step, Send):
            await self._sleep(step.seconds)
            return None
        try:
            return await self._http.send(step.request)
        except httpx.RequestError as failure:
            return failure

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
