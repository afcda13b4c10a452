"""crosstally-hub webhooks."""

import pytest

ADD = ("webhooks", "add", "--url", "https://data.example.org/hook", "--label", "Data office")


@pytest.fixture
def run(command):
    assert command("operators", "add", "nyc", "--label", "New York").exit_code == 0
    return command


def test_a_webhook_is_added_listed_shown_changed_disabled_enabled_and_removed(run):
    made = run(*ADD, "--operator", "nyc", "--event", "report.accepted", "--event", "report.returned")
    assert made.exit_code == 0, made.output
    webhook, secret = made.output.split()
    assert (
        f"{webhook}  nyc  report.returned report.accepted  https://data.example.org/hook"
        in run("webhooks", "list").output
    )
    shown = run("webhooks", "show", webhook).output
    assert "label: Data office" in shown and secret not in shown
    assert run("webhooks", "change", webhook, "--event", "release.published").exit_code == 0
    assert run("webhooks", "disable", webhook).exit_code == 0
    assert "disabled: administrator" in run("webhooks", "list").output
    assert "enable it first" in run("webhooks", "test", webhook).output
    assert run("webhooks", "enable", webhook).exit_code == 0
    assert run("webhooks", "test", webhook).output.startswith("msg_")
    assert run("webhooks", "deliveries", webhook).output == ""  # no worker runs
    assert run("webhooks", "rotate", webhook).output.startswith("whsec_")
    assert run("webhooks", "remove", webhook).exit_code == 0
    assert run("webhooks", "list").output == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*ADD, "--event", "report.accepted"), "is an operator"),
        ((*ADD, "--event", "release.published", "--url", "http://data.example.org"), "https alone"),
        (("webhooks", "show", "wh-0000000000000000"), "no webhook"),
        (("webhooks", "change", "wh-0000000000000000"), "Say what to change"),
    ],
)
def test_what_is_refused_says_why(run, arguments, words):
    refused = run(*arguments)
    assert refused.exit_code != 0 and words in refused.output
