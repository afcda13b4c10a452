"""From login to a receipt at the command line, over real HTTP."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.builders import body


def written(folder: Path, content: dict, name: str = "report.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content))
    return path


def test_the_secret_is_kept_for_ones_own_eyes_and_never_printed(crosstally, served, secrets, tmp_path):
    id, secret = secrets["ri"]
    done = crosstally("login", served.base_url, "--client-id", id, input=f"{secret}\n")
    assert done.exit_code == 0 and secret not in done.output
    kept = tmp_path / "config/profiles.json"
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600
    assert secret in kept.read_text()


def test_a_wrong_secret_is_not_kept(crosstally, served, secrets, tmp_path):
    done = crosstally("login", served.base_url, "--client-id", secrets["ri"][0], input="wrong\n")
    assert done.exit_code == 4
    assert not (tmp_path / "config/profiles.json").exists()


def test_profiles_that_others_can_read_are_refused(as_nyc, tmp_path):
    (tmp_path / "config/profiles.json").chmod(0o644)
    done = as_nyc("status")
    assert done.exit_code == 4 and "chmod 600" in done.output


def test_a_secret_goes_over_https_or_to_this_machine(crosstally):
    done = crosstally("login", "http://hub.example", "--client-id", "nyc", input="secret\n")
    assert done.exit_code == 1 and "https" in done.output


def test_without_a_profile_one_is_told_to_log_in(crosstally):
    done = crosstally("status")
    assert done.exit_code == 4 and "crosstally login" in done.output


def test_a_hub_that_does_not_answer_is_not_now(crosstally, monkeypatch):
    monkeypatch.setattr("crosstally.conversation.Patience.pause", lambda *_: 0.0)
    done = crosstally("--hub", "http://127.0.0.1:9", "compare", "rates", "measure=od_per_1000_visits", "period=2026-01")
    assert done.exit_code == 3 and "does not answer" in done.output


def test_a_report_is_sent_seen_and_revised_without_overwriting_anybody(as_nyc, tmp_path):
    first = written(tmp_path, body(days=31))
    sent = as_nyc("submit", first, "nyc-east", "2025-08", "--json")
    assert sent.exit_code == 0, sent.output
    assert json.loads(sent.stdout)["revision"] == 1
    again = as_nyc("submit", first, "nyc-east", "2025-08")
    assert again.exit_code == 0 and "revision 1 stands" in again.output
    changed = written(tmp_path, body(days=30), "changed.json")
    refused = as_nyc("submit", changed, "nyc-east", "2025-08")
    assert refused.exit_code == 5 and "if_match" in refused.output
    revised = as_nyc("submit", changed, "nyc-east", "2025-08", "--revise")
    assert revised.exit_code == 0 and "revision 2" in revised.output
    shown = as_nyc("status", "nyc-east", "2025-08", "--json")
    assert json.loads(shown.stdout)["report"]["indicators"]["operating_days"] == {"total": 30}


def test_what_somebody_changed_since_is_not_overwritten(as_nyc, tmp_path):
    for days in (31, 30):
        as_nyc(
            "submit", written(tmp_path, body(days=days)), "nyc-east", "2025-10", *(["--revise"] if days < 31 else [])
        )
    kept = tmp_path / "config/profiles.json"
    profiles = json.loads(kept.read_text())
    seen_before = json.loads(as_nyc("status", "nyc-east", "2025-10", "--json").stdout)["etag"]
    profiles["default"]["etags"]["nyc-east/2025-10"] = '"0000"'
    kept.write_text(json.dumps(profiles))
    done = as_nyc("submit", written(tmp_path, body(days=29)), "nyc-east", "2025-10", "--revise")
    assert done.exit_code == 5 and "Read the report again" in done.output
    assert json.loads(as_nyc("status", "nyc-east", "2025-10", "--json").stdout)["etag"] == seen_before


def test_to_revise_one_has_seen_what_is_revised(as_nyc, tmp_path):
    done = as_nyc("submit", written(tmp_path, body()), "nyc-east", "2025-11", "--revise")
    assert done.exit_code == 2 and "crosstally status" in done.output


def test_errors_of_a_report_are_told_with_their_places(as_nyc, tmp_path):
    content = body(days=31)
    content["indicators"]["visits_consumption"]["total"] = 1
    done = as_nyc("submit", written(tmp_path, content), "nyc-east", "2025-12")
    assert done.exit_code == 1 and "/indicators/visits_consumption" in done.output


def test_another_operators_site_is_not_allowed(as_nyc, tmp_path):
    assert as_nyc("submit", written(tmp_path, body()), "ri-providence", "2026-02").exit_code == 4


def test_the_list_of_reports_is_only_ones_own(as_nyc):
    heads = json.loads(as_nyc("status", "--json").stdout)
    assert heads and {head["site"] for head in heads} <= {"nyc-east", "nyc-north"}


@pytest.mark.parametrize("name", ["form.xlsx", "form.csv"])
def test_a_form_is_fetched_and_refused_empty_with_its_places(as_nyc, tmp_path, name):
    form = tmp_path / name
    assert as_nyc("template", "--site", "nyc-east", "--month", "2026-06", "--to", form).exit_code == 0
    here = json.loads(as_nyc("validate", form, "--json").stdout)
    there = json.loads(as_nyc("validate", form, "--online", "--json").stdout or "{}")
    assert here["findings"] and all(finding["level"] == "error" for finding in here["findings"])
    assert not there  # the hub refuses a report that has no shape


def test_validating_here_finds_what_the_hub_finds(as_nyc, tmp_path):
    content = body(days=31, overdose_events=1200)
    content["indicators"]["visits_consumption"]["total"] = 1
    path = written(tmp_path, content)
    here, there = (as_nyc("validate", path, "--json", *more) for more in ((), ("--online",)))
    assert here.exit_code == there.exit_code == 1
    assert json.loads(here.stdout)["findings"] == json.loads(there.stdout)["findings"] != []


def test_a_line_list_is_refused_here_as_one_and_nothing_of_it_is_repeated(crosstally, tmp_path):
    lines = tmp_path / "lines.csv"
    lines.write_text("name,date_of_birth,visit\n" + "Rosa Quimby,1980-02-03,1\n" * 40)
    done = crosstally("validate", lines, "--json")
    assert done.exit_code == 1 and "Quimby" not in done.output
    assert json.loads(done.stdout)["findings"]


def test_without_the_extra_the_hub_is_asked(as_nyc, tmp_path, monkeypatch):
    from crosstally.extras import ExtraMissing

    def missing(*_args, **_kwargs):
        raise ExtraMissing("validate", "Judging")

    monkeypatch.setattr("crosstally.commands.reporting.needed", missing)
    done = as_nyc("validate", written(tmp_path, body()))
    assert done.exit_code == 0 and "by the hub" in done.output


def test_a_comparison_is_a_table_or_json(crosstally, served):
    asked = ("--hub", served.base_url, "compare", "rates", "measure=od_per_1000_visits", "period=2026-01..2026-02")
    table = crosstally(*asked)
    assert table.exit_code == 0 and "nyc-east" in table.output and "12.85" in table.output
    assert json.loads(crosstally(*asked, "--json").stdout)["rows"][0]["unit"] == "nyc-east"
    assert "\x1b[" not in crosstally(*asked, NO_COLOR="1", FORCE_COLOR="1").output.replace("\x1b[1m", "").replace(
        "\x1b[0m", ""
    ).replace("\x1b[3m", "")


def test_a_parameter_that_the_hub_does_not_know_is_refused_with_its_words(crosstally, served):
    done = crosstally("--hub", served.base_url, "compare", "rates", "mesure=x", "period=2026-01")
    assert done.exit_code == 1 and "measure" in done.output
