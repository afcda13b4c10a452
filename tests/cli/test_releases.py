"""The commands of the ledger, on a hub with three releases and a draft."""

import pytest
from click.testing import CliRunner

from actions.cut_release import cut_release
from cli.main import main
from tests.builders import STEWARD, furnish, make_hub
from tests.ledger import MONTHS, accept, publish_releases, with_keys


@pytest.fixture
def hub(tmp_path):
    made = with_keys(furnish(make_hub(tmp_path)))
    yield made
    made.database.close()


@pytest.fixture
def chain(hub) -> list[str]:
    return publish_releases(hub, 3)


@pytest.fixture
def run(hub):
    def invoke(*arguments: str):
        result = CliRunner(env=hub.settings.environ()).invoke(main, ["releases", *arguments])
        assert "Traceback" not in result.output
        return result

    return invoke


@pytest.fixture
def draft(hub, chain) -> str:
    accept(hub, MONTHS[3])
    return cut_release(hub, by=STEWARD, publish=False)


def test_the_list_shows_drafts_first_and_marked(run, chain, draft):
    lines = run("list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [draft, *reversed(chain)]
    assert [line.endswith("draft") for line in lines] == [True, False, False, False]


def test_a_discarded_draft_is_listed_no_more(run, draft):
    assert run("discard", draft).output == f"{draft} discarded\n"
    assert draft not in run("list").output
    refused = run("discard", draft)
    assert (refused.exit_code, f"There is no draft {draft}." in refused.output) == (1, True)


def test_the_list_as_of_a_day_has_no_drafts_and_nothing_later(run, chain, draft):
    lines = run("list", "--as-of", "2026-07-16").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [chain[1], chain[0]]
    none = run("list", "--as-of", "2026-07-14")
    assert (none.exit_code, "There was no release on 2026-07-14 yet." in none.output) == (1, True)
    assert run("list", "--as-of", "yesterday").exit_code == 2


def test_a_retraction_is_made_and_listed(run, chain):
    done = run("retract", chain[2], "--reason", "disclosure_risk")
    made = done.stdout.split()[0]
    assert done.stdout == f"{made} published, retracts {chain[2]}\n"
    listed = run("list").stdout
    assert f"retracts {chain[2]}: disclosure_risk" in listed
    assert f"retracted by {made}: disclosure_risk" in listed
    assert "retracted already" in run("retract", chain[2], "--reason", "legal").output
    assert run("retract", chain[1], "--reason", "because").exit_code == 2
    assert run("diff", made, chain[2]).exit_code == 1
    assert run("verify").stdout == "4 releases verified\n"


def test_a_difference_is_summed_up_and_printed_as_a_table(run, chain):
    printed = run("diff", chain[1], chain[0], "--limit", "3").stdout
    summary, *table, rest = printed.splitlines()
    assert summary.endswith("added, 0 removed, 0 changed")
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table if "2026" in line]
    assert len(rows) == 3
    assert rows[0] == ["site", "nyc-east", "2026-04", "operating_days", "-", "30"]
    assert rest == f"and {int(summary.split()[0]) - 3} more; --limit prints them"
    refused = run("diff", chain[0], chain[1])
    assert (refused.exit_code, "is not earlier than" in refused.output) == (1, True)


def test_a_whole_chain_is_verified_and_one_of_its_releases(run, chain):
    assert run("verify").stdout == "3 releases verified\n"
    assert run("verify", chain[1]).stdout == "1 releases verified\n"
    assert run("verify", "2026-01-01.1").exit_code == 1


def test_the_preview_of_a_report_says_of_each_cell_what_the_public_would_see(run, hub):
    accept(hub, MONTHS[0])
    printed = run("preview", "--report", f"nyc-east/{MONTHS[0]}").stdout
    assert "does not see" in printed
    assert "It is small." in printed
    assert "In a release more can be hidden" in printed
    for wrong in ("nyc-east", "nyc-east/2026-13", "/"):
        refused = run("preview", "--report", wrong)
        assert (refused.exit_code, "no site and month like" in refused.output) == (2, True)
    missing = run("preview", "--report", "nyc-east/2020-01")
    assert (missing.exit_code, "There is no report" in missing.output) == (1, True)


def test_every_fault_is_printed_and_the_command_fails(run, chain, hub):
    (hub.artefacts.root / chain[0] / "sites.json").write_bytes(b"[]")
    (hub.artefacts.root / chain[1] / "more.csv").touch()
    result = run("verify")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{chain[0]}  sites.json: its bytes are not those that the manifest names",
        f"{chain[1]}  more.csv: the manifest lists no such file",
    ]
    assert "2 faults" in result.stderr
