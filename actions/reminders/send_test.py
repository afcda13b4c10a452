"""Send a test mail at once, and say in words what is wrong with the settings where it does not go out."""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from textwrap import fill
from urllib.parse import urlsplit

from actions.people.invite_person import checked_email
from actions.reminders.mail import FAILURES, PATIENCE, connected
from domain.refusals import NotReady, WrongState
from domain.settings import Settings

SUBJECT = "A test from Crosstally"
TEXT = (
    "The hub at {issuer} can send reminders of missing reports: this mail came the way that they go. Nothing is to be "
    "done. It was sent by a machine that reads no answers."
)
_SAID = 200  # characters of what the server says


def send_test(settings: Settings, *, to: str, at: datetime) -> None:
    """Send a test to this address and return when the mail server has taken it.

    Raises RuleBroken for what is no address, WrongState where no mail server is set, and NotReady, which says what to
    look at, where it takes nothing.
    """
    if not settings.smtp_host:
        raise WrongState("No mail server is set, so no reminders are sent; CROSSTALLY_SMTP_HOST names it.")
    made = message(settings, checked_email(to), at)
    try:
        server = connected(settings)
        try:
            server.send_message(made)
        finally:
            with suppress(*FAILURES):
                server.quit()
    except FAILURES as failure:
        raise NotReady(f"{advice(settings, failure)} No mail was sent.") from None


def message(settings: Settings, to: str, at: datetime) -> EmailMessage:
    """The test as an e-mail."""
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = SUBJECT, settings.smtp_from, to
    made["Date"], made["Auto-Submitted"] = format_datetime(at), "auto-generated"
    made["Message-ID"] = make_msgid(domain=urlsplit(settings.issuer).hostname)
    made.set_content(fill(TEXT.format(issuer=settings.issuer), 76))
    return made


def advice(settings: Settings, failure: Exception) -> str:
    """What is wrong, and which setting to look at. The password is in no answer of a mail server."""
    place = f"{settings.smtp_host}:{settings.smtp_port}"
    if isinstance(failure.__context__, TimeoutError):  # which the library takes for a connection that was closed
        failure = failure.__context__
    match failure:
        case socket.gaierror():
            return f"There is no host {settings.smtp_host}; look at CROSSTALLY_SMTP_HOST."
        case TimeoutError():
            return f"{place} did not answer in {PATIENCE:.0f} seconds; is a firewall between, or the port another one?"
        case ssl.SSLCertVerificationError():
            why = failure.verify_message
            return f"The certificate of {place} is not to be believed ({why}); SSL_CERT_FILE names further authorities."
        case ssl.SSLError():
            return (
                f"{place} does not speak TLS from the first byte; is CROSSTALLY_SMTP_SECURITY=starttls the right one?"
            )
        case smtplib.SMTPException():
            return _advice_of_the_server(place, failure)
    return f"Nobody can be reached at {place} ({failure}); look at CROSSTALLY_SMTP_HOST and CROSSTALLY_SMTP_PORT."


def _advice_of_the_server(place: str, failure: smtplib.SMTPException) -> str:
    match failure:
        case smtplib.SMTPNotSupportedError():
            return f"{place} does not offer what CROSSTALLY_SMTP_SECURITY or CROSSTALLY_SMTP_USER ask for: {failure}"
        case smtplib.SMTPAuthenticationError():
            return f"{place} does not take CROSSTALLY_SMTP_USER and CROSSTALLY_SMTP_PASSWORD ({failure.smtp_code})."
        case smtplib.SMTPRecipientsRefused():
            ((code, said),) = failure.recipients.values()
            return f"{place} refuses the recipient: {_words(code, said)}"
        case smtplib.SMTPSenderRefused():
            return f"{place} refuses CROSSTALLY_SMTP_FROM: {_words(failure.smtp_code, failure.smtp_error)}"
        case smtplib.SMTPResponseException():
            return f"{place} refuses: {_words(failure.smtp_code, failure.smtp_error)}"
    return f"{place} hung up; does it want TLS from the first byte (CROSSTALLY_SMTP_SECURITY=tls, usually port 465)?"


def _words(code: int, said: bytes | str) -> str:
    """What the server said, in one line without signs that could move the cursor."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {''.join(sign if sign.isprintable() else ' ' for sign in text)[:_SAID]}"
