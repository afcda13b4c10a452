"""Webhooks over https: the certificate must name the host, wherever the address came from."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from actions.webhooks.read_webhooks import list_deliveries
from actions.webhooks.send_test import send_test
from domain.access import SYSTEM
from tests.actions.webhooks.test_deliver import https, look_up
from tests.receiver import receiving

NAME = "hook.example"


@pytest.fixture(params=["sqlite"])
def kind(request) -> str:
    return request.param


@pytest.fixture
def certificate(tmp_path):
    """A certificate of its own making, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pkcs8 = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption())
    file = tmp_path / "certificate.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def secure(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with receiving(context) as made:
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
