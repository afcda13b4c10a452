"""People and providers from the command line."""

import re

import pytest

INVITE = ("users", "invite", "Rosa@ri.example.org", "--name", "Rosa Delgado", "--role", "submitter", "--operator", "ri")


@pytest.fixture
def run(command):
    assert command("operators", "add", "ri", "--label", "Rhode Island").exit_code == 0
    return command


def test_somebody_is_invited_listed_shown_changed_disabled_and_enabled(run):
    invited = run(*INVITE)
    assert invited.exit_code == 0, invited.output
    assert re.search(r"^https://hub.example.org/link/[\w-]{43}$", invited.output, re.MULTILINE)
    assert "rosa@ri.example.org  ri  submitter  invited" in run("users", "list", "--operator", "ri").output
    shown = run("users", "show", "rosa@ri.example.org").output
    assert "invited by: crosstally-hub" in shown and "last sign-in: never" in shown
    changed = run("users", "change", "rosa@ri.example.org", "--role", "operator_admin", "--name", "Rosa D.").output
    assert "roles: operator_admin" in changed and "name: Rosa D." in changed
    assert "state: disabled" in run("users", "disable", "rosa@ri.example.org").output
    assert "state: invited" in run("users", "enable", "rosa@ri.example.org").output
    assert run("users", "list", "--state", "disabled").output == ""


def test_a_link_is_printed_again_and_is_another_one(run):
    first = run(*INVITE).output.splitlines()[-1]
    second = run("users", "reset", "rosa@ri.example.org", "--second-factors")
    assert second.exit_code == 0 and "/link/" in second.output and first not in second.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("users", "show", "nobody@ri.example.org"), "no such person"),
        (("users", "change", "nobody@ri.example.org"), "Say what to change"),
        (("users", "invite", "x", "--name", "X", "--role", "auditor"), "no e-mail address"),
        (("users", "invite", "x@x.org", "--name", "X", "--role", "submitter"), "belongs to an operator"),
        (("users", "invite", "x@x.org", "--name", "X", "--role", "king"), "submitter"),
        (("providers", "remove", "ri"), "no provider"),
    ],
)
def test_what_is_refused_says_why(run, arguments, message):
    result = run(*arguments)
    assert result.exit_code in (1, 2) and message in result.output


def test_a_provider_is_set_listed_and_removed(run):
    facts = ("--issuer", "https://idp.example", "--client-id", "hub", "--secret-from", "env:RI_SECRET",
             "--email-domain", "ri.example.org", "--role", "submitter")  # fmt: skip
    made = run("providers", "set", "ri", *facts)
    assert "https://hub.example.org/signin/elsewhere/ri/back" in made.output
    assert run("providers", "list").output == "ri  https://idp.example  hub  ri.example.org  submitter\n"
    assert run("providers", "remove", "ri").exit_code == 0
    assert run("providers", "list").output == ""
