"""Send the reminders that wait, if they are still needed.

What is taken is due again after a while, whatever becomes of the worker. Only where it dies between handing a message
to the mail server and writing that down does the message go twice, with the same Message-ID.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import urlsplit

from actions.hub import Hub
from actions.reminders import mail
from actions.reminders.mail import Outcome
from actions.reminders.plan_reminders import may_be_reminded, missing_reports
from domain.completeness import calendar_of
from domain.person import Person
from domain.reminders import reminder_text
from domain.report import Site
from domain.settings import Settings
from store import reminders
from store.directory import all_sites
from store.reminders import NEEDLESS, REFUSED, SENT, WAITING, DueReminder
from store.tenancy import REGISTRAR
from store.users import user_by_id

AT_ONCE = 20
LEASE = timedelta(minutes=30)
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=1)
KEPT = timedelta(days=90)
STATES = {Outcome.SENT: SENT, Outcome.REFUSED: REFUSED, Outcome.LATER: WAITING}


def send_reminders(hub: Hub) -> bool:
    """Send some of the reminders that are due; False when none is."""
    if not hub.settings.smtp_host:
        return False
    now = hub.clock()
    with hub.database.read(REGISTRAR) as connection:
        if not reminders.is_any_due(connection, now):
            return False
    missing = {(row.site, row.month) for row in missing_reports(hub)}
    with hub.database.write(REGISTRAR) as connection:
        taken = reminders.take_due(connection, now, now + LEASE, AT_ONCE)
        people = {one.person: user_by_id(connection, one.person) for one in taken}
        sites = {site.id: site for site in all_sites(connection)}
        needed = [one for one in taken if (one.site, one.month) in missing and _can_be_sent(one, people, now)]
        for one in taken:
            if one not in needed:
                reminders.settle(connection, one, NEEDLESS)
    _send(hub, needed, people, sites)
    return True


def remove_old_reminders(hub: Hub) -> None:
    """Forget reminders of long ago."""
    with hub.database.write(REGISTRAR) as connection:
        reminders.remove_reminders_before(connection, hub.clock() - KEPT)


def _can_be_sent(one: DueReminder, people: Mapping[str, Person | None], now: datetime) -> bool:
    person = people[one.person]
    return person is not None and may_be_reminded(person) and now < one.expires_at


def _send(
    hub: Hub, needed: Sequence[DueReminder], people: Mapping[str, Person | None], sites: Mapping[str, Site]
) -> None:
    messages = [message(hub.settings, one, people[one.person], sites[one.site], hub.clock()) for one in needed]
    outcomes = mail.send(hub.settings, messages)
    for one, outcome in zip(needed, outcomes, strict=True):
        with hub.database.write(REGISTRAR) as connection:
            wait = min(FIRST_DELAY * 2 ** min(one.attempts, 16), LONGEST_DELAY) * (0.8 + 0.4 * random.random())
            reminders.settle(connection, one, STATES[outcome], next_at=hub.clock() + wait)


def message(settings: Settings, one: DueReminder, person: Person | None, site: Site, now: datetime) -> EmailMessage:
    """The reminder as an e-mail."""
    assert person, "nobody is reminded who is not there"
    label = " ".join(site.label.split())
    due_day = calendar_of(site).due_day(one.month)
    made = EmailMessage()
    made["Subject"], text = reminder_text(label, one.month, due_day, one.days, settings.issuer)
    made["From"], made["To"] = settings.smtp_from, person.email
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{_name(one)}@{urlsplit(settings.issuer).hostname}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    return made


def _name(one: DueReminder) -> str:
    """The same for the same reminder, so that one that comes twice is known."""
    return sha256(f"{one.site}/{one.month}/{one.days}/{one.person}".encode()).hexdigest()[:32]
