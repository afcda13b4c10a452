"""ADX of a release keeps the rules of the standard, and has no number where there is none."""

import pytest
from hypothesis import given, settings

from domain.release import Observation
from formats.observations_adx import write_adx
from tests.domain.test_cube import CELLS, UNITS, cube_of, everything, rows_of_releases
from tests.formats.made_up import AT
from tests.formats.schemas import faults_in_adx


def written(rows) -> bytes:
    cube = cube_of(rows)
    return b"".join(write_adx(cube.rows(everything(cube)), AT))


@settings(max_examples=40)
@given(rows=rows_of_releases.filter(lambda rows: any(row.value is not None for row in rows)))
def test_every_message_keeps_the_rules(rows):
    assert faults_in_adx(written(rows)) == []


def test_what_is_hidden_is_left_out_and_the_group_says_so():
    row = Observation(*UNITS[0], "2026-Q1", *CELLS[1], None, "suppressed", 0, 10)
    content = written([Observation(*UNITS[0], "2026-Q1", *CELLS[0], 412, "published"), row]).decode()
    assert 'orgUnit="a" level="site" period="2026-01-01/P3M" comment="suppressed: visits/route/smoke"' in content
    assert content.count("<dataValue") == 1


@pytest.mark.parametrize(
    ("good", "wrong"),
    [(' value="412"', ""), ('"412"', '"&lt;5"'), (' period="2026-01-01/P3M"', ""), ("2026-01-01/P3M", "2026-Q1")],
)
def test_the_rules_find_what_is_wrong(good, wrong):
    content = written([Observation(*UNITS[0], "2026-Q1", *CELLS[0], 412, "published")]).decode()
    assert good in content
    assert faults_in_adx(content.replace(good, wrong).encode())
