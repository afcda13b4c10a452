"""Webhooks over https: the certificate must name the host, wherever the address came from."""

import pytest

from actions.webhooks.read_webhooks import list_deliveries
from actions.webhooks.send_test import send_test
from domain.access import SYSTEM
from tests.actions.webhooks.test_deliver import https, look_up
from tests.certificates import make_certificate, named, server_context
from tests.receiver import receiving

NAME = "hook.example"


@pytest.fixture(params=["sqlite"])
def kind(request) -> str:
    return request.param


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path, named(NAME))


@pytest.fixture
def secure(certificate):
    with receiving(server_context(certificate)) as made:
        yield made


def outcome(hub, webhook, deliver):
    send_test(hub, by=SYSTEM, webhook=webhook.id)
    deliver()
    (one,) = list_deliveries(hub, by=SYSTEM, webhook=webhook.id, start=0, limit=9)
    return one.state, one.failure


def test_the_name_is_looked_up_once_and_the_connection_goes_there(hub, hook, deliver, secure, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    lookups = look_up(monkeypatch, ["127.0.0.1"], ["10.9.9.9"])
    webhook, _ = hook("nyc", url=https(secure, NAME))
    assert outcome(hub, webhook, deliver) == ("delivered", None)
    assert lookups == [NAME]
    assert secure.received[0].headers["host"].startswith(NAME)


@pytest.mark.parametrize("name", ["other.example", "127.0.0.1"])
def test_a_certificate_of_another_name_is_not_believed(hub, hook, deliver, secure, certificate, monkeypatch, name):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    look_up(monkeypatch, ["127.0.0.1"])
    webhook, _ = hook("nyc", url=https(secure, name))
    assert outcome(hub, webhook, deliver) == ("waiting", "tls")
    assert secure.received == []


def test_a_certificate_that_nobody_vouches_for_is_not_believed(hub, hook, deliver, secure, monkeypatch):
    look_up(monkeypatch, ["127.0.0.1"])
    webhook, _ = hook("nyc", url=https(secure, NAME))
    assert outcome(hub, webhook, deliver) == ("waiting", "tls")
    assert secure.received == []
