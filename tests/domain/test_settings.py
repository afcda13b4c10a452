"""One table of settings: every one with a default and a help, read from the environment."""

from pathlib import Path

import pytest

from domain.settings import PREFIX, Settings, settings_table


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
    ],
)
def test_a_setting_that_is_unknown_or_wrong_is_named(name, value):
    with pytest.raises(ValueError, match=name):
        Settings.from_environ({name: value})


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
