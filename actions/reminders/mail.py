"""Hand messages to the mail server: signed in and encrypted, one after the other, none of them holding up the rest."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from email.message import EmailMessage
from enum import StrEnum
from urllib.parse import urlsplit

from domain.settings import Settings

PATIENCE = 20.0  # seconds, for each step
FAILURES = (smtplib.SMTPException, OSError)

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What the mail server did with a message."""

    SENT = "sent"
    REFUSED = "refused"  # it knows no such recipient, and asking again will not help
    LATER = "later"


def send(settings: Settings, messages: Sequence[EmailMessage]) -> Iterator[Outcome]:
    """Send the messages over one connection, and tell of each what became of it as soon as that is known."""
    try:
        server = connected(settings)
    except FAILURES as failure:
        _log("can't be spoken to", failure)
        yield from [Outcome.LATER] * len(messages)
        return
    try:
        for message in messages:
            yield _send(server, message)
    finally:
        with suppress(*FAILURES):
            server.quit()


def connected(settings: Settings) -> smtplib.SMTP:
    """A connection, encrypted before anything is said and signed in; raises one of FAILURES."""
    # By its public name: what the machine calls itself may take long to find out, and is nobody's business.
    to = (settings.smtp_host, settings.smtp_port, urlsplit(settings.issuer).hostname)
    context = ssl.create_default_context()
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*to, timeout=PATIENCE, context=context)
    else:
        server = smtplib.SMTP(*to, timeout=PATIENCE)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except FAILURES:
        server.close()
        raise
    return server


def _send(server: smtplib.SMTP, message: EmailMessage) -> Outcome:
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _words in refused.recipients.values()]
        return Outcome.REFUSED if all(code >= 500 for code in codes) else Outcome.LATER
    except FAILURES as failure:
        _log("does not take a message", failure)
        return Outcome.LATER
    return Outcome.SENT


def _log(what: str, failure: Exception) -> None:
    """Say that reminders wait, and why, in no words of the server's: they may hold addresses."""
    code = getattr(failure, "smtp_code", "")
    log.warning("the mail server %s: %s %s", what, type(failure).__name__, code)
