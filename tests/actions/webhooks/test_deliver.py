"""Webhooks as a receiver sees them: who is told what, signed how, how often, and from where nothing can be had."""

import hashlib
import hmac
import json
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from actions.announce import announce
from actions.people import sealing
from actions.review_report import review_report
from actions.webhooks import deliver as worker
from actions.webhooks import post
from actions.webhooks.change_webhook import change_webhook
from actions.webhooks.deliver import LEASE, deliver_announcements, remove_old_announcements
from actions.webhooks.read_webhooks import list_deliveries, read_webhook
from actions.webhooks.rotate_secret import OVERLAP, rotate_secret
from actions.webhooks.send_test import send_test
from domain.access import SYSTEM
from domain.preconditions import Preconditions
from domain.refusals import WrongState
from domain.webhooks import MOST_ATTEMPTS, DisabledFor, Event
from store.audit import all_lines
from store.deliveries import take_due
from store.notice_tables import announcements, deliveries, webhook_secrets
from store.tenancy import AUDITOR, EVERY_OPERATOR, REGISTRAR
from tests.builders import MAY, STEWARD, report, submit, submit_and_accept, superuser

ANY = Preconditions(if_match=frozenset({"*"}))


def rows(hub, table) -> list:
    with superuser(hub.database) as connection:
        return connection.execute(select(table)).all()


def told(hub, webhook) -> list[tuple]:
    found = list_deliveries(hub, by=SYSTEM, webhook=webhook.id, start=0, limit=100)
    return [(one.state, one.attempts, one.status, one.failure) for one in found]


def reason(hub, webhook):
    return read_webhook(hub, by=SYSTEM, webhook=webhook.id).disabled_for


class TestWhoIsToldWhat:
    def test_the_operator_is_told_of_its_accepted_report(self, hub, hook, receiver, deliver):
        _, secret = hook("nyc")
        hook("ri")
        submit_and_accept(hub, "nyc-east", MAY, report())
        deliver()
        (came,) = receiver.received
        told = Verifier(secret).verify(came.body, came.headers)
        assert told["type"] == "report.accepted"
        assert told["data"] == {
            **{"site": "nyc-east", "month": "2026-05", "revision": 1, "state": "accepted", "reasons": []},
            "url": "https://hub.example.org/v1/sites/nyc-east/reports/2026-05",
        }

    def test_a_return_tells_its_reasons_and_no_count(self, hub, hook, receiver, deliver):
        hook("nyc")
        submit(hub, "nyc-east", MAY, report(overdose_events=7331))
        decision = {"revision": 1, "decision": "return", "reasons": ["sums", "missing"]}
        review_report(hub, by=STEWARD, site="nyc-east", month=MAY, **decision)
        deliver()
        (came,) = receiver.received
        assert json.loads(came.body)["data"]["reasons"] == ["sums", "missing"]
        assert b"7331" not in came.body

    def test_everybody_who_asked_is_told_of_a_release(self, hub, hook, receiver, deliver):
        for operator in ("nyc", "ri", None):
            hook(operator, Event.RELEASE_PUBLISHED)
        hook("sf", Event.REPORT_ACCEPTED)
        with hub.database.write(EVERY_OPERATOR) as connection:
            announce(connection, "release.published", None, {"release": "2026-07-15.1"}, at=hub.clock())
        deliver()
        assert [json.loads(came.body)["data"]["release"] for came in receiver.received] == ["2026-07-15.1"] * 3

    def test_who_does_not_ask_for_an_event_is_not_told(self, hub, hook, receiver, deliver):
        hook("nyc", Event.REPORT_RETURNED, Event.RELEASE_PUBLISHED)
        submit_and_accept(hub, "nyc-east", MAY, report())
        deliver()
        assert receiver.received == []

    def test_who_comes_later_is_not_told_of_before(self, hub, hook, receiver, deliver, clock):
        submit_and_accept(hub, "nyc-east", MAY, report())
        clock.turn(seconds=1)
        hook("nyc")
        deliver()
        assert receiver.received == []

    def test_what_did_not_happen_is_not_told(self, hub, hook, deliver):
        hook("nyc")
        submit(hub, "nyc-east", MAY, report())
        with pytest.raises(WrongState):
            review_report(hub, by=STEWARD, site="nyc-east", month=MAY, revision=2, decision="accept", reasons=())
        assert rows(hub, announcements) == []

    def test_a_test_goes_to_one_webhook_alone(self, hub, hook, receiver, deliver):
        webhook, secret = hook("nyc")
        hook("nyc")
        id = send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        (came,) = receiver.received
        assert came.headers["webhook-id"] == id
        assert Verifier(secret).verify(came.body, came.headers)["type"] == "webhook.test"


class TestSignatures:
    @pytest.fixture
    def came(self, hub, hook, receiver, deliver):
        webhook, self.secret = hook("nyc")
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        return receiver.received[0]

    def test_the_signature_is_that_of_the_specification(self, came):
        key = b64decode(self.secret.removeprefix("whsec_"))
        signed = f"{came.headers['webhook-id']}.{came.headers['webhook-timestamp']}.".encode() + came.body
        version, _, signature = came.headers["webhook-signature"].partition(",")
        assert version == "v1" and b64decode(signature) == hmac.digest(key, signed, hashlib.sha256)
        assert len(key) == 32

    @pytest.mark.parametrize(
        ("header", "value"), [("webhook-id", "msg_other"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,AAAA")]
    )
    def test_what_was_replayed_or_changed_on_the_way_is_not_believed(self, came, header, value):
        Verifier(self.secret).verify(came.body, came.headers)
        with pytest.raises(WebhookVerificationError):
            Verifier(self.secret).verify(came.body, {**came.headers, header: value})
        with pytest.raises(WebhookVerificationError):
            Verifier(self.secret).verify(came.body.replace(b"test", b"best"), came.headers)

    def test_for_a_day_both_secrets_are_good(self, hub, hook, receiver, deliver, clock):
        webhook, old = hook("nyc")
        new = rotate_secret(hub, by=SYSTEM, webhook=webhook.id)
        assert self.good(hub, webhook, receiver, deliver, old, new) == [True, True]
        clock.turn(seconds=OVERLAP.total_seconds() + 1)
        remove_old_announcements(hub)
        assert len(rows(hub, webhook_secrets)) == 1
        assert self.good(hub, webhook, receiver, deliver, old, new) == [False, True]

    def test_a_secret_that_somebody_else_has_ends_at_once(self, hub, hook, receiver, deliver):
        webhook, old = hook("nyc")
        new = rotate_secret(hub, by=SYSTEM, webhook=webhook.id, at_once=True)
        assert self.good(hub, webhook, receiver, deliver, old, new) == [False, True]

    def good(self, hub, webhook, receiver, deliver, *secrets: str) -> list[bool]:
        """Which of the secrets the signatures of a test are of."""
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        came = receiver.received[-1]
        signed = f"{came.headers['webhook-id']}.{came.headers['webhook-timestamp']}.".encode() + came.body
        there = {b64decode(one.partition(",")[2]) for one in came.headers["webhook-signature"].split(" ")}
        keys = [b64decode(secret.removeprefix("whsec_")) for secret in secrets]
        return [hmac.digest(key, signed, hashlib.sha256) in there for key in keys]

    def test_no_secret_lies_open(self, hub, hook):
        webhook, secret = hook("nyc")
        bare = b64decode(secret.removeprefix("whsec_"))
        with superuser(hub.database) as connection:
            sealed = connection.scalars(select(webhook_secrets.c.sealed)).all()
        assert not any(part in one for one in sealed for part in (secret.encode(), bare))
        assert secret not in str(vars(webhook))
        with hub.database.read(AUDITOR) as connection:
            assert not any(secret in str(line) for line in all_lines(connection))

    def test_without_its_key_nothing_is_sent(self, hub, hook, receiver, deliver, monkeypatch):
        webhook, _ = hook("nyc")
        monkeypatch.setattr(sealing, "KEY_FILE", "another.key")
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        assert receiver.received == [] and told(hub, webhook) == [("waiting", 1, None, "secret")]


class TestTryingAgain:
    def test_after_a_500_it_is_sent_again_under_the_same_id(self, hub, hook, receiver, deliver, clock):
        webhook, secret = hook("nyc")
        receiver.answers = [500, 503, 204]
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        assert told(hub, webhook) == [("waiting", 1, 500, "status")]
        clock.turn(seconds=7)
        deliver()
        assert len(receiver.received) == 1  # not yet
        clock.turn(seconds=6)
        deliver()
        clock.turn(seconds=37)
        deliver()
        assert told(hub, webhook) == [("delivered", 3, 204, None)]
        assert len({came.headers["webhook-id"] for came in receiver.received}) == 1
        assert len({came.body for came in receiver.received}) == 1

    @pytest.mark.parametrize("is_date", [False, True])
    def test_one_that_says_when_to_come_back_is_left_alone_until_then(
        self, hub, hook, receiver, deliver, clock, is_date
    ):
        webhook, _ = hook("nyc")
        moment = format_datetime(clock() + timedelta(seconds=600))
        receiver.answers, receiver.headers = [503, 204], {"Retry-After": moment if is_date else "600"}
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        clock.turn(seconds=590)
        deliver()
        assert told(hub, webhook) == [("waiting", 1, 503, "status")]
        clock.turn(seconds=20)
        deliver()
        assert told(hub, webhook) == [("delivered", 2, 204, None)]

    def test_a_receiver_that_takes_nothing_for_a_day_is_disabled_and_what_waits_is_given_up(
        self, hub, hook, receiver, deliver, clock
    ):
        webhook, _ = hook("nyc")
        receiver.answers = [500]
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        begun = clock()
        for _ in range(MOST_ATTEMPTS - 1):
            deliver()
            assert reason(hub, webhook) is None
            clock.turn(hours=8)
        clock.turn(seconds=-1)
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        assert reason(hub, webhook) is DisabledFor.FAILING
        assert clock() - begun > timedelta(hours=20)
        assert {state for state, *_ in told(hub, webhook)} == {"failed"}
        with hub.database.read(AUDITOR) as connection:
            assert (f"{webhook.id}/failing", "nyc") in {(line.subject, line.operator) for line in all_lines(connection)}

    def test_one_that_took_something_else_meanwhile_is_not(self, hub, hook, receiver, deliver, clock):
        webhook, _ = hook("nyc")
        receiver.answers = [500]
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        for _ in range(MOST_ATTEMPTS - 1):
            deliver()
            clock.turn(hours=8)
        receiver.answers = [204]
        with hub.database.write(REGISTRAR) as connection:
            held = take_due(connection, clock(), clock() + timedelta(hours=1), 1)
        assert len(held) == 1
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        receiver.answers = [500]
        with hub.database.write(REGISTRAR) as connection:
            worker._settle(hub, connection, held[0], post.Answer(500, "status"))
        assert reason(hub, webhook) is None
        assert sorted(state for state, *_ in told(hub, webhook)) == ["delivered", "failed"]

    def test_one_that_is_gone_is_disabled_at_once_and_told_nothing_until_it_is_enabled(
        self, hub, hook, receiver, deliver
    ):
        webhook, _ = hook("nyc")
        receiver.answers = [410]
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        assert reason(hub, webhook) is DisabledFor.GONE
        with pytest.raises(WrongState):
            send_test(hub, by=SYSTEM, webhook=webhook.id)
        receiver.answers = [204]
        submit_and_accept(hub, "nyc-east", MAY, report())
        deliver()
        assert len(receiver.received) == 1
        change_webhook(hub, by=SYSTEM, webhook=webhook.id, changes={"disabled": False}, preconditions=ANY)
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        assert len(receiver.received) == 2

    def test_what_waits_is_not_sent_once_it_is_disabled(self, hub, hook, receiver, deliver, clock):
        webhook, _ = hook("nyc")
        receiver.answers = [500, 204]
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        for disabled in (True, False):
            change_webhook(hub, by=SYSTEM, webhook=webhook.id, changes={"disabled": disabled}, preconditions=ANY)
        clock.turn(hours=1)
        deliver()
        assert len(receiver.received) == 1 and told(hub, webhook) == [("failed", 1, 500, "disabled")]

    def test_a_worker_that_dies_between_sending_and_writing_it_down_sends_it_again_with_the_same_id(
        self, hub, hook, receiver, clock, deliver, monkeypatch
    ):
        webhook, _ = hook("nyc")
        send_test(hub, by=SYSTEM, webhook=webhook.id)

        def die(*_args):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(worker, "_settle", die)
            with pytest.raises(KeyboardInterrupt):
                deliver_announcements(hub)
        deliver()
        assert len(receiver.received) == 1
        clock.turn(seconds=LEASE.total_seconds())
        deliver()
        assert len({came.headers["webhook-id"] for came in receiver.received}) == 1
        assert len(receiver.received) == 2 and told(hub, webhook) == [("delivered", 2, 204, None)]

    def test_many_workers_deliver_each_thing_once(self, hub, hook, receiver):
        webhook, _ = hook("nyc")
        for _ in range(20):
            send_test(hub, by=SYSTEM, webhook=webhook.id)

        def work(_number: int) -> None:
            while deliver_announcements(hub):
                pass

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        ids = [came.headers["webhook-id"] for came in receiver.received]
        assert len(ids) == len(set(ids)) == 20

    def test_after_a_month_it_is_forgotten_but_what_waits_is_not(self, hub, hook, receiver, deliver, clock):
        webhook, _ = hook("nyc")
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        receiver.answers = [500]
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        clock.turn(days=31)
        remove_old_announcements(hub)
        assert told(hub, webhook) == [("waiting", 1, 500, "status")]
        assert len(rows(hub, announcements)) == len(rows(hub, deliveries)) == 1


class TestWhereNothingIsSent:
    def attempt(self, hub, webhook, deliver) -> tuple:
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver()
        return told(hub, webhook)[0]

    def test_a_redirect_is_not_followed(self, hub, hook, receiver, deliver):
        webhook, _ = hook("nyc")
        receiver.answers, receiver.headers = [307], {"Location": receiver.url + "/elsewhere"}
        assert self.attempt(hub, webhook, deliver) == ("waiting", 1, 307, "redirect")
        assert [came.path for came in receiver.received] == ["/hook"]

    def test_an_answer_that_drips_ends_when_patience_does(self, hub, hook, receiver, deliver, monkeypatch):
        monkeypatch.setattr(post, "PATIENCE", 0.5)
        webhook, _ = hook("nyc")
        receiver.drip = 0.1
        assert self.attempt(hub, webhook, deliver) == ("waiting", 1, None, "timeout")

    def test_nobody_there_is_no_bug(self, hub, hook, deliver):
        webhook, _ = hook("nyc", url="http://127.0.0.1:9/hook")
        assert self.attempt(hub, webhook, deliver) == ("waiting", 1, None, "connection")

    def test_where_nobody_is_at_one_address_the_next_is_tried(self, hub, hook, receiver, deliver, monkeypatch):
        webhook, _ = hook("nyc", url=receiver.url)
        lookups = look_up(monkeypatch, ["127.0.0.9", "127.0.0.8", "127.0.0.1"])
        assert self.attempt(hub, webhook, deliver) == ("delivered", 1, 204, None)
        assert len(lookups) == 1 and len(receiver.received) == 1

    def test_no_further_than_a_few(self, hub, hook, receiver, deliver, monkeypatch):
        webhook, _ = hook("nyc", url=receiver.url)
        look_up(monkeypatch, ["127.0.0.9", "127.0.0.8", "127.0.0.7", "127.0.0.1"])
        assert self.attempt(hub, webhook, deliver) == ("waiting", 1, None, "connection")

    def test_an_address_at_which_somebody_failed_is_the_last(self, hub, hook, receiver, deliver, monkeypatch):
        webhook, _ = hook("nyc", url=receiver.url)
        look_up(monkeypatch, ["127.0.0.1", "127.0.0.1", "127.0.0.9"])
        receiver.answers = [500]
        assert self.attempt(hub, webhook, deliver) == ("waiting", 1, 500, "status")
        assert len(receiver.received) == 1

    def test_a_name_that_there_is_not_is_no_bug(self, hub, hook, deliver):
        webhook, _ = hook("nyc", url="https://" + "a" * 64 + ".invalid/hook")
        assert self.attempt(hub, webhook, deliver) == ("waiting", 1, None, "name")

    def test_a_name_of_a_private_address_is_refused_after_it_was_looked_up(self, hub, hook, receiver, deliver):
        webhook, _ = hook("nyc", url=receiver.url.replace("127.0.0.1", "localhost"))
        plain = replace(hub, settings=replace(hub.settings, webhook_networks=""))
        send_test(hub, by=SYSTEM, webhook=webhook.id)
        deliver_announcements(plain)
        assert receiver.received == [] and told(hub, webhook) == [("waiting", 1, None, "address")]

    def test_a_name_with_one_private_address_among_others_is_refused(self, hub, hook, receiver, deliver, monkeypatch):
        lookups = look_up(monkeypatch, ["10.0.0.7", "127.0.0.1"])
        webhook, _ = hook("nyc", url=https(receiver, "hook.example"))
        assert self.attempt(hub, webhook, deliver) == ("waiting", 1, None, "address")
        assert lookups == ["hook.example"] and receiver.received == []


def https(receiver, name: str) -> str:
    return f"https://{name}:{receiver.url.split(':')[2]}"


def look_up(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names mean these addresses, one list for each time that one is looked up; answers what was."""
    asked: list[str] = []

    async def getaddrinfo(_loop, host, port, **_kwargs):
        asked.append(host)
        return [(2, 1, 6, "", (address, port)) for address in answers[min(len(asked), len(answers)) - 1]]

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", getaddrinfo)
    return asked
