"""Reminders as they arrive at a real mail server: to whom, once each, whatever happens on the way."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from actions.change_site import change_site
from actions.people.change_person import disable_person
from actions.reminders import mail, send_reminders
from actions.reminders.plan_reminders import plan_reminders
from actions.reminders.send_reminders import LEASE, remove_old_reminders
from domain.access import SYSTEM, Role
from domain.calendar import DueDay
from domain.periods import Month
from domain.person import PersonState
from domain.preconditions import Preconditions
from store.notice_tables import reminders
from tests.builders import report, submit, superuser
from tests.certificates import make_certificate, named, server_context
from tests.mailbox import PASSWORD, USER, receiving_mail
from tests.visitors import add_person

JUNE = Month(2026, 6)
# The reports of June are due on July 15; New York is four hours behind.
BEFORE, AFTER = datetime(2026, 7, 12, 13, tzinfo=UTC), datetime(2026, 7, 16, 13, tzinfo=UTC)
SITES = {"nyc-east", "nyc-north"}


@pytest.fixture
def mailbox():
    with receiving_mail() as made:
        yield made


@pytest.fixture
def at(hub, mailbox):
    """A function that answers the hub at a moment, with the mail server and further settings."""

    def make(moment: datetime, **settings):
        told = {"smtp_host": "127.0.0.1", "smtp_port": mailbox.port, "smtp_security": "none", **settings}
        made = replace(hub.settings, smtp_from="Crosstally <hub@example.org>", **told)
        return replace(hub, settings=made, clock=lambda: moment)

    return make


@pytest.fixture
def rosa(hub):
    return add_person(hub, "rosa@nyc.example.org", operator="nyc", password=None)


def remind(hub) -> None:
    plan_reminders(hub)
    while send_reminders.send_reminders(hub):
        pass


def states(hub) -> list[str]:
    with superuser(hub.database) as connection:
        return sorted(connection.scalars(select(reminders.c.state)).all())


def test_who_can_send_the_report_is_reminded_before_and_after_and_nobody_else(hub, at, mailbox, rosa):
    add_person(hub, "ada@nyc.example.org", Role.OPERATOR_ADMIN, operator="nyc", password=None)
    add_person(hub, "audit@nyc.example.org", Role.AUDITOR, operator="nyc", password=None)
    add_person(hub, "gone@nyc.example.org", operator="nyc", state=PersonState.DISABLED, password=None)
    add_person(hub, "new@nyc.example.org", operator="nyc", state=PersonState.INVITED, password=None)
    submit(hub, "ri-providence", JUNE, report(days=30))
    add_person(hub, "sam@ri.example.org", operator="ri", password=None)
    remind(at(BEFORE, remind_most=1))
    assert {message["To"] for message in mailbox.messages} == {"rosa@nyc.example.org", "ada@nyc.example.org"}
    assert len(mailbox.messages) == 4
    assert {message["Subject"] for message in mailbox.messages} == {
        f"Due soon: report of {site} for 2026-06" for site in SITES
    }
    remind(at(AFTER, remind_most=1))
    assert len(mailbox.messages) == 8
    assert mailbox.messages[-1]["Subject"].startswith("Overdue")
    assert mailbox.messages[-1]["Auto-Submitted"] == "auto-generated"


def test_each_reminder_is_sent_once_however_often_and_by_how_many_workers_it_is_tried(hub, at, mailbox, rosa):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda minute: remind(at(AFTER + timedelta(minutes=minute))), range(4)))
    remind(at(AFTER + timedelta(days=3)))
    assert len(mailbox.messages) == 2 == len({message["Message-ID"] for message in mailbox.messages})
    assert states(hub) == ["sent", "sent"]


def test_a_report_that_came_is_not_asked_for_any_more(hub, at, mailbox, rosa):
    plan_reminders(at(AFTER))
    submit(hub, "nyc-east", JUNE, report(days=30))
    remind(at(AFTER))
    assert [message["Subject"] for message in mailbox.messages] == ["Overdue: report of nyc-north for 2026-06"]
    assert states(hub) == ["needless", "sent"]


def test_somebody_who_left_meanwhile_is_not_written_to(hub, at, mailbox, rosa):
    plan_reminders(at(AFTER))
    disable_person(hub, by=SYSTEM, user=rosa.id)
    remind(at(AFTER))
    assert mailbox.messages == [] and states(hub) == ["needless", "needless"]


def test_for_a_site_where_nobody_can_report_nobody_is_asked(hub, at, mailbox, rosa):
    anyhow = Preconditions(if_match=frozenset({"*"}))
    change_site(hub, by=SYSTEM, site="nyc-east", changes={"disabled": True}, preconditions=anyhow)
    remind(at(AFTER))
    assert [message["Subject"] for message in mailbox.messages] == ["Overdue: report of nyc-north for 2026-06"]


def test_the_reminders_of_a_site_follow_its_own_due_day(hub, at, mailbox, rosa):
    due_days = (DueDay(Month(2021, 11), 15), DueDay(Month(2026, 7), 5))
    anyhow = Preconditions(if_match=frozenset({"*"}))
    change_site(hub, by=SYSTEM, site="nyc-east", changes={"due_days": due_days}, preconditions=anyhow)
    remind(at(datetime(2026, 8, 6, 13, tzinfo=UTC)))
    july = [message["Subject"] for message in mailbox.messages if "2026-07" in message["Subject"]]
    assert july == ["Overdue: report of nyc-east for 2026-07"]


def test_a_hub_that_was_away_reminds_once_and_of_what_is_long_past_not_at_all(hub, at, mailbox, rosa):
    remind(at(AFTER + timedelta(days=15)))
    assert len(mailbox.messages) == 2
    remind(at(AFTER + timedelta(days=40)))
    assert {message["Subject"][-7:] for message in mailbox.messages} == {"2026-06", "2026-07"}


def test_without_a_mail_server_nothing_is_written_down(hub, rosa):
    silent = replace(hub, clock=lambda: AFTER)
    remind(silent)
    assert states(hub) == []


class TestTrouble:
    def test_while_the_mail_server_is_down_reminders_wait_and_are_sent_when_it_is_back(self, hub, at, mailbox, rosa):
        remind(at(AFTER, smtp_port=9))
        assert states(hub) == ["waiting", "waiting"]
        remind(at(AFTER + timedelta(seconds=30)))
        assert mailbox.messages == []  # not yet
        remind(at(AFTER + timedelta(minutes=2)))
        assert len(mailbox.messages) == 2 and states(hub) == ["sent", "sent"]

    def test_one_that_waited_until_the_next_is_due_is_not_sent_any_more(self, hub, at, mailbox, rosa):
        remind(at(AFTER, smtp_port=9))
        remind(at(AFTER + timedelta(days=7)))
        assert len(mailbox.messages) == 2
        assert states(hub) == ["needless", "needless", "sent", "sent"]

    @pytest.mark.parametrize(("answer", "state"), [("550 no such user", "refused"), ("451 come back later", "waiting")])
    def test_a_recipient_who_is_refused_for_good_is_not_tried_again(self, hub, at, mailbox, rosa, answer, state):
        mailbox.refuse = answer
        remind(at(AFTER))
        assert states(hub) == [state, state]
        mailbox.refuse = ""
        remind(at(AFTER + timedelta(hours=2)))
        assert len(mailbox.messages) == (0 if state == "refused" else 2)

    def test_a_message_that_is_not_taken_waits(self, hub, at, mailbox, rosa):
        mailbox.down = "452 no room"
        remind(at(AFTER))
        assert states(hub) == ["waiting", "waiting"]

    def test_a_server_that_hangs_is_left_after_a_while(self, hub, at, mailbox, rosa, monkeypatch):
        monkeypatch.setattr(mail, "PATIENCE", 0.3)
        mailbox.hang = True
        remind(at(AFTER))
        assert states(hub) == ["waiting", "waiting"]
        mailbox.hang = False
        monkeypatch.setattr(mail, "PATIENCE", 5)
        remind(at(AFTER + timedelta(minutes=5)))
        assert states(hub) == ["sent", "sent"]

    def test_a_worker_that_dies_after_sending_sends_again_and_the_message_is_known_by_its_id(
        self, hub, at, mailbox, rosa, monkeypatch
    ):
        plan_reminders(at(AFTER))

        def dying(settings, messages):
            list(mail_send(settings, messages))
            raise KeyboardInterrupt

        mail_send = mail.send
        with monkeypatch.context() as patch:
            patch.setattr(mail, "send", dying)
            with pytest.raises(KeyboardInterrupt):
                send_reminders.send_reminders(at(AFTER))
        remind(at(AFTER + timedelta(minutes=1)))
        assert len(mailbox.messages) == 2
        remind(at(AFTER + LEASE))
        assert len(mailbox.messages) == 4
        assert len({message["Message-ID"] for message in mailbox.messages}) == 2

    def test_what_is_long_past_is_forgotten(self, hub, at, mailbox, rosa):
        remind(at(AFTER))
        remove_old_reminders(at(AFTER + timedelta(days=60)))
        assert states(hub) == ["sent", "sent"]
        remove_old_reminders(at(AFTER + timedelta(days=120)))
        assert states(hub) == []


class TestTheWayToTheMailServer:
    @pytest.fixture(params=["sqlite"])
    def kind(self, request) -> str:
        return request.param

    @pytest.fixture
    def certificate(self, tmp_path):
        return make_certificate(tmp_path, named("127.0.0.1"))

    def test_with_starttls_it_is_encrypted_before_the_password_is_told(self, hub, at, rosa, certificate, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with receiving_mail(server_context(certificate), signed_in=True) as secure:
            remind(at(AFTER, smtp_port=secure.port, smtp_security="starttls", smtp_user=USER, smtp_password=PASSWORD))
            assert secure.encrypted == [True, True] and secure.users == [USER, USER]

    def test_with_tls_it_is_encrypted_from_the_first_byte(self, hub, at, rosa, certificate, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with receiving_mail(server_context(certificate), tls_at_once=True) as secure:
            remind(at(AFTER, smtp_port=secure.port, smtp_security="tls"))
            assert len(secure.messages) == 2 and states(hub) == ["sent", "sent"]

    def test_a_wrong_password_waits_for_the_right_one_and_the_log_says_so_in_few_words(
        self, hub, at, rosa, certificate, monkeypatch, caplog
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with receiving_mail(server_context(certificate), signed_in=True) as secure:
            remind(at(AFTER, smtp_port=secure.port, smtp_security="starttls", smtp_user=USER, smtp_password="x"))
            assert secure.messages == [] and states(hub) == ["waiting", "waiting"]
        assert "SMTPAuthenticationError 535" in caplog.text
        assert "rosa" not in caplog.text and "incorrect" not in caplog.text

    def test_a_server_that_nobody_vouches_for_is_told_nothing(self, hub, at, rosa, certificate):
        with receiving_mail(server_context(certificate), signed_in=True) as secure:
            remind(at(AFTER, smtp_port=secure.port, smtp_security="starttls", smtp_user=USER, smtp_password=PASSWORD))
            assert secure.users == [] and states(hub) == ["waiting", "waiting"]

    def test_a_server_that_does_not_encrypt_is_told_nothing(self, hub, at, mailbox, rosa):
        remind(at(AFTER, smtp_security="starttls"))
        assert mailbox.messages == [] and states(hub) == ["waiting", "waiting"]
