"""Everything a client asks of a hub, one flow each: the request, and what its answer means."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from crosstally.models import Head, Json, Receipt, ReleaseEntry, StoredReport, Validation
from crosstally.problems import HubError
from crosstally.requests import Flow, Page, Request
from crosstally.tables import Table

T = TypeVar("T")

JSON, CSV, XLSX, ADX = (
    "application/json",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/adx+xml",
)
Report = Mapping[str, Any] | bytes
"""A report as JSON values, or as the bytes of a file."""
LATEST = "latest"


# ---- what anyone may know ----------------------------------------------------------------------------


def dictionary(version: str | None = None) -> Flow[Json]:
    """The newest dictionary, or the one of a version."""
    return _json(Request("GET", _path("v1", "dictionary", *filter(None, [version]))))


def sites() -> Flow[list[Json]]:
    """Every site."""
    return _items(Request("GET", "/v1/sites"))


def site(site: str) -> Flow[Json]:
    """One site."""
    return _json(Request("GET", _path("v1", "sites", site)))


def operators() -> Flow[list[Json]]:
    """Every operator, with what it agreed to about disclosure."""
    return _items(Request("GET", "/v1/operators"))


def completeness(**filters: str) -> Flow[Json]:
    """What was expected, received, on time and accepted, as `/v1/completeness` filters it."""
    return _json(Request("GET", "/v1/completeness", filters))


def template(version: str, kind: str = "xlsx") -> Flow[bytes]:
    """The empty form of a report, as `xlsx` or `csv`."""
    return _bytes(Request("GET", _path("v1", "templates", version), {"format": kind}))


def validate(
    report: Report, *, media_type: str = JSON, site: str | None = None, month: str | None = None
) -> Flow[Validation]:
    """What the rules find in a report, and what the public would see of it. Nothing is kept; no account needed."""
    request = Request(
        "POST",
        "/v1/validations",
        {"site": site, "month": month},
        {"Content-Type": media_type},
        _content(report),
        changes_nothing=True,
    )
    return _read(request, lambda answer: Validation.of(answer.json()))


# ---- reports -----------------------------------------------------------------------------------------


def submit(
    site: str, month: str, report: Report, *, media_type: str = JSON, if_match: str | None = None
) -> Flow[Receipt]:
    """Send the report of a site and month, JSON values or the bytes of a file of the media type.

    A first report goes without `if_match`; a revision names the ETag of what it replaces, or else
    PreconditionMissing is raised, and Stale where somebody was faster. It is sent again where no answer came: the same
    content twice is stored once.
    """
    headers = {"Content-Type": media_type, **({"If-Match": if_match} if if_match else {})}
    request = Request("PUT", _place(site, month), headers=headers, content=_content(report), is_secured=True)
    return _read(request, lambda answer: Receipt.of(answer.json(), is_new=answer.status_code == 201))


def withdraw(site: str, month: str, *, if_match: str) -> Flow[Receipt]:
    """Withdraw a report; `if_match` is its ETag."""
    request = Request("DELETE", _place(site, month), headers={"If-Match": if_match}, is_secured=True)
    return _read(request, lambda answer: Receipt.of(answer.json()))


def report(site: str, month: str) -> Flow[StoredReport]:
    """A report as it stands, with its ETag."""
    request = Request("GET", _place(site, month), is_secured=True)
    return _read(request, lambda answer: StoredReport.of(answer.json(), answer.headers["ETag"]))


def site_template(site: str, month: str, kind: str = "xlsx") -> Flow[bytes]:
    """The form of one site and month, beside each field what was reported the month before."""
    return _bytes(Request("GET", f"{_place(site, month)}/template", {"format": kind}, is_secured=True))


def review(site: str, month: str, revision: int, decision: str, reasons: Sequence[str] = ()) -> Flow[Head]:
    """Decide on a report as the steward: `accept` or `return`, with the codes of the reasons."""
    content = _content({"revision": revision, "decision": decision, **({"reasons": [*reasons]} if reasons else {})})
    path, headers = f"{_place(site, month)}/review", {"Content-Type": JSON}
    return _read(
        Request("POST", path, headers=headers, content=content, is_secured=True),
        lambda answer: Head.of(answer.json()),
    )


def revisions(site: str, month: str) -> Flow[Page[Json]]:
    """Every revision of a report."""
    return _page(Request("GET", f"{_place(site, month)}/revisions", is_secured=True), dict)


def reports(state: str | None = None) -> Flow[Page[Head]]:
    """The reports one may read, of a state or all."""
    return _page(Request("GET", "/v1/reports", {"state": state}, is_secured=True), Head.of)


# ---- releases ----------------------------------------------------------------------------------------


def releases() -> Flow[list[ReleaseEntry]]:
    """Every release, the newest first."""
    return _read(Request("GET", "/v1/releases"), lambda answer: [*map(ReleaseEntry.of, answer.json()["items"])])


def manifest(release: str = LATEST) -> Flow[bytes]:
    """The manifest of a release: the very bytes that are hashed."""
    return _bytes(Request("GET", _path("v1", "releases", release)))


def release_file(release: str, name: str) -> Flow[bytes]:
    """A file of a release."""
    return _bytes(Request("GET", _path("v1", "releases", release, "files", name)))


def release_keys() -> Flow[Json]:
    """The public keys by which releases are signed, as a JSON Web Key Set."""
    return _json(Request("GET", "/.well-known/release-keys.json"))


def observations(release: str = LATEST, **filters: str) -> Flow[Page[Json]]:
    """The rows of a release, filtered by `indicator`, `unit`, `city`, `level`, `period`, `breakdown`."""
    return _page(Request("GET", _observations(release), filters, is_secured=True), dict)


def table(release: str = LATEST, **filters: str) -> Flow[Table]:
    """The rows of a release, all at once: for `to_pandas()` and `to_polars()`. Filters as for `observations`."""
    request = Request("GET", _observations(release), {**filters, "format": "csv"}, is_secured=True)
    return _read(request, lambda answer: Table(answer.content, str(answer.url)))


def differences(release: str, earlier: str) -> Flow[Page[Json]]:
    """What changed from an earlier release to this one."""
    return _page(Request("GET", _path("v1", "releases", release, "diff", earlier)), dict)


def compare(kind: str, **query: str) -> Flow[Json]:
    """A comparison: `rates`, `ratios`, `funnel`, `trends`, ... with the parameters that the hub documents."""
    return _json(Request("GET", _path("v1", "comparisons", kind), query))


# ---- how answers are read ----------------------------------------------------------------------------


def _read(request: Request, meaning: Callable[[httpx.Response], T]) -> Flow[T]:
    answer = yield request
    try:
        return meaning(answer)  # noqa: B901: a flow returns what came of it
    except (ValueError, KeyError, TypeError, AttributeError):
        raise HubError(f"{answer.url} does not answer like a Crosstally hub; is the address right?") from None


def _json(request: Request) -> Flow[Json]:
    return _read(request, lambda answer: answer.json())


def _items(request: Request) -> Flow[list[Json]]:
    return _read(request, lambda answer: list(answer.json()["items"]))


def _bytes(request: Request) -> Flow[bytes]:
    return _read(request, lambda answer: answer.content)


def _page(request: Request, meaning: Callable[[Any], T]) -> Flow[Page[T]]:
    return _read(request, partial(_page_of, request, meaning))


def _page_of(request: Request, meaning: Callable[[Any], T], answer: httpx.Response) -> Page[T]:
    content = answer.json()
    # A redirect may have led elsewhere: what follows a page follows it there.
    asked = dict(parse_qsl(urlsplit(str(answer.url)).query))
    cursor = content.get("next")
    following = Request(
        "GET",
        str(answer.url.copy_with(query=None)),
        {**asked, "cursor": cursor},
        request.headers,
        is_secured=request.is_secured,
    )
    return Page([meaning(item) for item in content["items"]], following if cursor is not None else None)


def _content(report: Report) -> bytes:
    return report if isinstance(report, bytes) else json.dumps(report).encode()


def _path(*steps: str) -> str:
    return "".join(f"/{quote(step, safe='')}" for step in steps)


def _place(site: str, month: str) -> str:
    return _path("v1", "sites", site, "reports", month)


def _observations(release: str) -> str:
    return _path("v1", "releases", release, "observations")
