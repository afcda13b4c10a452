"""Who registers clients and gives them secrets and keys, and that nobody gives more than they hold."""

from dataclasses import replace

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from actions.add_credential import add_keys, add_secret
from actions.register_client import register_client
from actions.remove_credential import remove_credential
from domain.access import OPERATOR_SCOPES, SYSTEM, Principal, Role, Scope
from domain.clients import MOST_CREDENTIALS, Client
from domain.refusals import Conflict, Forbidden, NotFound, RuleBroken, ScopeMissing
from store.clients import client_by_id
from store.credentials import credentials_of
from store.tenancy import REGISTRAR

HUB_ADMIN = Principal("user:hub", Role.HUB_ADMIN.scopes)
NYC_ADMIN = Principal("user:nyc", Role.OPERATOR_ADMIN.scopes, "nyc", frozenset({"nyc-east", "nyc-north"}))
RI_ADMIN = Principal("user:ri", Role.OPERATOR_ADMIN.scopes, "ri", frozenset({"ri-providence"}))
SENDER = Client("sender", "S", "nyc", frozenset({"nyc-east"}), OPERATOR_SCOPES)
AUDITOR = Client("auditor", "A", None, frozenset(), frozenset({Scope.AUDIT_READ}))


def credentials(hub, client: str = "sender") -> list:
    with hub.database.read(REGISTRAR) as connection:
        return credentials_of(connection, client)


def jwk(kind: str = "P-256", *, private: bool = False) -> dict:
    made = RSAKey.generate_key(2048) if kind == "RSA" else ECKey.generate_key(kind)
    return dict(made.as_dict(private=private))


def test_a_client_is_stored_as_it_was_described_and_its_secret_is_not(hub):
    sender = replace(SENDER, networks=("192.0.2.0/24",))
    secret = register_client(hub, by=NYC_ADMIN, client=sender)
    with hub.database.read(REGISTRAR) as connection:
        assert client_by_id(connection, "sender") == sender
    (kept,) = credentials(hub)
    assert secret not in str(kept)
    assert len(secret) == 43


@pytest.mark.parametrize(
    "by", [Principal("x", frozenset(Scope) - {Scope.CLIENTS_MANAGE}), RI_ADMIN, HUB_ADMIN], ids=lambda by: by.id
)
def test_nobody_registers_a_client_who_may_not_or_holds_less(hub, by):
    with pytest.raises((ScopeMissing, Forbidden)):
        register_client(hub, by=by, client=SENDER)
    assert credentials(hub) == []


def test_an_operators_admin_registers_none_for_the_hub(hub):
    with pytest.raises(Forbidden):
        register_client(hub, by=NYC_ADMIN, client=replace(SENDER, operator=None, sites=frozenset()))


def test_an_operators_admin_lets_no_client_ask_about_others_tokens(hub):
    with pytest.raises(Forbidden, match="hub admin"):
        register_client(hub, by=NYC_ADMIN, client=replace(SENDER, introspects=True))
    assert register_client(hub, by=HUB_ADMIN, client=replace(AUDITOR, introspects=True))


def test_a_second_client_of_the_same_id_is_a_conflict_and_changes_nothing(hub):
    register_client(hub, by=SYSTEM, client=SENDER)
    before = credentials(hub)
    with pytest.raises(Conflict):
        register_client(hub, by=SYSTEM, client=SENDER)
    assert credentials(hub) == before


class TestSecretsAndKeys:
    def test_a_secret_is_given_by_who_holds_what_it_gives(self, hub):
        register_client(hub, by=SYSTEM, client=SENDER)
        add_secret(hub, by=NYC_ADMIN, client_id="sender")
        with pytest.raises(Forbidden):
            add_secret(hub, by=HUB_ADMIN, client_id="sender")
        assert len(credentials(hub)) == 2

    def test_the_client_of_another_operator_is_not_there(self, hub):
        register_client(hub, by=SYSTEM, client=SENDER)
        own = credentials(hub)[0].id
        for by in (RI_ADMIN, replace(NYC_ADMIN, operator="ri")):
            with pytest.raises(NotFound):
                add_secret(hub, by=by, client_id="sender")
            with pytest.raises(NotFound):
                add_keys(hub, by=by, client_id="sender", jwks={"keys": [jwk()]})
            with pytest.raises(NotFound):
                remove_credential(hub, by=by, client_id="sender", credential_id=own)
        assert len(credentials(hub)) == 1

    def test_keys_are_kept_without_anything_private_or_odd(self, hub):
        register_client(hub, by=SYSTEM, client=SENDER)
        public = jwk()
        (kid,) = add_keys(hub, by=NYC_ADMIN, client_id="sender", jwks={"keys": [{**public, "x5c": ["x"], "kid": "a"}]})
        (kept,) = [one for one in credentials(hub) if one.id == kid]
        assert kept.jwk == {**{name: public[name] for name in ("kty", "crv", "x", "y")}, "kid": "a"}

    @pytest.mark.parametrize(
        "jwks",
        [
            None,
            [],
            {},
            {"keys": {}},
            {"keys": []},
            {"keys": [None]},
            {"keys": ["x"]},
            {"keys": [{}]},
            {"keys": [{"kty": "EC"}]},
            {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]},
            {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]},
            {"keys": [{"kty": ["RSA"]}]},
            {"keys": [jwk("P-521")]},
            {"keys": [jwk("secp256k1")]},
            {"keys": [jwk(private=True)]},
            {"keys": [jwk("RSA", private=True)]},
            {"keys": [{**jwk(), "use": "enc"}]},
            {"keys": [{**jwk(), "kid": 1}]},
            {"keys": [dict(OctKey.generate_key(256).as_dict())]},
            {"keys": [dict(OKPKey.generate_key("Ed25519").as_dict(private=False))]},
            {"keys": [jwk(), jwk(private=True)]},
            {"keys": [{**jwk(), "x": "!"}]},
        ],
        ids=lambda _: "jwks",  # keys are made anew, and ids must be the same in every process
    )
    def test_anything_but_good_public_keys_is_refused_whole(self, hub, jwks):
        register_client(hub, by=SYSTEM, client=SENDER)
        with pytest.raises(RuleBroken):
            add_keys(hub, by=SYSTEM, client_id="sender", jwks=jwks)
        assert len(credentials(hub)) == 1

    def test_a_short_rsa_key_is_refused(self, hub):
        register_client(hub, by=SYSTEM, client=SENDER)
        from cryptography.hazmat.primitives.asymmetric import rsa

        short = RSAKey(rsa.generate_private_key(65537, 1024).public_key(), None)
        with pytest.raises(RuleBroken, match="2048"):
            add_keys(hub, by=SYSTEM, client_id="sender", jwks={"keys": [dict(short.as_dict(private=False))]})

    def test_a_key_is_registered_once_and_a_client_has_only_so_many(self, hub):
        register_client(hub, by=SYSTEM, client=SENDER)
        one = {"keys": [jwk()]}
        add_keys(hub, by=SYSTEM, client_id="sender", jwks=one)
        with pytest.raises(Conflict, match="already"):
            add_keys(hub, by=SYSTEM, client_id="sender", jwks=one)
        for _ in range(MOST_CREDENTIALS - 2):
            add_secret(hub, by=SYSTEM, client_id="sender")
        with pytest.raises(Conflict, match="at most"):
            add_secret(hub, by=SYSTEM, client_id="sender")
        assert len(credentials(hub)) == MOST_CREDENTIALS

    def test_one_is_taken_away_once(self, hub):
        register_client(hub, by=SYSTEM, client=SENDER)
        own = credentials(hub)[0].id
        remove_credential(hub, by=NYC_ADMIN, client_id="sender", credential_id=own)
        assert credentials(hub) == []
        with pytest.raises(NotFound):
            remove_credential(hub, by=NYC_ADMIN, client_id="sender", credential_id=own)
