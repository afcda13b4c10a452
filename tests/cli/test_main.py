"""The hub's command line: help everywhere, clear errors, exit codes."""

import json

import click
import pytest
from joserfc.jwk import ECKey

from cli.generate import generated_files
from cli.main import main
from domain.settings import PREFIX, settings_table
from tests.arrows import ROOT


@pytest.fixture
def run(command):
    return command


def commands(group: click.Group, path: tuple[str, ...] = ()):
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_every_command_helps(run, path):
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) >= 4


def test_a_hub_is_set_up_from_the_command_line(run):
    assert run("operators", "add", "nyc", "--label", "New York", "--sentinel", "site_month").exit_code == 0
    site = ("sites", "add", "nyc-east", "--operator", "nyc", "--city", "new-york", "--label", "East")
    assert run(*site, "--opened", "2021-11", "--timezone", "America/New_York").exit_code == 0
    client = ("clients", "add", "nyc", "--label", "Data manager", "--operator", "nyc", "--site", "nyc-east")
    added = run(*client, "--scope", "reports:write", "--scope", "reports:read")
    assert (added.exit_code, len(added.output.strip())) == (0, 43)
    assert "nyc-east  East  nyc  2021-11.." in run("sites", "list").output
    assert "k=11" in run("operators", "list").output
    told = run("audit", "verify").output
    assert told.startswith("the chain holds: 3 lines, the last ")
    assert run("audit", "verify", "--head", told.split()[-1]).exit_code == 0
    assert run("audit", "verify", "--head", "0" * 63 + "1").exit_code == 1


def furnish_by_hand(run) -> None:
    run("operators", "add", "nyc", "--label", "New York")
    run("sites", "add", "nyc-east", "--operator", "nyc", "--city", "new-york", "--label", "East", "--opened", "2021-11",
        "--timezone", "America/New_York")  # fmt: skip
    run("clients", "add", "nyc", "--label", "Data manager", "--operator", "nyc", "--site", "nyc-east", "--scope",
        "reports:read")  # fmt: skip


def test_operators_sites_and_clients_are_shown_changed_disabled_and_enabled(run):
    furnish_by_hand(run)
    for kind, name, change, told in (
        ("operators", "nyc", ("--k", "20"), "k: 20"),
        ("sites", "nyc-east", ("--closed", "2026-05"), "closed: 2026-05"),
        ("clients", "nyc", ("--network", "192.0.2.0/24"), "networks: 192.0.2.0/24"),
    ):
        assert told not in run(kind, "show", name).output
        assert run(kind, "change", name, *change).exit_code == 0
        assert told in run(kind, "show", name).output
        for verb, state in (("disable", "True"), ("enable", "False")):
            assert run(kind, verb, name).exit_code == 0
            assert f"disabled: {state}" in run(kind, "show", name).output
            assert ("disabled" in run(kind, "list").output) == (verb == "disable")
        assert run(kind, "change", name).exit_code == 2
        assert run(kind, "show", "nowhere").exit_code == 1
    log = run("audit", "list", "--operator", "nyc").output.splitlines()
    assert [line.split("  ")[3] for line in log].count("client.change") == 3
    assert run("audit", "list", "--action", "site.change", "--limit", "1").output.count("\n") == 1
    assert run("audit", "list", "--to", "2020-01-01").output == ""


def test_a_client_changes_over_to_a_new_secret(run):
    furnish_by_hand(run)
    secret = run("clients", "add-credential", "nyc").output.strip()
    shown = run("clients", "show", "nyc").output
    (old, _) = [line.split()[1].rstrip(":") for line in shown.splitlines() if line.startswith("secret ")]
    assert len(secret) == 43 and secret not in shown
    assert run("clients", "remove-credential", "nyc", old).exit_code == 0
    assert run("clients", "remove-credential", "nyc", old).exit_code == 1


def test_the_roles_are_printed_as_sql(run):
    printed = run("database", "roles").output
    assert "CREATE ROLE crosstally_app" in printed
    assert "NOBYPASSRLS" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("operators", "add", "x", "--label", "X", "--k", "5"), "stricter"),
        (("sites", "add", "s", "--operator", "nobody", "--city", "c", "--label", "S", "--opened", "2021-11",
          "--timezone", "UTC"), "no operator nobody"),
        (("sites", "add", "s", "--operator", "nobody", "--city", "c", "--label", "S", "--opened", "2021-11",
          "--timezone", "Mars/Base"), "time zone"),
        (("sites", "add", "s", "--operator", "x", "--city", "c", "--label", "S", "--opened", "21-11",
          "--timezone", "UTC"), "2026-05"),
        (("clients", "add", "c", "--label", "C", "--scope", "reports:write"), "bound to sites"),
        (("releases", "cut"), "There is no accepted report whose month has settled."),
        (("releases", "publish", "2026-01-01.1"), "There is no draft"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_and_fails(run, arguments, message):
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert "Traceback" not in result.output


CLIENT = ("clients", "add", "app", "--label", "App", "--scope", "reports:review")
ASKS = ("--grant", "authorization_code", "--redirect-uri", "https://app.example/back")


def test_a_client_is_registered_with_its_limits(run):
    limits = ("--network", "192.0.2.0/24", "--expires", "2030-01-01", "--introspects")
    assert len(run(*CLIENT, *ASKS, *limits).output.strip()) == 43
    assert run(*CLIENT, *ASKS).exit_code == 1


def test_a_client_is_registered_with_its_public_keys_instead_of_a_secret(run, tmp_path):
    key = ECKey.generate_key("P-384")
    file = tmp_path / "jwks.json"
    for private, code in ((True, 1), (False, 0)):
        file.write_text(json.dumps({"keys": [key.as_dict(private=private)]}))
        answer = run(*CLIENT, "--jwks", str(file))
        assert answer.exit_code == code
        assert key.as_dict(private=True)["d"] not in answer.output
    assert answer.output == "registered with its keys\n"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--network", "x"), "not a network"),
        (("--redirect-uri", "http://app.example", "--grant", "authorization_code"), "neither https nor"),
        (("--redirect-uri", "https://app.example/back"), "Who asks people"),
        (("--grant", "implicit"), "is not one of"),
        (("--expires", "soon"), "does not match"),
        (("--jwks", str(ROOT / "setup.cfg")), "not JSON"),
    ],
)
def test_a_limit_that_is_none_is_refused(run, more, message):
    answer = run(*CLIENT, *more)
    assert answer.exit_code in (1, 2)
    assert message in answer.output
    assert "Traceback" not in answer.output


def test_an_unknown_setting_is_refused_by_its_name(run):
    result = run("sites", "list", CROSSTALLY_DATABSE_URL="x")
    assert result.exit_code == 1
    assert "CROSSTALLY_DATABSE_URL is not a setting" in result.output


def test_keys_rotate(run):
    first, second = run("keys", "rotate", "tokens").output, run("keys", "rotate", "tokens").output
    assert first != second
    assert run("keys", "rotate", "releases").exit_code == 0


@pytest.mark.parametrize(
    "name",
    [
        "openapi/v1.json",
        "docs/settings.md",
        "docs/scopes-and-roles.md",
        "docs/disclosure-examples.md",
        "docs/rules.md",
    ],
)
def test_what_is_generated_is_committed(name):
    assert (ROOT / name).read_text() == generated_files()[name], "run `make generate`"


def test_every_setting_is_explained():
    assert all(name.startswith(PREFIX) and text for name, _, text in settings_table())
