"""The demo's view of the hub: plain HTTP, as any partner would speak it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import click
import httpx

POLL_SECONDS = 0.2


class DemoClient:
    """One client of the hub, or a reader without a token where no credentials are given."""

    def __init__(self, base_url: str, credentials: Mapping | None = None) -> None:
        self.http = httpx.Client(base_url=base_url, timeout=60)
        if credentials:
            self.http.headers["Authorization"] = f"Bearer {self._token(credentials)}"

    def _token(self, credentials: Mapping) -> str:
        secret = (credentials["client_id"], credentials["client_secret"])
        return _checked(self.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=secret)).json()[
            "access_token"
        ]

    def put_report(self, site: str, month: str, body: Mapping) -> dict:
        """Send a report and answer its receipt."""
        return _checked(self.http.put(f"/v1/sites/{site}/reports/{month}", json=body)).json()

    def accept(self, site: str, month: str, revision: int) -> None:
        """Accept a revision as the steward."""
        decision = {"revision": revision, "decision": "accept"}
        _checked(self.http.post(f"/v1/sites/{site}/reports/{month}/review", json=decision))

    def cut(self, *, patience: float) -> Iterator[float]:
        """Cut and publish a release; yields the job's progress until it has succeeded."""
        location = _checked(self.http.post("/v1/releases", json={"publish": True})).headers["Location"]
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            job = _checked(self.http.get(location)).json()
            yield job["progress"]
            if job["state"] == "succeeded":
                return
            if job["state"] == "failed":
                raise click.ClickException(f"the release was refused: {job['result']['detail']}")
            time.sleep(POLL_SECONDS)
        raise click.ClickException("the release took too long")

    def rates(self, measure: str, period: str) -> dict:
        """The comparison of all sites with data in the period."""
        return self.compare("rates", measure=measure, period=period, by="site")

    def compare(self, kind: str, **query: str) -> dict:
        """Any comparison: its answer."""
        return _checked(self.http.get(f"/v1/comparisons/{kind}", params=query)).json()

    def sites(self) -> dict[str, dict]:
        """The site directory by id."""
        return {site["id"]: site for site in _checked(self.http.get("/v1/sites")).json()["items"]}


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        problem = answer.json()
        details = "; ".join(f"{item['pointer']}: {item['detail']}" for item in problem.get("errors", []))
        raise click.ClickException(f"{answer.request.method} {answer.request.url}: {problem.get('detail')} {details}")
    return answer
