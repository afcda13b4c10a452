"""Lines of an export become a report on this machine, and nothing of a line leaves it or is repeated."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.client import lines as made

SECRET = "Quimby"
GIVEN = ("--given", "operating_hours=8", "--given", "deaths_overdose_onsite=0")


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(made.MAPPING)
    return path


@pytest.fixture
def aggregate(crosstally, mapping: Path, tmp_path: Path):
    """Run the command on an export; answers the result and the report, if one was written."""

    def run(export: Path, *more: object, month: str | None = "2026-05"):
        to = tmp_path / "report.json"
        to.unlink(missing_ok=True)
        named = ("--month", month) if month else ()
        done = crosstally("aggregate", export, "--mapping", mapping, "--to", to, *named, *GIVEN, *more)
        return done, json.loads(to.read_text())["indicators"] if to.exists() else None

    return run


def few(tmp_path: Path, *rows: tuple[str, ...], columns: tuple[str, ...] = made.COLUMNS) -> Path:
    path = tmp_path / "few.csv"
    path.write_text("\n".join(",".join(row) for row in (columns, *rows)) + "\n")
    return path


def line(time: str = "2026-05-10 12:00:00", kind: str = "visit", person: str = "a", **others: str) -> tuple[str, ...]:
    given = {"time": time, "kind": kind, "person": person, **others}
    return tuple(given.get(column, "") for column in made.COLUMNS)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_counts_are_those_of_a_count_line_by_line(aggregate, tmp_path, seed):
    export = made.write(tmp_path / "export.csv", made.made_up(4000, seed, persons=300))
    done, report = aggregate(export, "--given", "operating_hours=248")
    wanted = made.counted(export, 2026, 5)
    assert done.exit_code == 0, done.output
    assert report["operating_days"]["total"] == wanted["days"]
    assert report["visits_consumption"]["total"] == wanted["visits"]
    assert report["visits_consumption"]["by"]["route_any"] == {"other": 0, **wanted["routes"]}
    assert report["participants_unique"]["total"] == wanted["persons"]
    ages = report["participants_unique"]["by"]["age_band"]
    assert {code: n for code, n in ages.items() if n} == wanted["ages"]
    assert sum(ages.values()) == wanted["persons"]
    assert report["overdose_events"]["total"] == wanted["overdoses"]
    assert report["overdose_events"]["by"]["overdose_type"] == {"mixed": 0, **wanted["types"]}
    assert report["naloxone_doses_onsite"]["total"] == wanted["doses"]


def test_a_month_is_the_one_where_the_site_is(aggregate, tmp_path):
    # Four in the morning in London is the evening before in New York.
    export = few(
        tmp_path, line("2026-05-01 03:59:59"), line("2026-05-01 04:00:00"), line("2026-06-01 03:59:59", person="b")
    )
    assert aggregate(export)[1]["visits_consumption"]["total"] == 2


def test_where_all_lines_are_of_one_month_it_need_not_be_said(aggregate, tmp_path):
    assert aggregate(few(tmp_path, line()), month=None)[1]["visits_consumption"]["total"] == 1
    done, _ = aggregate(few(tmp_path, line(), line("2026-03-03 10:00:00")), month=None)
    assert done.exit_code == 2 and "2026-03 (1 lines), 2026-05 (1 lines)" in done.output


def test_a_workbook_is_counted_like_the_csv(aggregate, tmp_path):
    rows = [line(routes="inject;smoke"), line(routes="smoke", person="b")]
    book = Workbook()
    for row in (made.COLUMNS, *rows):
        book.active.append(row)
    book.save(tmp_path / "export.xlsx")
    assert aggregate(tmp_path / "export.xlsx")[1] == aggregate(few(tmp_path, *rows))[1] is not None


def test_values_in_no_list_are_told_by_row_and_not_dropped(aggregate, tmp_path):
    done, report = aggregate(few(tmp_path, line(), line(routes=f"inject;{SECRET}")))
    assert done.exit_code == 1 and report is None
    assert "1 values of routes are in no list of the mapping, in 1 rows: 3" in done.output
    assert SECRET not in done.output


def test_values_in_no_list_are_counted_as_the_mapping_says(aggregate, tmp_path, mapping):
    mapping.write_text(made.MAPPING.replace('separator = ";"', 'separator = ";"\nunmapped = "other"'))
    done, report = aggregate(few(tmp_path, line(routes=f"inject;{SECRET}")))
    assert report["visits_consumption"]["by"]["route_any"] == {
        "inject": 1, "smoke": 0, "snort": 0, "oral": 0, "other": 1, "unknown": 0,
    }  # fmt: skip
    assert "counted as other" in done.output and SECRET not in done.output


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"time": SECRET}, "time is not a time"),
        ({"doses": SECRET}, "doses is no number of 0 or more in 1 rows: 3"),
        ({"doses": "-1"}, "doses is no number of 0 or more"),
        ({"doses": "NaN"}, "doses is no number of 0 or more"),
        ({"kind": "overdose", "reversal": SECRET}, "1 values of reversal"),
    ],
)
def test_what_cannot_be_counted_is_named_by_column_and_row_alone(aggregate, tmp_path, changed, words):
    done, report = aggregate(few(tmp_path, line(), line(**changed)))
    assert done.exit_code == 1 and report is None
    assert words in done.output and SECRET not in done.output


def test_a_broken_table_is_refused_without_quoting_it(aggregate, tmp_path):
    export = tmp_path / "broken.csv"
    export.write_text(f'time,kind,person,routes,age,doses,reversal,note\n"{SECRET},1\n{SECRET}"x,2,3,4,5,6,7,8,9,10\n')
    done, _ = aggregate(export)
    assert done.exit_code == 1 and SECRET not in done.output


def test_lines_that_do_not_say_who_are_told_and_nobody_is_counted_for_them(aggregate, tmp_path):
    done, report = aggregate(few(tmp_path, line(), line(person="  "), line(person="b")))
    assert report["participants_unique"]["total"] == 2
    assert report["visits_consumption"]["total"] == 3
    assert "participants_unique: nobody is counted for lines that do not say who: 1 rows: 3" in done.output


def test_of_what_a_person_said_the_last_counts_where_categories_add_up(aggregate, tmp_path):
    export = few(tmp_path, line("2026-05-20 12:00:00", age="30-39"), line("2026-05-02 12:00:00", age="20-29"))
    ages = aggregate(export)[1]["participants_unique"]["by"]["age_band"]
    assert ages["30_39"] == 1 and sum(ages.values()) == 1


def test_small_counts_are_shown_before_anything_is_sent(aggregate, tmp_path):
    done, _ = aggregate(few(tmp_path, line(), line(person="b")))
    assert "small counts" in done.output and "/indicators/participants_unique/total" in done.output


def test_a_report_that_breaks_a_rule_is_not_written(aggregate, tmp_path):
    done, report = aggregate(few(tmp_path, line()), "--given", "operating_hours=999")
    assert done.exit_code == 1 and report is None and "r05" in done.output


def test_columns_that_are_not_mapped_are_never_read(aggregate, tmp_path, mapping):
    from crosstally.aggregation.mapping import load
    from crosstally.aggregation.reading import read_export

    frame = read_export(few(tmp_path, line(note=SECRET)), load(mapping))
    assert "note" not in frame.columns and "person" not in frame.columns


def test_keys_of_persons_are_others_in_each_run(tmp_path, mapping):
    from crosstally.aggregation.mapping import load
    from crosstally.aggregation.reading import PERSON, read_export

    one, other = (read_export(few(tmp_path, line()), load(mapping))[PERSON][0] for _ in range(2))
    assert one != other


def test_nothing_is_written_but_the_report(aggregate, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    export = few(tmp_path, line(note=SECRET))
    done, _ = aggregate(export)
    assert done.exit_code == 0, done.output
    written = {path for path in tmp_path.rglob("*") if path.is_file()} - before - {export}
    assert [path.name for path in written] == ["report.json"]
    assert SECRET not in (tmp_path / "report.json").read_text()


def test_nothing_is_sent(aggregate, tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert aggregate(few(tmp_path, line()))[0].exit_code == 0


def test_the_report_is_sent_when_asked_for_and_confirmed(as_nyc, tmp_path, mapping):
    export = few(tmp_path, *(line(person=str(n), time=f"2026-06-{n % 28 + 1:02} 12:00:00") for n in range(40)))
    command = ("aggregate", export, "--mapping", mapping, "--to", tmp_path / "r.json", *GIVEN, "--submit")
    refused = as_nyc(*command, input="n\n")
    assert refused.exit_code == 1 and "revision" not in refused.output
    sent = as_nyc(*command, input="y\n")
    assert sent.exit_code == 0 and "nyc-east 2026-06: revision 1 stored" in sent.output, sent.output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('count = "days"', 'count = "dayz"', "operating_days: count is one of"),
        ("inject = [", "injekt = [", "route_any: there is no code injekt"),
        ('person = ["person"]', "", "export.person"),
        ("[indicators.referrals_made]", "[indicators.referrals]", "there is no indicator referrals"),
        ('"America/New_York"', '"New York"', "is no time zone"),
        ('snort = ["snort"]', 'snort = ["smoke"]', "a value is listed twice"),
        ('[export]\ntime = "time"', "[export]", "not built like a mapping"),
        ("[about]", "[about", "mapping.toml"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_where_and_why(aggregate, tmp_path, mapping, old, new, words):
    mapping.write_text(made.MAPPING.replace(old, new))
    done, report = aggregate(few(tmp_path, line()))
    assert done.exit_code == 1 and report is None and words in done.output


def test_a_column_that_is_not_there_is_named(aggregate, tmp_path):
    done, _ = aggregate(few(tmp_path, ("x",), columns=("time",)))
    assert done.exit_code == 1 and "no column age, doses, kind" in done.output


def test_another_encoding_is_read_where_the_mapping_names_it(aggregate, tmp_path, mapping):
    export = tmp_path / "latin.csv"
    export.write_bytes(few(tmp_path, line(person="Zoë"), line(person="Zoe")).read_text().encode("latin-1"))
    assert aggregate(export)[0].exit_code == 1
    mapping.write_text(made.MAPPING.replace("[export]", '[export]\nencoding = "latin-1"'))
    assert aggregate(export)[1]["participants_unique"]["total"] == 2


ANSWERS = {
    "Columns that tell persons apart": "person",
    "Time zone of these times": "UTC",
    "operating_hours": "given",
    "participants_connected": "not_collected",
    "referrals_made": "not_collected",
    "ems_calls": "not_collected",
    "deaths_overdose_onsite": "given",
    "visits_consumption / Only some lines": "kind",
    "visits_consumption / Values that count": "visit",
    "visits_consumption / Column for its breakdown route_any": "routes",
    "visits_consumption / smoking is": "smoke",
    "participants_unique / Only some lines": "kind",
    "participants_unique / Values that count": "visit",
    "overdose_events / Only some lines": "kind",
    "overdose_events / Values that count": "overdose",
}


class Answering:
    """Somebody who answers what they are asked about an indicator, else takes what is suggested."""

    def __init__(self) -> None:
        self.about, self.asked = "", []

    def __call__(self, words: str, default: str, choices: object = None) -> str:
        if not words.startswith(" ") and ":" in words:
            self.about = words.partition(":")[0]
        question = f"{self.about} / {words.strip()}" if words.startswith(" ") else words
        self.asked.append(question)
        answer = next((answer for known, answer in ANSWERS.items() if question.startswith(known)), default)
        assert choices is None or answer in choices
        return answer


def test_the_mapping_is_built_by_asking_and_then_counts(aggregate, tmp_path, mapping):
    from crosstally import aggregation

    rows = line(routes="Inject;smoking"), line(routes="Snort", person="b"), line(kind="overdose")
    export, somebody = few(tmp_path, *rows), Answering()
    frame = aggregation.read_columns(export, aggregation.Export(time="", time_format=""))
    known = aggregation.shipped_dictionaries()
    content = aggregation.build(frame, known[max(known)], somebody, {"separator": ","})
    mapping.write_text(aggregation.written(content))
    done, report = aggregate(export)
    assert done.exit_code == 0, done.output
    assert report["visits_consumption"] == {
        "total": 2,
        "by": {"route_any": {"inject": 1, "smoke": 1, "snort": 1, "oral": 0, "other": 0, "unknown": 0}},
    }
    assert report["participants_unique"]["total"] == 2 and report["overdose_events"]["total"] == 1


def test_building_a_mapping_shows_no_column_of_many_values(tmp_path):
    from crosstally import aggregation

    export = few(tmp_path, *(line(kind=f"{SECRET} {number}") for number in range(60)))
    somebody = Answering()
    frame = aggregation.read_columns(export, aggregation.Export(time="", time_format=""))
    known = aggregation.shipped_dictionaries()
    aggregation.build(frame, known[max(known)], somebody, {})
    assert not [words for words in somebody.asked if SECRET in words]


def test_in_a_terminal_what_is_suggested_makes_a_mapping(crosstally, tmp_path, monkeypatch):
    monkeypatch.setattr("crosstally.commands.aggregating._is_terminal", lambda: True)
    built = tmp_path / "built.toml"
    done = crosstally("aggregate", few(tmp_path, line()), "--mapping", built, input="\n" * 200)
    assert f"Kept in {built}" in done.output, done.output
    assert 'time_format = "%Y-%m-%d %H:%M:%S"' in built.read_text()


def test_without_a_terminal_a_missing_mapping_is_said(crosstally, tmp_path):
    done = crosstally("aggregate", few(tmp_path, line()), "--mapping", tmp_path / "none.toml")
    assert done.exit_code == 2 and "run this once in a terminal" in done.output


def test_the_extra_is_named_where_it_is_missing(crosstally, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    for name in [n for n in sys.modules if n.startswith("crosstally.aggregation")]:
        monkeypatch.delitem(sys.modules, name)
    done = crosstally("aggregate", few(tmp_path, line()))
    assert done.exit_code == 7 and "crosstally[aggregate]" in done.output
