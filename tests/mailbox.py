"""A real mail server on this machine, which takes messages, or does what else mail servers do."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "hub", "tin-heron-7"


@dataclass
class Mailbox:
    """What arrived; `refuse` answers recipients, `hang` never answers, `down` answers with trouble of its own."""

    port: int = 0
    refuse: str = ""
    hang: bool = False
    down: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[object] = field(default_factory=list)

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:
        if self.hang:
            await asyncio.sleep(30)
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope) -> str:
        if self.down:
            return self.down
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        self.encrypted.append(session.ssl is not None)
        self.users.append(session.auth_data)
        return "250 OK"


def _authenticate(_server, _session, _envelope, _mechanism, data: object) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=False, auth_data=USER if is_known else None)


class _Controller(Controller):
    """Listens at a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        if self.ssl_context is None:
            super()._trigger_server()
            return
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((self.hostname, self.port)) as plain, client.wrap_socket(plain) as secure:
            secure.recv(1)


@contextmanager
def receiving_mail(
    context: ssl.SSLContext | None = None, *, signed_in: bool = False, tls_at_once: bool = False
) -> Iterator[Mailbox]:
    """A mail server until the block ends; with a context it insists on STARTTLS, `signed_in` on a password."""
    mailbox = Mailbox()
    controller = _Controller(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        ssl_context=context if tls_at_once else None,
        tls_context=None if tls_at_once else context,
        require_starttls=context is not None and not tls_at_once,
        authenticator=_authenticate if signed_in else None,
        auth_required=signed_in,
        auth_require_tls=context is not None and not tls_at_once,
    )
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()
