"""What looks like a line list: rows or records that each speak of one person, visit or event.

The hub takes aggregates alone, and its closed schemas let nothing else through. This module is for what did not get
through, and for tables before they are read: it tells whoever sent a list of persons that this is what they did.

Two duties shape the thresholds. A true report is never suspected, in any form: what a report holds (codes and labels
of the dictionary, months, counts, also many counts of one) is no evidence. And a suspicion never repeats a word of
what was sent: it is a slug of this module.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import zip_longest

from domain.line_list_words import HEADERS, OF_A_PERSON, PERSONS, RECORD_RESOURCES, TRAITS, plain
from domain.load_dictionary import shipped_dictionaries

MANY_ROWS = 10
"""From this many rows (or records) on, what they have in common is a pattern and no accident."""
HEADER_ROWS = 20
"""Headers stand in one of the first rows, below a title perhaps."""
HEADER_LENGTH = 60
"""What is longer is a sentence, and no header."""
HEADER_WORDS = 4
"""`client number` and `numero du dossier patient` name a column; more words are a sentence that speaks of persons."""
NEAR_UNIQUE = 0.9
"""A column identifies persons if this share of its cells differ, and this share have the form of a name or number."""
FINE_DATES = 2
"""One date that is finer than the month may say when a form was made; two in a column say when things happened."""
TRAIT_COLUMNS = 3
"""That many traits of persons side by side, over MANY_ROWS rows, are persons."""
JUDGED_ROWS = 2000
JUDGED_COLUMNS = 200
"""So much of a table is looked at; a line list shows itself sooner, and a large body costs no more than this."""

Table = Sequence[Sequence[str]]

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_CODE = re.compile(r"(?=\S*\d\S*\d\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_/.:-]{3,}")
_LONG_NUMBER = re.compile(r"0\d{3,}|\d{9,}|\d{3}-\d{2}-\d{4}")
_NAME = re.compile(r"[A-Z][\w'’-]+,?( [A-Z][\w'’-]*\.?){1,3}")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_TIME = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[ap]\.?m\.?)?(Z|[+-]\d{2}:?\d{2})?"
_MIDNIGHT = re.compile(r"([T ]00:00(:00([.,]0+)?)?(Z|\+00:?00)?)?")
_DAY = re.compile(rf"(\d{{4}})[-/](\d{{1,2}})[-/](\d{{1,2}})(?:[T ]{_TIME})?")
_DAY_ABROAD = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{2}})(?:[T ]{_TIME})?")
_DATE_AND_TIME = re.compile(r"([\d/.-]+)(.*)")
_DAY_COMPACT = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")  # larger than any count
_DAY_IN_WORDS = re.compile(r"(\d{1,2}[ .-]+)?[A-Za-z]{3,9}\.?[ -](\d{1,2}, ?)?(19|20)\d\d")
_CLOCK = re.compile(_TIME, re.IGNORECASE)
_TICKED = frozenset({"1", "x", "yes", "y", "true", "si", "oui"})
_TICKS = _TICKED | {"", "0", "no", "n", "false", "non"}
_HL7 = re.compile(r"(MSH|PID|PV1|OBX)\|")


def suspicions(table: Table, own: Collection[str] = ()) -> tuple[str, ...]:
    """Why a table of cells looks like a line list, as slugs in alphabetical order; () where it does not.

    `own` names columns that the form has for itself (a time of export, the codes of its cells) and that are not judged.
    """
    rows = [[cell.strip() for cell in row[:JUDGED_COLUMNS]] for row in table[:JUDGED_ROWS]]
    return tuple(sorted(set(_in_rows(rows, frozenset(map(plain, own))))))


def suspicions_in_json(value: object, own: Collection[str] = ()) -> tuple[str, ...]:
    """As `suspicions`, for a decoded JSON value: keys at any depth, and lists of objects or of lists as tables."""
    return tuple(sorted(set(_in_tree(value, frozenset(map(plain, own))))))


# ---- tables ------------------------------------------------------------------------------------------


def _in_rows(rows: list[list[str]], own: frozenset[str]) -> Iterator[str]:
    at = _header_row(rows)
    header, others = (rows[at], _beside(rows, at)) if at is not None else ([], rows)
    columns = [(_title(header, n), cells) for n, cells in enumerate(_columns(others))]
    judged = [(title, [cell for cell in cells if cell]) for title, cells in columns if title not in own]
    for title, cells in judged:
        if cells:
            yield from kinds_of_header(title)
            yield from _in_column(cells)
    if sum(title in TRAITS and len(cells) >= MANY_ROWS for title, cells in judged) >= TRAIT_COLUMNS:
        yield "person_columns"
    if _is_ones([cells for title, cells in columns if title not in own]):
        yield "many_ones"
    if any(_HL7.match(cell) for row in rows for cell in row):
        yield "health_record"


def _header_row(rows: list[list[str]]) -> int | None:
    """The first of the rows that names a column of persons, else the first one of words alone."""
    wordy = [n for n, row in enumerate(rows[:HEADER_ROWS]) if _is_header(row)]
    telling = (n for n in wordy if any(any(kinds_of_header(plain(cell))) for cell in rows[n]))
    return next(telling, wordy[0] if wordy else None)


def _beside(rows: list[list[str]], header: int) -> list[list[str]]:
    """The rows below the header, and above it those that are as full: then it may be none, but a row like them."""
    return [row for row in rows[:header] if _filled(row) >= _filled(rows[header])] + rows[header + 1 :]


def _filled(row: list[str]) -> int:
    return sum(map(bool, row))


def _is_header(row: list[str]) -> bool:
    cells = [cell for cell in row if cell]
    return bool(cells) and all(len(c) <= HEADER_LENGTH and not _NUMBER.fullmatch(c) and not _is_day(c) for c in cells)


def _title(header: list[str], column: int) -> str:
    return plain(header[column]) if column < len(header) else ""


def _columns(rows: list[list[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    return [[row[n] if n < len(row) else "" for row in rows] for n in range(width)]


def kinds_of_header(title: str) -> Iterator[str]:
    """The kinds of personal columns that a header, as `plain` leaves it, can name."""
    yield from (kind for kind, words in HEADERS.items() if title in words)
    words = set(title.split())
    if len(words) <= HEADER_WORDS and words & PERSONS and words & OF_A_PERSON:
        yield "identifier_column"


def _in_column(cells: list[str]) -> Iterator[str]:
    if len({cell for cell in cells if _is_fine_date(cell)}) >= FINE_DATES:
        yield "timestamps"
    if len({cell for cell in cells if _EMAIL.fullmatch(cell)}) >= FINE_DATES:
        yield "contact_details"
    if _identifies(cells, _CODE) or _identifies(cells, _LONG_NUMBER):
        yield "identifier_column"
    if _identifies(cells, _NAME):
        yield "name_column"


def _identifies(cells: list[str], form: re.Pattern[str]) -> bool:
    """Whether there are many cells, nearly all of them of the form and no two the same."""
    if len(cells) < MANY_ROWS or len(set(cells)) < NEAR_UNIQUE * len(cells):
        return False
    of_the_form = sum(bool(form.fullmatch(c)) and not _is_day(c) and plain(c) not in _vocabulary() for c in cells)
    return of_the_form >= NEAR_UNIQUE * len(cells)


def _is_ones(columns: list[list[str]]) -> bool:
    """Whether many rows are a mere 1 beside words that other rows have too: each of them counts one thing.

    In a report each row has other words, for no cell is there twice; there, ones are counts.
    """
    flags = [cells for cells in columns if any(cells) and all(cell.casefold() in _TICKS for cell in cells)]
    words = [c for c in columns if c not in flags and not all(_NUMBER.fullmatch(cell) for cell in c if cell)]
    height = len(columns[0]) if columns else 0
    ones = [n for n in range(height) if any(cells[n].casefold() in _TICKED for cells in flags)]
    seen = Counter(tuple(cells[n] for cells in words) for n in ones)
    repeated = sum(times - 1 for times in seen.values())
    return repeated >= max(MANY_ROWS - 1, len(ones) / 2)


# ---- dates -------------------------------------------------------------------------------------------


def _is_day(cell: str) -> bool:
    return any(form.fullmatch(cell) for form in (_DAY, _DAY_ABROAD, _DAY_COMPACT))


def _is_fine_date(cell: str) -> bool:
    """Whether a cell is a day, or a time of day; the first of a month at midnight is how a spreadsheet says a month."""
    if any(form.fullmatch(cell) for form in (_CLOCK, _DAY_COMPACT)):
        return True
    words = _DAY_IN_WORDS.fullmatch(cell)
    if words:
        return any(words.groups()[:2])
    day = _DAY.fullmatch(cell) or _DAY_ABROAD.fullmatch(cell)
    return bool(day) and not _is_month(cell)


def _is_month(cell: str) -> bool:
    date, time = _DATE_AND_TIME.findall(cell)[0]
    parts = [int(part) for part in re.split("[-/.]", date)]
    return 1 in (parts[2:] if parts[0] > 31 else parts[:2]) and bool(_MIDNIGHT.fullmatch(time))


# ---- trees -------------------------------------------------------------------------------------------


def _in_tree(value: object, own: frozenset[str]) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _in_object(value, own)
    elif isinstance(value, list) and value:
        yield from _in_list(value, own)
    elif isinstance(value, str) and (_EMAIL.fullmatch(value) or _HL7.match(value)):
        yield "contact_details" if _EMAIL.fullmatch(value) else "health_record"


def _in_object(value: dict, own: frozenset[str]) -> Iterator[str]:
    if str(value.get("resourceType")) in RECORD_RESOURCES:
        yield "health_record"
    keys = {key: plain(str(key)) for key in value}
    for key, title in keys.items():
        yield from kinds_of_header(title) if title not in own else ()
        yield from _in_tree(str(key), own)
        yield from _in_tree(value[key], own) if title not in own or isinstance(value[key], list | dict) else ()
    inner = list(value.values())
    if inner and all(isinstance(row, dict) for row in inner):
        yield from _in_records([{"": key, **row} for key, row in value.items()], own)
    elif inner and all(isinstance(column, list) for column in inner):
        cells = [list(map(_text, column[:JUDGED_ROWS])) for column in inner[:JUDGED_COLUMNS]]
        yield from suspicions([list(map(str, value)), *map(list, zip_longest(*cells, fillvalue=""))], own)


def _in_list(value: list, own: frozenset[str]) -> Iterator[str]:
    for inner in value[:JUDGED_ROWS]:
        yield from _in_tree(inner, own)
    if all(isinstance(row, dict) for row in value):
        yield from _in_records(value, own)
        if len(value) >= MANY_ROWS and all(_is_foreign_record(row, own) for row in value):
            yield "many_records"
    elif all(isinstance(row, list) for row in value):
        yield from suspicions([[_text(cell) for cell in row] for row in value[:JUDGED_ROWS]], own)
    else:
        yield from suspicions([[_text(cell)] for cell in value[:JUDGED_ROWS]], own)


def _in_records(records: list[dict], own: frozenset[str]) -> Iterator[str]:
    keys = list(dict.fromkeys(key for record in records[:JUDGED_ROWS] for key in record))[:JUDGED_COLUMNS]
    rows = [[_text(record.get(key)) for key in keys] for record in records[:JUDGED_ROWS]]
    yield from suspicions([list(map(str, keys)), *rows], own)


def _is_foreign_record(record: dict, own: frozenset[str]) -> bool:
    """Whether an object is a flat record of keys that no form of a report has."""
    known = own | _FORMS
    return (
        bool(record)
        and not any(isinstance(v, dict | list) for v in record.values())
        and not any(plain(str(key)) in known for key in record)
    )


def _text(value: object) -> str:
    """A scalar as a cell of a table; what is nested is looked at elsewhere."""
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None or isinstance(value, dict | list) else str(value)


_FORMS = frozenset({"indicator", "breakdown", "category", "value", "value status", "upper", "rule", "reason"})


@cache
def _vocabulary() -> frozenset[str]:
    """Every code and label of every dictionary: words that a report may say anywhere."""
    return frozenset(plain(word) for dictionary in shipped_dictionaries().values() for word in dictionary.vocabulary)
