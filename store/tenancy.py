"""For whom a transaction runs, and whose the rows of each table are. Said once, enforced by both databases.

    with database.read(of_operator("nyc")) as connection:     the rows of one operator
    with database.read(NO_OPERATOR) as connection:            nobody's rows, only what is open to all
    with database.read(EVERY_OPERATOR) as connection:         review and cut: everybody's reports

A transaction takes exactly one database role for as long as it lasts, whoever logged in, and the operator that it
runs for is a setting of the transaction. PostgreSQL keeps to it by row-level security (`store/row_security.py`),
which is forced on the owner of the tables too. SQLite knows neither roles nor policies; there each statement is
bound to the same rules before it is sent (`store/sqlite_guard.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, select

from store.access_tables import (
    authorization_codes,
    client_credentials,
    grants,
    refresh_tokens,
    revoked_tokens,
    spent_assertions,
)
from store.notice_tables import announcements, deliveries, reminders, webhook_secrets, webhooks
from store.people_tables import (
    SECRET_OF_USERS,
    ceremonies,
    failures,
    identities,
    links,
    passkeys,
    providers,
    recovery_codes,
    sessions,
    users,
)
from store.tables import (
    audit,
    audit_head,
    clients,
    confirmations,
    drafts,
    explanations,
    jobs,
    operators,
    release_counts,
    release_reports,
    releases,
    reports,
    retractions,
    reviews,
    revisions,
    sites,
)

OWNER, MIGRATOR = "crosstally_owner", "crosstally_migrator"
APP, REVIEWER, CALENDAR_READER, REGISTRAR_ROLE, AUDITOR_ROLE = ROLES = (
    "crosstally_app",
    "crosstally_reviewer",
    "crosstally_calendar",
    "crosstally_registrar",
    "crosstally_auditor",
)


@dataclass(frozen=True)
class Reach:
    """For whom a transaction runs: the database role that it takes, and the operator whose rows there are."""

    role: str
    operator: str | None = None


NO_OPERATOR = Reach(APP)
EVERY_OPERATOR = Reach(REVIEWER)
"""Review, cut, and what attacks and explains a cut: they judge what all operators sent together."""
CALENDAR = Reach(CALENDAR_READER)
"""Lists of reports: the dates and states of every operator, never a count."""
REGISTRAR = Reach(REGISTRAR_ROLE)
"""Who there is: clients, people, operators and sites. Needed before it is known for whom anybody acts."""
AUDITOR = Reach(AUDITOR_ROLE)
"""The log of who did what, whole."""
MIGRATION = Reach(OWNER)
"""The owner of the tables, to make or change them. Row-level security is forced on it too: it sees no rows."""
WHOEVER_LOGGED_IN = Reach("")
"""No role: only to ask for the version of the tables, before they need to be there."""


def of_operator(operator: str | None) -> Reach:
    """The rows of one operator; nobody's for a principal without one."""
    return Reach(APP, operator) if operator else NO_OPERATOR


Privileges = Mapping[str, Sequence[str]]
"""What a role may do, and in which columns; none named are all."""


def may(*verbs: str) -> Privileges:
    """These verbs, in all columns."""
    return dict.fromkeys(verbs, ())


def may_read(*columns: str) -> Privileges:
    """Reading these columns."""
    return {"SELECT": columns}


@dataclass(frozen=True)
class Guard:
    """Whose the rows of a table are.

    `key` is the column that names their site, client, person or operator: the app has the rows of its operator alone,
    and what further roles are granted they have in everybody's. Without a key the rows are about all operators at once.
    `takes_nobodys`: a row may be about no operator, and is then added by a transaction for none.
    """

    key: str | None
    grants: Mapping[str, Privileges]
    takes_nobodys: bool = False

    def own(self, table: Table, operator: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether a row is of the operator."""
        assert self.key is not None
        if self.key == "operator":
            return table.c.operator == operator
        named = {"site": sites, "client": clients, "person": users}[self.key]
        return table.c[self.key].in_(select(named.c.id).where(named.c.operator == operator))


WHO = tuple(column.name for column in users.c if column.name not in SECRET_OF_USERS)
SITE_CHANGES = ("label", "closed", "timezone", "stations", "series_breaks", "due_days", "disabled")
WEBHOOK_CHANGES = ("label", "url", "events", "disabled_for")


@dataclass(frozen=True)
class Open:
    """A table without rows of an operator's own, and why it has none."""

    reason: str
    grants: Mapping[str, Privileges]


_WORK = may("SELECT", "INSERT", "UPDATE")
_KEEP = may("SELECT", "INSERT", "UPDATE", "DELETE")
_ADDED = may("SELECT", "INSERT")
_EVERYONE_READS = dict.fromkeys(ROLES, may("SELECT"))

RULES: Mapping[Table, Guard | Open] = {
    operators: Open(
        "the public directory",
        {**_EVERYONE_READS, REGISTRAR_ROLE: {**_ADDED, "UPDATE": ("label", "k", "sentinel", "disabled")}},
    ),
    # Whose a site is decides whose its reports are: that is never changed.
    sites: Open(
        "the public directory",
        {**_EVERYONE_READS, REGISTRAR_ROLE: {**_ADDED, "UPDATE": SITE_CHANGES}},
    ),
    releases: Open("published", {APP: may("SELECT"), REVIEWER: may("SELECT", "INSERT")}),
    retractions: Open("published", {APP: may("SELECT"), REVIEWER: may("SELECT", "INSERT")}),
    jobs: Open("who asked for a cut, and the release that came of it", {APP: _WORK}),
    audit_head: Open(
        "the number and the hash of the last line of the log",
        dict.fromkeys((APP, REVIEWER, REGISTRAR_ROLE), _WORK) | {AUDITOR_ROLE: may("SELECT")},
    ),
    reports: Guard(
        "site",
        {
            APP: _WORK,
            REVIEWER: may("SELECT", "UPDATE"),
            CALENDAR_READER: may_read("site", "month", "state", "revision", "accepted_revision"),
        },
    ),
    revisions: Guard(
        "site",
        {
            APP: may("SELECT", "INSERT"),
            REVIEWER: may("SELECT"),
            CALENDAR_READER: may_read("site", "month", "number", "submitted_at"),
        },
    ),
    reviews: Guard(
        "site",
        {
            APP: may("SELECT"),
            REVIEWER: may("SELECT", "INSERT"),
            CALENDAR_READER: may_read("site", "month", "revision", "decision", "reviewed_at"),
        },
    ),
    confirmations: Guard("site", {APP: _ADDED, REVIEWER: _ADDED}),
    release_reports: Guard("site", {APP: may("SELECT"), REVIEWER: may("SELECT", "INSERT")}),
    release_counts: Guard("site", {APP: may("SELECT"), REVIEWER: may("SELECT", "INSERT")}),
    drafts: Guard(None, {REVIEWER: may("SELECT", "INSERT", "DELETE")}),
    explanations: Guard(None, {REVIEWER: may("SELECT", "INSERT", "DELETE")}),
    clients: Guard("operator", {APP: _WORK, REGISTRAR_ROLE: _WORK}),
    client_credentials: Guard("client", {APP: _KEEP, REGISTRAR_ROLE: _KEEP}),
    # What people granted to clients: neither the client's operator's nor the person's to look at.
    **dict.fromkeys(
        (grants, authorization_codes, refresh_tokens, spent_assertions, revoked_tokens),
        Guard(None, {REGISTRAR_ROLE: _KEEP}),
    ),
    # An operator's admin sees and changes who there is, and can end how they come in; never what they prove it with.
    users: Guard(
        "operator",
        {
            APP: {**may_read(*WHO), "INSERT": WHO, "UPDATE": ("name", "roles", "state")},
            REGISTRAR_ROLE: _WORK,
        },
    ),
    sessions: Guard("person", {APP: {**may_read("person"), "DELETE": ()}, REGISTRAR_ROLE: _KEEP}),
    links: Guard("person", {APP: {**may_read("person"), "INSERT": (), "DELETE": ()}, REGISTRAR_ROLE: _KEEP}),
    **dict.fromkeys(
        (passkeys, recovery_codes, ceremonies, failures, providers, identities),
        Guard(None, {REGISTRAR_ROLE: _KEEP}),
    ),
    # An operator's admin sees and changes its webhooks; a secret, once made, is read by the worker alone.
    webhooks: Guard("operator", {APP: {**_KEEP, "UPDATE": WEBHOOK_CHANGES}, REGISTRAR_ROLE: _KEEP}),
    webhook_secrets: Guard(
        "operator",
        {
            APP: {**_KEEP, **may_read("webhook", "number", "operator", "ends_at"), "UPDATE": ("ends_at",)},
            REGISTRAR_ROLE: _KEEP,
        },
    ),
    announcements: Guard("operator", {APP: _ADDED, REVIEWER: may("INSERT"), REGISTRAR_ROLE: _KEEP}),
    deliveries: Guard(
        "operator",
        {APP: {**may("SELECT", "DELETE"), "UPDATE": ("state", "failure")}, REGISTRAR_ROLE: _KEEP},
    ),
    reminders: Guard(None, {REGISTRAR_ROLE: _KEEP}),
    audit: Guard(
        "operator",
        {
            APP: may("SELECT", "INSERT"),
            REVIEWER: may("INSERT"),
            REGISTRAR_ROLE: may("INSERT"),
            AUDITOR_ROLE: may("SELECT"),
        },
        takes_nobodys=True,
    ),
}
