"""Hand messages to the mail server: signed in and encrypted, one after the other, none of them holding up the rest."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from email.message import EmailMessage
from enum import StrEnum

from domain.settings import Settings

PATIENCE = 20.0  # seconds, for each step
FAILURES = (smtplib.SMTPException, OSError)


class Outcome(StrEnum):
    """What the mail server did with a message."""

    SENT = "sent"
    REFUSED = "refused"  # it knows no such recipient, and asking again will not help
    LATER = "later"


def send(settings: Settings, messages: Sequence[EmailMessage]) -> Iterator[Outcome]:
    """Send the messages over one connection, and tell of each what became of it as soon as that is known."""
    try:
        server = _connected(settings)
    except FAILURES:
        yield from [Outcome.LATER] * len(messages)
        return
    try:
        for message in messages:
            yield _send(server, message)
    finally:
        with suppress(*FAILURES):
            server.quit()


def _connected(settings: Settings) -> smtplib.SMTP:
    """A connection, encrypted before anything is said and signed in; raises one of FAILURES."""
    address = (settings.smtp_host, settings.smtp_port)
    context = ssl.create_default_context()
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=PATIENCE, context=context)
    else:
        server = smtplib.SMTP(*address, timeout=PATIENCE)
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
    except FAILURES:
        return Outcome.LATER
    return Outcome.SENT
