"""The empty forms that the command writes are those that the hub gives out, and reads."""

from domain.load_dictionary import shipped_dictionaries
from formats.reports import tidy_csv, xlsx

READERS = {".csv": tidy_csv.read, ".xlsx": xlsx.read}


def test_an_empty_form_of_each_kind_for_each_dictionary_is_written_and_read(command, tmp_path):
    folder = tmp_path / "new" / "forms"
    answer = command("templates", str(folder))
    assert answer.exit_code == 0
    written = sorted(folder.iterdir())
    assert answer.output.split() == [str(path) for path in written]
    assert {path.name for path in written} == {
        f"report-{version}{kind}" for version in shipped_dictionaries() for kind in READERS
    }
    for path in written:
        sheet = READERS[path.suffix](path.read_bytes(), shipped_dictionaries())
        assert sheet.content["dictionary"] == path.stem.removeprefix("report-")
        assert {fault.code for fault in sheet.faults} == {"empty"}, "what is needed is not filled in"


def test_a_file_in_the_way_is_told_so(command, tmp_path):
    (tmp_path / "there").write_text("x")
    answer = command("templates", str(tmp_path / "there"))
    assert answer.exit_code == 2
    assert "is a file" in answer.output


def test_forms_that_are_there_are_written_anew(command, tmp_path):
    command("templates", str(tmp_path))
    before = {path.name: path.read_bytes() for path in tmp_path.glob("report-*")}
    (tmp_path / "report-2026.1.csv").write_text("x")
    command("templates", str(tmp_path))
    assert {path.name: path.read_bytes() for path in tmp_path.glob("report-*")} == before
