"""`crosstally-hub reminders test`, with a real mail server and with settings that are wrong in one way each."""

import socket

import pytest

from tests.certificates import make_certificate, named, server_context
from tests.mailbox import PASSWORD, USER, receiving_mail

TO = ("reminders", "test", "--to", "steward@example.org")


@pytest.fixture
def ask(command):
    """Runs the command with these settings of the mail server; answers the exit code and what it printed."""

    def run(port: int, to: tuple[str, ...] = TO, **settings: str) -> tuple[int, str]:
        told = {"host": "127.0.0.1", "security": "none", "from": "hub@example.org", **settings}
        environment = {f"CROSSTALLY_SMTP_{name.upper()}": value for name, value in told.items()}
        answer = command(*to, CROSSTALLY_SMTP_PORT=str(port), **environment)
        assert "Traceback" not in answer.output and PASSWORD not in answer.output
        return answer.exit_code, answer.output

    return run


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    made = make_certificate(tmp_path, named("localhost"))
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


def test_a_test_mail_arrives(ask, tmp_path):
    with receiving_mail() as mailbox:
        assert ask(mailbox.port) == (0, "127.0.0.1 has taken a mail to steward@example.org.\n")
    (came,) = mailbox.messages
    assert (came["To"], came["From"], came["Auto-Submitted"]) == (
        *("steward@example.org", "hub@example.org"),
        "auto-generated",
    )
    assert "https://hub.example.org" in came.get_content()
    assert not (tmp_path / "hub.db").exists(), "it needs no database"


def test_it_goes_the_way_that_reminders_go(ask, certificate):
    settings = {"security": "starttls", "host": "localhost", "user": USER, "password": PASSWORD}
    with receiving_mail(server_context(certificate), signed_in=True) as mailbox:
        assert ask(mailbox.port, **settings)[0] == 0
        code, said = ask(mailbox.port, **{**settings, "password": "other"})
    assert (code, "does not take CROSSTALLY_SMTP_USER and CROSSTALLY_SMTP_PASSWORD (535)" in said) == (1, True)
    assert (mailbox.encrypted, mailbox.users) == ([True], [USER])


def test_without_a_mail_server_it_says_so(command):
    answer = command(*TO)
    assert (answer.exit_code, "CROSSTALLY_SMTP_HOST" in answer.output) == (1, True)


@pytest.mark.parametrize(
    ("mailbox", "words"),
    [
        ({"refuse": "550 No such user \x1b[2J"}, "refuses the recipient: 550 No such user  [2J"),
        ({"down": "451 Try later"}, "refuses: 451 Try later"),
    ],
)
def test_what_the_server_says_is_told(ask, mailbox, words):
    with receiving_mail() as server:
        vars(server).update(mailbox)
        code, said = ask(server.port)
    assert (code, words in said, "No mail was sent" in said) == (1, True, True)


def test_each_wrong_setting_is_named(ask, certificate, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert "Nobody can be reached at 127.0.0.1" in ask(unused.getsockname()[1])[1]
    assert "no host mail.invalid" in ask(25, host="mail.invalid", security="tls")[1]
    with receiving_mail() as plain:
        assert "CROSSTALLY_SMTP_SECURITY=starttls" in ask(plain.port, host="localhost", security="tls")[1]
        assert "does not offer" in ask(plain.port, host="localhost", security="starttls")[1]
    with receiving_mail(server_context(certificate), tls_at_once=True) as secure:
        assert ask(secure.port, host="localhost", security="tls")[0] == 0
        assert "is not to be believed" in ask(secure.port, host="127.0.0.1", security="tls")[1]


def test_a_server_that_hangs_is_left_after_a_while(ask, monkeypatch):
    monkeypatch.setattr("actions.reminders.mail.PATIENCE", 0.3)
    with receiving_mail() as mailbox:
        mailbox.hang = True
        assert "did not answer" in ask(mailbox.port)[1]


@pytest.mark.parametrize("to", ["", "steward", "a@b@c.org", "a@example.org\nBcc: b@example.org"])
def test_what_is_no_address_is_refused(ask, to):
    with receiving_mail() as mailbox:
        code, said = ask(mailbox.port, ("reminders", "test", "--to", to))
    assert (code, mailbox.messages) == (1, []), said
