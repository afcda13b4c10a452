"""No answer to anyone changes when another operator's unpublished counts change.

Two hubs that are the same, file for file, but for what Rhode Island has counted and nobody has published: a report that
is submitted, a revision, one that was accepted and waits for the next release, and a draft cut from it. Everybody but
the stewards who review it and its operator asks both hubs the same, at every door there is, and must get the same, byte
for byte. A door that this walk does not know makes it fail.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask

from actions.cut_release import cut_release
from actions.hub import Hub
from actions.register_client import register_client
from actions.request_release import request_release
from actions.run_job import run_next_job
from auth.keys import token_keys
from auth.tokens import issue_token
from domain.access import OPERATOR_SCOPES, SYSTEM, Principal, Role, Scope
from domain.clients import Client
from domain.periods import Month
from domain.report import Report
from tests.builders import (
    MAY,
    NOON,
    STEWARD,
    body,
    furnish,
    make_hub,
    report,
    submit,
    submit_and_accept,
)
from tests.demo import UNLIMITED
from wsgi import create_app

OURS, THEIRS = "nyc-east", "ri-providence"
APRIL, JUNE = Month(2026, 4), Month(2026, 6)
RELEASE, DRAFT = "2026-07-15.1", "2026-07-15.2"
PARAMETER = re.compile(r"<(?:[^<>]*:)?(\w+)>")
LEVELS, MONTHS = ("site", "city", "all"), ("2026-05", "2026-Q2", "2026")
EPISODES = "measure=od_per_1000_episodes&period=2026&breakdown=route"
REPORTS = [f"/{site}/reports/{month}" for site in (OURS, THEIRS) for month in (APRIL, MAY, JUNE)]


def compared(kind: str, further: str = "") -> Iterator[str]:
    """A comparison by every level, of a share by month, and of a draft."""
    asked = f"/v1/comparisons/{kind}?measure=od_per_1000_visits&period=2026{further}"
    yield from (f"{asked}&by={by}" for by in LEVELS)
    yield f"/v1/comparisons/{kind}?measure=ems_share&period=2026-05{further}"
    yield f"{asked}&release={DRAFT}"


ASKED: dict[str, list[str]] = {
    "api-docs.openapi_json": ["/openapi.json"],
    "audit.get_audit": ["/v1/audit", "/v1/audit?limit=2"],
    "clients.get_client": ["/v1/clients/nyc-client", "/v1/clients/ri-client"],
    "clients.get_clients": ["/v1/clients"],
    "comparisons.get_comparability": [*compared("comparability")],
    "comparisons.get_funnel": [*compared("funnel")],
    "comparisons.get_heterogeneity": [*compared("heterogeneity")],
    "comparisons.get_persons": [
        f"/v1/comparisons/persons?period={months}&by={by}" for months in MONTHS for by in LEVELS
    ],
    "comparisons.get_rates": [
        *compared("rates"),
        "/v1/comparisons/rates?measure=ems_per_od&period=2026-05",
        "/v1/comparisons/rates?measure=ems_per_od&period=last-month&as_of=2026-07-15",
    ],
    "comparisons.get_ratios": [*compared("ratios"), *compared("ratios", "&contrast=rest")],
    "comparisons.get_standardized": [
        *(f"/v1/comparisons/standardized?{EPISODES}&method={method}" for method in ("direct", "indirect")),
        f"/v1/comparisons/standardized?{EPISODES}&release={DRAFT}",
    ],
    "comparisons.get_trends": [*compared("trends", "&step=quarter")],
    "comparisons.get_zero_events": [
        *compared("zero-events"),
        "/v1/comparisons/zero-events?measure=deaths_per_100000_visits&period=2026",
    ],
    "completeness.get_completeness": [
        f"/v1/completeness{query}" for query in ("", "?operator=ri", f"?site={THEIRS}", "?period=2026-05")
    ],
    "directory.get_operator": ["/v1/operators/nyc", "/v1/operators/ri"],
    "directory.get_operators": ["/v1/operators"],
    "directory.get_site": [f"/v1/sites/{OURS}", f"/v1/sites/{THEIRS}"],
    "directory.get_sites": ["/v1/sites"],
    "docs.show_asset": ["/docs/assets/docs.js"],
    "docs.show_docs": ["/docs"],
    "health.get_health": ["/healthz"],
    "health.get_readiness": ["/readyz"],
    "oauth.ask_for_consent": ["/oauth/authorize"],
    "oauth.describe_server": ["/.well-known/oauth-authorization-server"],
    "oauth.list_release_keys": ["/.well-known/release-keys.json"],
    "oauth.list_token_keys": ["/.well-known/jwks.json"],
    "people.come_back": ["/signin/elsewhere/ri/back"],
    "people.leave": ["/signin/elsewhere/ri"],
    "people.open_link": ["/link/x"],
    "people.show_account": ["/account"],
    "people.show_app": ["/account/app"],
    "people.show_link": ["/link"],
    "people.show_new_passkey": ["/account/passkeys/new"],
    "people.show_password": ["/account/password"],
    "people.show_reset": ["/reset"],
    "people.show_second_factor": ["/signin/second"],
    "people.show_set_up": ["/signin/set-up"],
    "people.show_sign_in": ["/signin"],
    "people.static": ["/auth/static/people.css"],
    "observations.get_availability": [
        f"/v1/releases/{release}/availability{query}"
        for release in (RELEASE, DRAFT)
        for query in ("", f"?unit={THEIRS}&period=last-2-months", "?level=all&limit=3")
    ],
    "observations.get_latest_availability": ["/v1/releases/latest/availability?period=last-year"],
    "observations.get_latest_file": ["/v1/releases/latest/files/observations.parquet"],
    "observations.get_latest_observations": [
        f"/v1/releases/latest/observations{query}" for query in ("", "?as_of=2026-07-15", "?as_of=2026-01-01")
    ],
    "observations.get_observations": [
        f"/v1/releases/{release}/observations{query}"
        for release in (RELEASE, DRAFT)
        for query in (
            *("", "?level=site", f"?unit={THEIRS}", "?city=providence&format=csv", "?level=all&limit=3"),
            *("?value_status=suppressed", "?period=last-3-months", "?operator=ri&format=jsonstat", "?format=parquet"),
            *("?format=adx", "?format=csv&bom=1"),
        )
    ],
    "problems.get_problem": ["/problems/line-list"],
    "reference.get_dictionary": ["/v1/dictionary"],
    "reference.get_dictionary_version": ["/v1/dictionary/2026.1"],
    "releases.get_diff": [f"/v1/releases/{a}/diff/{b}" for a in (RELEASE, DRAFT) for b in (RELEASE, DRAFT)],
    "releases.get_file": [
        f"/v1/releases/{release}/files/{name}"
        for release in (RELEASE, DRAFT)
        for name in ("observations.csv", "observations.parquet", "reports.json", "sites.json", "datapackage.zip")
    ],
    "releases.get_job": ["/v1/jobs/{job}"],
    "releases.get_latest_release": ["/v1/releases/latest"],
    "releases.get_manifest": [f"/v1/releases/{RELEASE}", f"/v1/releases/{DRAFT}"],
    "releases.get_releases": ["/v1/releases"],
    "reports.get_report": [f"/v1/sites{place}" for place in REPORTS],
    "reports.get_reports": ["/v1/reports", "/v1/reports?state=submitted", "/v1/reports?state=accepted"],
    "reports.get_revision": [f"/v1/sites{place}/revisions/{n}" for place in REPORTS for n in (1, 2)],
    "reports.get_revisions": [f"/v1/sites{place}/revisions" for place in REPORTS],
    "sdmx.get_sdmx_data": [
        f"/sdmx/2.1/data/OPC_MONTHLY/{query}" for query in ("all", "all?format=csv", f"..{THEIRS}...?format=json")
    ],
    "sdmx.get_sdmx_release_data": [
        f"/sdmx/2.1/releases/{release}/data/OPC_MONTHLY/all{query}"
        for release in (RELEASE, DRAFT)
        for query in ("", "?lastNObservations=1", "?dimensionAtObservation=UNIT&format=csv")
    ],
    "sdmx.get_sdmx_release_structure": [
        f"/sdmx/2.1/releases/{release}/dataflow/all/all/latest?references=all" for release in (RELEASE, DRAFT)
    ],
    "sdmx.get_sdmx_structure": ["/sdmx/2.1/codelist/CROSSTALLY/CL_UNIT/latest", "/sdmx/2.1/dataflow?references=all"],
    "templates.get_site_template": [
        f"/v1/sites{place}/template{query}" for place in REPORTS for query in ("", "?format=csv")
    ],
    "templates.get_template": ["/v1/templates/2026.1"],
    "users.get_user": ["/v1/users/x"],
    "users.get_users": ["/v1/users"],
    "webhooks.get_deliveries": ["/v1/webhooks/wh-0123456789abcdef/deliveries"],
    "webhooks.get_webhook": ["/v1/webhooks/wh-0123456789abcdef"],
    "webhooks.get_webhooks": ["/v1/webhooks"],
}
"""What is asked at each door that can be read; whoever adds a door says here how it is asked."""

CHANCE = re.compile(rb'(name="csrf[^"]*" value|name="form"[^>]* value|nonce|content|value)="[\w.=-]{16,}"')
"""Pages with forms carry random values of their own."""

OF_THE_MOMENT = ("Date", "Set-Cookie", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
PLACE_OURS, PLACE_THEIRS = (f"/v1/sites/{site}/reports/{MAY}" for site in (OURS, THEIRS))
JUDGED = f"/v1/validations?month={MAY}&site="
WRITTEN: list[tuple[str, str, object, dict[str, str]]] = [
    ("POST", "/v1/validations", body(), {}),
    *(("POST", JUDGED + site, body(overdose_events=4), {}) for site in (OURS, THEIRS)),
    ("POST", f"/v1/validations?month={JUNE}&site={THEIRS}", body(days=30), {}),
    ("PUT", PLACE_THEIRS, body(), {}),
    ("PUT", PLACE_THEIRS, body(), {"If-Match": '"1-x"'}),
    ("PUT", PLACE_THEIRS, {**body(), "note": 1}, {}),
    ("PUT", PLACE_OURS, body(operating_hours=800), {}),
    ("PUT", PLACE_OURS, body(), {}),
    ("PUT", PLACE_OURS, body(referrals_made=77), {"If-Match": '"1-x"'}),
    ("PUT", PLACE_OURS, body(referrals_made=77), {"If-Match": "*"}),
    ("PUT", f"/v1/sites/{OURS}/reports/{JUNE}", body(days=30, ems_transports=9, ems_calls=2), {}),
    (
        "POST",
        "/v1/reports",
        {"reports": [{"site": s, "month": "2026-05", "report": body()} for s in (OURS, THEIRS)]},
        {},
    ),
    ("POST", f"{PLACE_THEIRS}/review", {"revision": 1, "decision": "accept"}, {}),
    ("POST", f"{PLACE_OURS}/review", {"revision": 1, "decision": "accept"}, {}),
    ("DELETE", PLACE_THEIRS, None, {"If-Match": "*"}),
    ("POST", "/v1/releases", {"publish": False}, {}),
    ("POST", f"/v1/releases/{DRAFT}/publish", None, {}),
]
"""What is sent: judged reports, and everything that is refused or goes on beside theirs."""


@dataclass(frozen=True)
class World:
    """A hub, and the application in front of it."""

    app: Flask
    hub: Hub
    job: str


CALLERS = [
    None,
    Principal("nyc-client", OPERATOR_SCOPES, "nyc", frozenset({OURS, "nyc-north"})),
    Principal("nyc-admin", Role.OPERATOR_ADMIN.scopes, "nyc", frozenset({OURS})),
    Principal("researcher", frozenset({Scope.DATA_READ})),
    Principal("hub-admin", Role.HUB_ADMIN.scopes),
    Principal("auditor", frozenset({Scope.AUDIT_READ})),
    Principal("sf-client", OPERATOR_SCOPES, "sf", frozenset({"sf-tenderloin"})),
]
"""Everybody but who may read the counts: the operator itself, and the hub's stewards and release officers."""


def base(folder: Path) -> str:
    """A hub with a release, its callers, and a job; the same for both worlds."""
    made = furnish(make_hub(folder, **limits()))
    create_app(made.settings, made)  # makes the keys
    for caller in filter(None, CALLERS):
        client = Client(caller.id, caller.id, caller.operator, caller.sites, caller.scopes)
        register_client(made, by=SYSTEM, client=client)
    for site in (OURS, THEIRS, "sf-tenderloin"):
        submit_and_accept(made, site, APRIL, report(days=30))
    cut_release(made, by=STEWARD, publish=True)
    submit(made, OURS, MAY, report(overdose_events=14))
    job = request_release(made, by=STEWARD, publish=False).id
    made.database.close()
    return job


def limits() -> dict[str, str]:
    return {name.removeprefix("CROSSTALLY_").lower(): value for name, value in UNLIMITED.items()}


def world_of(folder: Path, job: str, accepted: Report, submitted: Report) -> World:
    """A copy of the base in which Rhode Island counted this."""
    hub = make_hub(folder, **limits())
    submit_and_accept(hub, THEIRS, MAY, accepted)
    first = submit(hub, THEIRS, JUNE, submitted)
    revised = replace(submitted, revision_reason="error")
    submit(hub, THEIRS, JUNE, revised, if_match=frozenset({first.etag}))
    run_next_job(hub)
    return World(create_app(hub.settings, hub), hub, job)


COUNTED = {
    "one": (report(overdose_events=1, participants_connected=2), report(days=30, visits_all=2500)),
    "other": (report(overdose_events=400, referrals_made=3000), report(days=30, ems_transports=9, ems_calls=2)),
}
"""What Rhode Island counted in May and June: small, large, hidden; with warnings and without."""


@pytest.fixture(scope="module")
def worlds(tmp_path_factory) -> Iterator[list[World]]:
    folder = tmp_path_factory.mktemp("worlds")
    job = base(folder / "one")
    shutil.copytree(folder / "one", folder / "other")
    made = [world_of(folder / name, job, *reports) for name, reports in COUNTED.items()]
    yield made
    for each in made:
        each.hub.database.close()


def token_of(hub: Hub, caller: Principal) -> str:
    issuer, scope = hub.settings.issuer, " ".join(sorted(caller.scopes))
    key = token_keys(hub.settings).signing_key
    return issue_token(key, issuer=issuer, client_id=caller.id, scope=scope, now=NOON, lifetime=900)


def answer(world: World, caller: Principal | None, method: str, path: str, **sent) -> tuple:
    """Status, headers and body of an answer, without what differs from one request to the next of the same."""
    headers = {
        **sent.pop("headers", {}),
        **({"Authorization": f"Bearer {token_of(world.hub, caller)}"} if caller else {}),
    }
    place = path.replace("{job}", world.job)
    with closing(world.app.test_client().open(place, method=method, headers=headers, **sent)) as got:
        told = sorted((name, value) for name, value in got.headers if name not in OF_THE_MOMENT)
        return got.status_code, told, CHANCE.sub(b"", got.data) if got.mimetype == "text/html" else got.data


def doors_to_read(app: Flask) -> dict[str, str]:
    return {rule.endpoint: rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods}


def test_every_door_that_can_be_read_is_asked(worlds):
    assert set(doors_to_read(worlds[0].app)) == set(ASKED), "say in ASKED how a new door is asked"
    adapter = worlds[0].app.url_map.bind("localhost")
    for endpoint, paths in ASKED.items():
        assert {adapter.match(path.partition("?")[0].replace("{job}", "x"))[0] for path in paths} == {endpoint}


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.id if caller else "nobody")
def test_no_answer_changes_with_what_another_operator_counted_and_nobody_published(worlds, caller):
    statuses = set()
    for path in (path for paths in ASKED.values() for path in paths):
        one, other = (answer(world, caller, "GET", path) for world in worlds)
        assert one == other, path
        statuses.add(one[0])
    assert statuses >= ({200, 401, 404} if caller is None else {200, 403, 404})


@pytest.mark.parametrize("caller", CALLERS[:4], ids=lambda caller: caller.id if caller else "nobody")
def test_no_answer_to_what_is_sent_changes_either(worlds, caller):
    for method, path, content, headers in WRITTEN:
        one, other = (answer(world, caller, method, path, json=content, headers=headers) for world in worlds)
        assert one == other, (method, path)


def test_the_two_hubs_do_differ_for_who_may_read_the_counts(worlds):
    steward = Principal("nyc-reviewer", Role.STEWARD.scopes)
    for world in worlds:
        client = Client(steward.id, steward.id, None, frozenset(), steward.scopes)
        register_client(world.hub, by=SYSTEM, client=client)
    one, other = (answer(world, steward, "GET", PLACE_THEIRS) for world in worlds)
    assert one[0] == other[0] == 200
    assert one[2] != other[2]
    theirs = [answer(world, Principal("ri-x", OPERATOR_SCOPES, "ri"), "GET", PLACE_THEIRS) for world in worlds]
    assert {status for status, _, _ in theirs} == {401}, "who is no client is nobody"
