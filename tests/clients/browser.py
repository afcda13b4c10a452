"""A person at a browser without JavaScript: follows links, fills forms in, and stops where the hub ends."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


class _Page(HTMLParser):
    """The last form of a page with what it carries, and where the page goes on by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action, self.fields, self.onward = "", {}, ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.action, self.fields = of["action"], {}
        elif tag == "input" and of.get("type") == "hidden":
            self.fields[of["name"]] = of["value"]
        elif tag == "meta" and of.get("http-equiv") == "refresh":
            self.onward = of["content"].partition("url=")[2]


class Browser:
    """One browser, with its cookies, until the block ends."""

    def __init__(self, hub: str) -> None:
        self.hub = hub
        self.http = httpx.Client(timeout=60)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def open(self, url: str) -> httpx.Response:
        """Go there, and on to where that leads, as long as it is the hub."""
        return self._go_on(self.http.get(url))

    def submit(self, answer: httpx.Response, values: Mapping[str, str]) -> httpx.Response:
        """Fill in the form of a page and send it."""
        page = _Page(answer.text)
        return self._go_on(self.http.post(urljoin(str(answer.url), page.action), data={**page.fields, **values}))

    def _go_on(self, answer: httpx.Response) -> httpx.Response:
        while True:
            onward = answer.headers.get("Location") or _Page(answer.text).onward
            there = urljoin(str(answer.url), onward)
            if not onward or not there.startswith(self.hub):
                return answer
            answer = self.http.get(there)
