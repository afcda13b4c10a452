"""Find out whom to remind of which missing report now, and write it down, once for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from actions.hub import Hub
from actions.read_completeness import read_completeness
from domain.access import Role
from domain.completeness import SiteMonth, calendar_of
from domain.person import Person, PersonState
from domain.reminders import ReminderPlan, reminder_now
from domain.report import Site
from domain.settings import Settings
from store.directory import all_operators, all_sites
from store.reminders import DueReminder, add_reminder, reminded
from store.tenancy import REGISTRAR
from store.users import all_users

REMINDED = frozenset({Role.SUBMITTER, Role.OPERATOR_ADMIN})


def plan_reminders(hub: Hub) -> None:
    """Write down the reminders whose time it is, for everybody who can send the report that is missing."""
    if not hub.settings.smtp_host:
        return
    now, plan = hub.clock(), plan_of(hub.settings)
    missing = missing_reports(hub)
    with hub.database.read(REGISTRAR) as connection:
        sites = _reporting_sites(connection)
        due = list(_due(plan, sites, missing, now))
        new = list(_new(connection, sites, due))
    if new:
        with hub.database.write(REGISTRAR) as connection:
            # Asked again: another worker may have been first.
            for reminder in _new(connection, sites, due):
                add_reminder(connection, reminder, now)


def plan_of(settings: Settings) -> ReminderPlan:
    """When this hub reminds."""
    return ReminderPlan(settings.remind_days_before, settings.remind_every_days, settings.remind_most)


def missing_reports(hub: Hub) -> list[SiteMonth]:
    """Every report that is expected and has not come, or was withdrawn."""
    return [row for row in read_completeness(hub) if not row.tally.received]


def may_be_reminded(person: Person) -> bool:
    """Whether it is for the person to send reports, and they are there to do so."""
    return person.state is PersonState.ACTIVE and not REMINDED.isdisjoint(person.roles)


def _reporting_sites(connection: Connection) -> Mapping[str, Site]:
    """The sites for which somebody can report, by id."""
    disabled = {operator.id for operator in all_operators(connection) if operator.disabled}
    return {site.id: site for site in all_sites(connection) if not site.disabled and site.operator not in disabled}


def _due(
    plan: ReminderPlan, sites: Mapping[str, Site], missing: Iterable[SiteMonth], now: datetime
) -> Iterable[tuple[SiteMonth, int, datetime]]:
    for row in missing:
        found = row.site in sites and reminder_now(plan, calendar_of(sites[row.site]), row.month, now)
        if found:
            yield row, found.days, found.until


def _new(
    connection: Connection, sites: Mapping[str, Site], due: Iterable[tuple[SiteMonth, int, datetime]]
) -> Iterable[DueReminder]:
    """The reminders that are not written down yet."""
    people = {site.operator: all_users(connection, site.operator) for site in sites.values()}
    for row, days, until in due:
        there = reminded(connection, row.site, row.month, days)
        for person in people[row.operator]:
            if may_be_reminded(person) and person.id not in there:
                yield DueReminder(row.site, row.month, days, person.id, 0, until)
