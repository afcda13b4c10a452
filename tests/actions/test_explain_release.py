"""Why cells are hidden: all of it for the steward, for an operator what is about its own sites."""

import re

import pytest

from actions.attack_release import attack_release
from actions.cut_release import cut_release
from actions.explain_release import explain_release
from actions.preview_release import preview_release, preview_report
from actions.read_report import read_report
from domain.periods import Month
from domain.refusals import NotFound, ReleaseRefused, ScopeMissing
from domain.release import Inclusion, Reason
from tests.builders import (
    MAY,
    RESEARCHER,
    STEWARD,
    furnish,
    make_hub,
    operator_principal,
    report,
    rows_told,
    submit_and_accept,
)


@pytest.fixture
def hub(tmp_path):
    hub = furnish(make_hub(tmp_path))
    submit_and_accept(hub, "nyc-east", MAY, report(overdose_events=4))
    submit_and_accept(hub, "ri-providence", MAY, report())
    yield hub
    hub.database.close()


def cells(explained):
    return {(cell.unit, cell.cell): cell.reason for cell in explained.cells}


def test_the_steward_reads_why_each_cell_is_hidden(hub):
    release = cut_release(hub, by=STEWARD, publish=False)
    why = cells(explain_release(hub, by=STEWARD, release=release))
    assert why["nyc-east", "overdose_events"] == "small"
    assert why["ri-providence", "ems_calls"] == "sent_as_bound"
    assert why["ri-providence", "overdose_events/overdose_type/mixed"] == "small"
    assert "complement" in why.values()


def test_an_operator_reads_of_its_own_sites_only(hub):
    release = cut_release(hub, by=STEWARD, publish=True)
    explained = explain_release(hub, by=operator_principal("nyc"), release=release)
    assert {cell.unit for cell in explained.cells} == {"nyc-east"}


def test_what_has_no_explanation_is_not_found_and_readers_get_none(hub):
    with pytest.raises(NotFound):
        explain_release(hub, by=STEWARD, release="2026-07-15.9")
    with pytest.raises(ScopeMissing):
        explain_release(hub, by=RESEARCHER, release=cut_release(hub, by=STEWARD, publish=True))


def test_a_correction_that_waits_is_explained_by_its_indicators(hub):
    cut_release(hub, by=STEWARD, publish=True)
    etag = read_report(hub, by=STEWARD, site="ri-providence", month=MAY).revision.etag
    corrected = report(revision_reason="late_entries", referrals_made=99)
    submit_and_accept(hub, "ri-providence", MAY, corrected, if_match=frozenset({etag}))
    release = cut_release(hub, by=STEWARD, publish=True)
    assert explain_release(hub, by=STEWARD, release=release).waiting == {"ri-providence/2026-05": ["referrals_made"]}
    rows = {row.key.name.indicator: row for row in rows_told(hub, release) if row.level == "site"}
    assert rows["referrals_made"].value == 97


def test_a_preview_of_the_release_is_what_the_cut_then_holds_and_keeps_nothing(hub):
    overview = preview_release(hub, by=STEWARD)
    assert overview.inclusions[("nyc-east", MAY)] is Inclusion.INCLUDED
    assert overview.reasons[Reason.SMALL] > 0
    shown, hidden = (sum(pair[n] for pair in overview.rows.values()) for n in (0, 1))
    with pytest.raises(NotFound):
        explain_release(hub, by=STEWARD, release="2026-07-15.1")
    release = cut_release(hub, by=STEWARD, publish=True)
    explained = explain_release(hub, by=STEWARD, release=release)
    assert len(explained.cells) == hidden
    assert shown > 0


def test_an_operators_preview_does_not_change_with_anybody_elses_counts(hub):
    by = operator_principal("nyc")
    before = preview_report(hub, by=by, site="nyc-east", month=MAY)
    submit_and_accept(hub, "sf-tenderloin", MAY, report(overdose_events=7))
    assert preview_report(hub, by=by, site="nyc-east", month=MAY) == before
    why = {cell.key.name.indicator: cell.reason for cell in before if not cell.is_shown and not cell.key.name.breakdown}
    assert why["overdose_events"] is Reason.SMALL


def test_the_preview_of_another_operators_report_is_not_found(hub):
    with pytest.raises(NotFound):
        preview_report(hub, by=operator_principal("sf"), site="nyc-east", month=MAY)


def test_a_month_that_has_not_settled_waits_for_its_first_release(tmp_path):
    hub = furnish(make_hub(tmp_path, settling_days=44))
    submit_and_accept(hub, "nyc-east", MAY, report())
    submit_and_accept(hub, "nyc-east", Month(2026, 6), report(days=30))
    assert set(preview_release(hub, by=STEWARD).inclusions) == {("nyc-east", MAY)}
    hub.database.close()


def test_the_attack_on_a_published_release_finds_nothing_and_finds_what_is_planted(hub):
    release = cut_release(hub, by=STEWARD, publish=True)
    assert attack_release(hub, by=STEWARD, release=release).breaches == ()
    file = hub.artefacts.root / release / "observations.csv"
    lines = file.read_text().splitlines(keepends=True)
    tampered = [re.sub(r",,suppressed,.*", ",3,published,,", line) if ",mixed," in line else line for line in lines]
    file.write_text("".join(tampered))
    found = attack_release(hub, by=STEWARD, release=release).breaches
    assert ("/site/ri-providence/2026-05/overdose_events/overdose_type/mixed", "anyone") in found
    with pytest.raises(ReleaseRefused, match=release):
        cut_release(hub, by=STEWARD, publish=True)
