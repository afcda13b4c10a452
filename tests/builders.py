"""Small things that many tests build: sites, principals, reports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from actions.confirm_report import confirm_report
from actions.hub import Hub
from actions.open_release import open_release
from actions.query_observations import Query
from actions.register_client import register_client
from actions.register_operator import register_operator, register_site
from actions.review_report import review_report
from actions.submit_report import Receipt, submit_report
from domain.access import OPERATOR_SCOPES, SYSTEM, Principal, Scope
from domain.clients import Client
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month
from domain.preconditions import Preconditions
from domain.release import Observation
from domain.report import Operator, Report, Site
from domain.report_content import report_from_content
from domain.settings import Settings
from store.artefacts import ArtefactStore
from store.database import Database
from store.tenancy import MIGRATION, WHOEVER_LOGGED_IN

MAY = Month(2026, 5)
NOON = datetime(2026, 7, 15, 12, tzinfo=UTC)

OPERATORS = [Operator("nyc", "New York", sentinel="site_month"), Operator("ri", "Rhode Island"), Operator("sf", "SF")]


def _site(id: str, city: str, operator: str, opened: Month, zone: str = "America/New_York") -> Site:
    return Site(id, id, city, operator, opened, timezone=zone, synthetic=True)


SITES = [
    _site("nyc-east", "new-york", "nyc", Month(2021, 11)),
    _site("nyc-north", "new-york", "nyc", Month(2021, 11)),
    _site("ri-providence", "providence", "ri", Month(2025, 1)),
    _site("sf-tenderloin", "san-francisco", "sf", Month(2025, 7), "America/Los_Angeles"),
]

EXAMPLE = {
    "dictionary": "2026.1",
    "about": {
        "partial_month": None,
        "unique_method": "self_code",
        "unique_scope": "operator",
        "visit_basis": "consumption",
        "ems_policy": "clinical_judgement",
        "overdose_definition": "core",
        "provisional": False,
    },
    "indicators": {
        "operating_days": {"total": 31},
        "operating_hours": {"total": 248},
        "visits_consumption": {
            "total": 2412,
            "by": {"route_any": {"inject": 1622, "smoke": 700, "snort": 90, "oral": 0, "other": 0, "unknown": 0}},
        },
        "overdose_events": {
            "total": 31,
            "by": {"overdose_type": {"opioid": 20, "stimulant": 9, "mixed": 2, "other_unknown": 0}},
        },
        "ems_calls": {"total": {"lt": 5}},
        "participants_unique": {"total": {"status": "not_collected"}},
        "participants_connected": {"total": 44},
        "referrals_made": {"total": 97},
        "deaths_overdose_onsite": {"total": 0},
    },
}


def body(*, days: int = 31, **totals: object) -> dict:
    """The example report as JSON, with other totals; an indicator changed loses its breakdowns."""
    made = deepcopy(EXAMPLE)
    made["indicators"]["operating_days"] = {"total": days}
    for indicator, total in totals.items():
        made["indicators"][indicator] = {"total": total}
    return made


def report(*, days: int = 31, revision_reason: str | None = None, **totals: object) -> Report:
    """The example report with other totals."""
    content = body(days=days, **totals)
    return report_from_content({**content, **({"revision_reason": revision_reason} if revision_reason else {})})


@cache
def _file_with_tables() -> bytes:
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/hub.db")
        database.create()
        database.close()
        return Path(folder, "hub.db").read_bytes()


def make_hub(folder: Path, **settings: object) -> Hub:
    """A hub of its own below the folder, on SQLite unless told a `database_url`, its clock standing at NOON."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "hub.db"
    if "database_url" not in settings and not file.exists():
        file.write_bytes(_file_with_tables())
    places = {"keys_dir": folder / "keys", "releases_dir": folder / "releases"}
    made = Settings(**{"database_url": f"sqlite:///{file}", "settling_days": 0, **places, **settings})
    database = Database(made.database_url)
    database.create()
    return Hub(
        settings=made,
        database=database,
        artefacts=ArtefactStore(made.releases_dir),
        dictionaries=shipped_dictionaries(),
        sign=lambda manifest: {"algorithm": "none", "kid": "test", "value": ""},
        clock=lambda: NOON,
    )


@contextmanager
def superuser(database: Database) -> Iterator[Connection]:
    """A transaction of one whom nothing in the database binds: an administrator, or a thief of the file."""
    address = database.engine.url
    if address.get_backend_name() == "sqlite":
        with database.write(MIGRATION) as connection:
            yield connection
        return
    other = Database(address.set(username="crosstally").render_as_string(hide_password=False))
    try:
        with other.write(WHOEVER_LOGGED_IN) as connection:
            yield connection
    finally:
        other.close()


def furnish(hub: Hub) -> Hub:
    """Register the operators and sites of the tests."""
    for operator in OPERATORS:
        register_operator(hub, by=SYSTEM, operator=operator)
    for site in SITES:
        register_site(hub, by=SYSTEM, site=site)
    return hub


@cache
def _furnished_file() -> bytes:
    with TemporaryDirectory() as folder:
        furnish(make_hub(Path(folder))).database.close()
        return Path(folder, "hub.db").read_bytes()


def furnished_hub(folder: Path) -> Hub:
    """As `furnish(make_hub(folder))`, from a file that is made once."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hub.db").write_bytes(_furnished_file())
    return make_hub(folder)


def operator_principal(operator: str) -> Principal:
    """A client of the operator, bound to all its sites."""
    sites = frozenset(site.id for site in SITES if site.operator == operator)
    return Principal(f"{operator}-client", OPERATOR_SCOPES, operator, sites)


STEWARD = Principal("steward", frozenset({Scope.REPORTS_REVIEW, Scope.RELEASES_PUBLISH}))
RESEARCHER = Principal("researcher", frozenset({Scope.DATA_READ}))


def submit(hub: Hub, site: str, month: Month, sent: Report, **tags: frozenset[str]) -> Receipt:
    """Send a report as the site's own operator."""
    operator = next(s.operator for s in SITES if s.id == site)
    by = operator_principal(operator)
    return submit_report(hub, by=by, site=site, month=month, report=sent, preconditions=Preconditions(**tags))


def submit_and_accept(hub: Hub, site: str, month: Month, sent: Report, **tags: frozenset[str]) -> Receipt:
    """Send a report and have the steward accept it."""
    receipt = submit(hub, site, month, sent, **tags)
    review_report(hub, by=STEWARD, site=site, month=month, revision=receipt.revision, decision="accept", reasons=())
    return receipt


def submit_and_confirm(hub: Hub, site: str, month: Month, sent: Report, **tags: frozenset[str]) -> Receipt:
    """Send a report that counts a death, and have somebody else of the operator confirm it."""
    receipt = submit(hub, site, month, sent, **tags)
    sender = operator_principal(next(s.operator for s in SITES if s.id == site))
    second = replace(sender, id=f"user:second-of-{sender.operator}")
    confirm_report(hub, by=second, site=site, month=month, revision=receipt.revision)
    return receipt


def rows_told(hub: Hub, release: str) -> tuple[Observation, ...]:
    """The rows of a release, one by one."""
    cube = open_release(hub.artefacts, release).cube
    return tuple(row for rows in cube.rows(Query().selection(cube)) for row in rows.observations())


def register_test_clients(hub: Hub) -> dict[str, tuple[str, str]]:
    """Clients named after the operators, steward and researcher: name -> (id, secret)."""
    made = {}
    for principal in (*(operator_principal(o.id) for o in OPERATORS), STEWARD, RESEARCHER):
        name = principal.operator or principal.id
        client = Client(principal.id, name, principal.operator, principal.sites, principal.scopes)
        secret = register_client(hub, by=SYSTEM, client=client)
        made[name] = (principal.id, secret)
    return made
