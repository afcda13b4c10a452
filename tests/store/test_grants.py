"""Grants, codes, refresh tokens and what is spent, alike on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from actions.remove_expired import remove_expired
from domain.access import Scope
from domain.clients import Client, Credential, Grant
from store.access_tables import authorization_codes, grants, refresh_tokens, revoked_tokens, spent_assertions
from store.clients import add_client, all_clients, change_client, client_by_id
from store.credentials import add_credential, credentials_of, mark_credential_used, remove_credential
from store.grants import (
    Code,
    GivenGrant,
    RefreshToken,
    add_code,
    add_grant,
    add_refresh_token,
    code_by_hash,
    grant_by_id,
    redeem,
    refresh_token_by_hash,
    revoke_grant,
    use_refresh_token,
)
from store.spent import is_revoked, is_spent, revoke_token, spend_assertion
from store.tenancy import REGISTRAR
from tests.builders import NOON

CLIENT = Client(
    "app", "App", "nyc", frozenset({"nyc-east", "nyc-north"}), frozenset({Scope.REPORTS_READ, Scope.REPORTS_WRITE}),
    expires_at=NOON, disabled=True, grants=frozenset(Grant), redirect_uris=("https://b", "https://a"),
    networks=("192.0.2.0/24",), introspects=True,
)  # fmt: skip
LATER = NOON + timedelta(minutes=1)
GRANT = GivenGrant("g", "app", "user:ann", frozenset({Scope.REPORTS_READ}), NOON, LATER)
CODE = Code("c", "g", "https://b", "challenge", LATER)
TOKEN = RefreshToken("r", "g", LATER)


def add_all(connection):
    add_client(connection, CLIENT, created_at=NOON)
    add_grant(connection, GRANT)
    add_code(connection, CODE)
    add_refresh_token(connection, TOKEN)


@pytest.fixture
def connection(hub):
    with hub.database.write(REGISTRAR) as connection:
        add_all(connection)
        yield connection


def test_a_client_is_read_as_it_was_stored_and_changed(connection):
    assert client_by_id(connection, "app") == CLIENT
    changed = replace(CLIENT, networks=(), disabled=False, scopes=frozenset(), expires_at=None)
    assert change_client(connection, "app", networks=(), disabled=False, scopes=frozenset(), expires_at=None)
    assert client_by_id(connection, "app") == changed
    assert not change_client(connection, "nobody", disabled=True)


def test_clients_are_listed_all_or_by_operator(connection):
    add_client(connection, replace(CLIENT, id="a-hub-client", operator=None), created_at=NOON)
    assert [client.id for client in all_clients(connection)] == ["a-hub-client", "app"]
    assert [client.id for client in all_clients(connection, "nyc")] == ["app"]
    assert all_clients(connection, "ri") == []


def test_credentials_are_read_as_they_were_stored(connection):
    secret = Credential("app", "s", NOON, LATER, secret_sha256="0" * 64)
    key = Credential("app", "k", LATER, LATER, jwk={"kty": "EC", "x": "é"})
    for one in (key, secret):
        add_credential(connection, one)
    mark_credential_used(connection, "app", "k", LATER)
    assert credentials_of(connection, "app") == [secret, replace(key, last_used_at=LATER)]
    assert remove_credential(connection, "app", "s")
    assert not remove_credential(connection, "app", "s")


@pytest.mark.parametrize("both", [{"secret_sha256": None, "jwk": None}, {"secret_sha256": "0", "jwk": {"kty": "EC"}}])
def test_a_credential_is_a_secret_or_a_key(connection, both):
    with pytest.raises(IntegrityError):
        add_credential(connection, Credential("app", "s", NOON, LATER, **both))


def test_what_was_granted_is_read_as_it_was_stored(connection):
    assert grant_by_id(connection, "g") == GRANT
    assert code_by_hash(connection, "c") == CODE
    assert refresh_token_by_hash(connection, "r") == TOKEN
    assert (
        grant_by_id(connection, "x") is code_by_hash(connection, "x") is refresh_token_by_hash(connection, "x") is None
    )


def test_each_is_used_once(connection):
    assert redeem(connection, "c", NOON)
    assert not redeem(connection, "c", LATER)
    assert code_by_hash(connection, "c").redeemed_at == NOON
    assert use_refresh_token(connection, "r", NOON)
    assert not use_refresh_token(connection, "r", LATER)
    assert revoke_grant(connection, "g", NOON)
    assert not revoke_grant(connection, "g", LATER)
    assert not grant_by_id(connection, "g").is_good(NOON)


def test_of_many_at_once_one_redeems_a_code(hub):
    with hub.database.write(REGISTRAR) as connection:
        add_all(connection)

    def try_it(_: int) -> bool:
        with hub.database.write(REGISTRAR) as own:
            return redeem(own, "c", NOON)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, range(4))) == [False, False, False, True]


def test_an_assertion_is_spent_once(hub):
    with hub.database.write(REGISTRAR) as connection:
        spend_assertion(connection, "app", "1", LATER)
        assert is_spent(connection, "app", "1")
        assert not is_spent(connection, "other", "1")
    with pytest.raises(IntegrityError), hub.database.write(REGISTRAR) as connection:
        spend_assertion(connection, "app", "1", LATER)


def test_a_token_is_revoked_once(hub):
    with hub.database.write(REGISTRAR) as connection:
        assert not is_revoked(connection, "t")
        assert revoke_token(connection, "t", LATER)
        assert not revoke_token(connection, "t", LATER)
        assert is_revoked(connection, "t")


def count(hub) -> dict[str, int]:
    tables = (grants, authorization_codes, refresh_tokens, spent_assertions, revoked_tokens)
    with hub.database.read(REGISTRAR) as connection:
        return {t.name: connection.scalar(select(func.count()).select_from(t)) for t in tables}


def test_what_has_expired_is_forgotten_and_nothing_else(hub, connection):
    long = replace(GRANT, id="long", expires_at=NOON + timedelta(days=1))
    add_grant(connection, long)
    add_code(connection, replace(CODE, sha256="redeemed", grant_id="long"))
    redeem(connection, "redeemed", NOON)
    add_code(connection, replace(CODE, sha256="forgotten", grant_id="long"))
    add_refresh_token(connection, replace(TOKEN, sha256="good", grant_id="long", expires_at=long.expires_at))
    spend_assertion(connection, "app", "1", LATER)
    revoke_token(connection, "t", LATER)
    connection.commit()
    before = count(hub)
    remove_expired(hub)
    assert count(hub) == before
    remove_expired(replace(hub, clock=lambda: LATER))
    assert count(hub) == {
        "grants": 1,
        "authorization_codes": 1,
        "refresh_tokens": 1,
        "spent_assertions": 0,
        "revoked_tokens": 0,
    }
    with hub.database.read(REGISTRAR) as own:
        assert code_by_hash(own, "redeemed") and refresh_token_by_hash(own, "good") and grant_by_id(own, "long")
