"""What each client is limited to: networks, sites, time; and secrets that overlap."""

from dataclasses import replace
from datetime import timedelta

import pytest

from actions.add_credential import add_secret
from actions.remove_credential import remove_credential
from domain.access import SYSTEM, Scope
from domain.clients import Client
from store.clients import change_client
from store.credentials import credentials_of
from store.tenancy import REGISTRAR
from tests.auth.conftest import basic
from tests.auth.flow import register
from tests.auth.test_client_assertion import TYPE, key, public, sign
from tests.auth.test_guard import assert_challenged
from tests.auth.test_server import assert_error
from tests.builders import NOON

GRANT = {"grant_type": "client_credentials"}
AT_HOME = Client(
    "at-home", "At home", "nyc", frozenset({"nyc-east"}), frozenset({Scope.REPORTS_READ}),
    networks=("192.0.2.0/28", "2001:db8::/32"),
)  # fmt: skip


@pytest.fixture
def credentials(hub) -> tuple[str, str]:
    """A client that may come from two networks."""
    return register(hub, AT_HOME)


@pytest.fixture
def ask(http, credentials):
    """Ask for a token from an address."""
    return lambda address, pair=None: http.post(
        "/oauth/token", data=GRANT, headers=basic(*(pair or credentials)), environ_overrides={"REMOTE_ADDR": address}
    )


INSIDE = ["192.0.2.0", "192.0.2.15", "2001:db8::1", "::ffff:192.0.2.3"]
OUTSIDE = ["192.0.2.16", "127.0.0.1", "::1", "2001:db9::1", "::ffff:192.0.2.16", "", "unix:", "fe80::1%eth0"]


class TestNetworks:
    @pytest.mark.parametrize("address", INSIDE)
    def test_a_client_gets_a_token_and_in_from_its_networks(self, http, ask, address):
        answer = ask(address)
        assert answer.status_code == 200
        header = {"Authorization": f"Bearer {answer.json['access_token']}"}
        assert http.get("/secured", headers=header, environ_overrides={"REMOTE_ADDR": address}).status_code == 200

    @pytest.mark.parametrize("address", OUTSIDE)
    def test_from_elsewhere_it_is_nobody_even_with_its_secret(self, ask, credentials, address):
        answer = ask(address)
        assert_error(answer, 401, "invalid_client")
        assert answer.data == ask("192.0.2.1", (credentials[0], "wrong")).data

    @pytest.mark.parametrize("address", OUTSIDE)
    def test_a_token_that_got_out_is_of_no_use_elsewhere(self, http, ask, address):
        header = {"Authorization": f"Bearer {ask('192.0.2.1').json['access_token']}"}
        assert_challenged(http.get("/secured", headers=header, environ_overrides={"REMOTE_ADDR": address}))

    def test_the_limit_holds_for_a_key_too(self, http, hub, credentials):
        from actions.add_credential import add_keys

        add_keys(hub, by=SYSTEM, client_id="at-home", jwks=public(key("P-256")))
        form = {**GRANT, "client_assertion_type": TYPE}
        for address, status, jti in (("192.0.2.16", 401, "1"), ("192.0.2.1", 200, "1")):
            form["client_assertion"] = sign({"iss": "at-home", "sub": "at-home", "jti": jti})
            answer = http.post("/oauth/token", data=form, environ_overrides={"REMOTE_ADDR": address})
            assert answer.status_code == status

    def test_a_network_taken_away_ends_the_tokens_from_there(self, http, ask, hub):
        header = {"Authorization": f"Bearer {ask('192.0.2.1').json['access_token']}"}
        with hub.database.write(REGISTRAR) as connection:
            change_client(connection, "at-home", networks=("198.51.100.0/24",))
        assert_challenged(http.get("/secured", headers=header, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}))


class TestSecrets:
    def test_two_are_good_until_the_old_one_is_taken_away(self, ask, hub, credentials):
        new = add_secret(hub, by=SYSTEM, client_id="at-home")
        assert new != credentials[1]
        assert ask("192.0.2.1").status_code == ask("192.0.2.1", ("at-home", new)).status_code == 200
        with hub.database.read(REGISTRAR) as connection:
            old = credentials_of(connection, "at-home")
        first = next(one for one in old if one.secret_sha256 and one.last_used_at)
        remove_credential(hub, by=SYSTEM, client_id="at-home", credential_id=first.id)
        assert {ask("192.0.2.1").status_code, ask("192.0.2.1", ("at-home", new)).status_code} == {200, 401}

    def test_one_ends_by_itself_and_takes_no_other_with_it(self, ask, hub, clock, credentials):
        soon = add_secret(hub, by=SYSTEM, client_id="at-home", expires_at=NOON + timedelta(hours=1))
        clock.forward(hours=1)
        assert_error(ask("192.0.2.1", ("at-home", soon)), 401, "invalid_client")
        assert ask("192.0.2.1").status_code == 200

    def test_the_first_one_ends_after_a_year(self, ask, clock):
        clock.forward(days=365)
        assert_error(ask("192.0.2.1"), 401, "invalid_client")

    def test_each_has_its_own_time_of_last_use_told_by_the_minute(self, ask, hub, clock, credentials):
        new = add_secret(hub, by=SYSTEM, client_id="at-home")
        ask("192.0.2.1", ("at-home", new))
        clock.forward(seconds=59)
        ask("192.0.2.1", ("at-home", new))
        assert self.last_uses(hub) == [None, NOON]
        clock.forward(seconds=1)
        ask("192.0.2.1", ("at-home", new))
        assert self.last_uses(hub) == [None, NOON + timedelta(minutes=1)]

    def last_uses(self, hub) -> list:
        with hub.database.read(REGISTRAR) as connection:
            used = [one.last_used_at for one in credentials_of(connection, "at-home")]
        return sorted(used, key=lambda at: (at is not None, at))

    def test_a_wrong_one_is_no_use(self, ask, hub):
        ask("192.0.2.1", ("at-home", "wrong"))
        assert self.last_uses(hub) == [None]


def test_a_client_is_bound_to_its_sites_and_no_others_of_its_operator(http, ask, hub):
    header = {"Authorization": f"Bearer {ask('192.0.2.1').json['access_token']}"}
    home = {"REMOTE_ADDR": "192.0.2.1"}
    assert http.get("/secured", headers=header, environ_overrides=home).json["sites"] == ["nyc-east"]


def test_a_client_ends(ask, hub):
    ended = register(hub, replace(AT_HOME, id="ended", expires_at=NOON))
    assert_error(ask("192.0.2.1", ended), 401, "invalid_client")
    soon = register(hub, replace(AT_HOME, id="soon", expires_at=NOON + timedelta(seconds=1)))
    assert ask("192.0.2.1", soon).status_code == 200
