"""One table of settings: every one with a default and a help, read from the environment."""

from pathlib import Path

import pytest

from domain.settings import PREFIX, Settings, settings_table

MAIL = {"CROSSTALLY_SMTP_HOST": "mail.example.org", "CROSSTALLY_SMTP_FROM": "hub@example.org"}


def test_without_an_environment_there_are_the_defaults():
    assert Settings.from_environ({}) == Settings()
    assert Settings.from_environ({"PATH": "/bin", "HOME": "/root"}) == Settings()


def test_a_setting_is_read_as_what_its_default_is():
    settings = Settings.from_environ(
        {"CROSSTALLY_PORT": "8080", "CROSSTALLY_KEYS_DIR": "/keys", "CROSSTALLY_ISSUER": "https://hub.example"}
    )
    assert settings.port == 8080
    assert settings.keys_dir == Path("/keys")
    assert settings.issuer == "https://hub.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CROSSTALLY_COLOUR", "red"),
        ("CROSSTALLY_port", "8000"),
        ("CROSSTALLY_PORT", "http"),
        ("CROSSTALLY_PORT", ""),
        ("CROSSTALLY_TOKEN_LIFETIME", "0"),
        ("CROSSTALLY_TOKEN_LIFETIME", "901"),
        ("CROSSTALLY_K", "4"),
        ("CROSSTALLY_ISSUER", "http://127.0.0.1:8000/"),
        ("CROSSTALLY_WEBHOOK_NETWORKS", "10.0.0.0/99"),
        ("CROSSTALLY_SMTP_SECURITY", "ssl"),
        ("CROSSTALLY_SMTP_USER", "hub"),
        ("CROSSTALLY_SMTP_FROM", "nobody"),
        ("CROSSTALLY_REMIND_DAYS_BEFORE", "15"),
        ("CROSSTALLY_REMIND_EVERY_DAYS", "0"),
        ("CROSSTALLY_REMIND_MOST", "25"),
    ],
)
def test_a_setting_that_is_unknown_or_wrong_is_named(name, value):
    with pytest.raises(ValueError, match=name):
        Settings.from_environ({**MAIL, name: value})


def test_a_password_goes_over_the_network_encrypted_alone():
    plain = {"smtp_from": "hub@example.org", "smtp_security": "none"}
    with pytest.raises(ValueError, match="CROSSTALLY_SMTP_SECURITY"):
        Settings(smtp_host="mail.example.org", **plain)
    assert Settings(smtp_host="localhost", **plain).smtp_security == "none"


def test_a_password_is_not_printed_with_the_settings():
    settings = Settings(smtp_user="hub", smtp_password="tin-heron-7")
    assert "tin-heron-7" not in repr(settings) and "tin-heron-7" in settings.environ().values()


def test_where_the_tests_find_postgresql_is_no_setting():
    assert Settings.from_environ({"CROSSTALLY_PG_BIN": "/usr/lib/postgresql/15/bin"}) == Settings()


def test_settings_survive_the_way_to_a_child_process():
    settings = Settings(port=9000, keys_dir=Path("/keys"), k=15, database_url="postgresql://x/y")
    assert Settings.from_environ(settings.environ()) == settings


def test_the_table_tells_every_setting_with_its_default_and_a_sentence():
    table = settings_table()
    assert {name for name, _, _ in table} == set(Settings().environ())
    assert dict((name, default) for name, default, _ in table) == Settings().environ()
    assert all(name.startswith(PREFIX) and text.endswith(".") for name, _, text in table)
