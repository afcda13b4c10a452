"""Line lists made by chance, as strangers might send them: rows, records, trees; each with a planted word somewhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from hypothesis import strategies as st

GIVEN = ("Ana", "Joseph", "Marie", "Luis", "Fatima", "Chen", "Aisha", "Pierre", "Ivan", "Noor", "Tom", "Rosa")
FAMILY = ("Garcia", "Smith", "Nguyen", "Dubois", "Okafor", "Rossi", "Khan", "Müller", "O'Neil", "Silva", "Tremblay")
HEADERS = {
    "identifier": ("client_id", "ID paciente", "Patient No.", "participantCode", "MRN", "SSN", "numéro de dossier",
                   "record_id", "código de cliente", "PersonalID"),
    "name": ("name", "Full Name", "first_name", "apellido", "Nombre completo", "prénom", "nom de famille", "initials"),
    "birth": ("DOB", "dateOfBirth", "date of birth", "fecha de nacimiento", "date_de_naissance", "birth_year"),
    "contact": ("phone", "e-mail", "home address", "teléfono", "correo electrónico", "adresse", "courriel", "ZIP code"),
    "when": ("visit_date", "timestamp", "time in", "fecha de visita", "hora de entrada", "date de visite"),
}  # fmt: skip

first = st.sampled_from(GIVEN)
last = st.sampled_from(FAMILY)
names = st.builds("{} {}".format, first, last)
days = st.dates().map(lambda day: day.isoformat())
moments = st.datetimes().map(lambda at: at.isoformat(timespec="minutes"))
phones = st.integers(10**9, 10**10 - 1).map(lambda n: f"+1 {n // 10**7}-{n // 10**4 % 1000}-{n % 10**4:04}")
emails = st.builds("{}.{}@example.org".format, first, st.integers(1, 999)).map(str.lower)
codes = st.builds("{}-{:05}".format, st.sampled_from(("P", "C", "EH")), st.integers(0, 99999))
VALUES = {"identifier": codes, "name": names, "birth": days, "contact": phones | emails, "when": days | moments}
harmless = st.sampled_from(("man", "woman", "inject", "smoke", "fentanyl", "unknown", "1", "0", "34", ""))
kinds = st.sampled_from(sorted(HEADERS))


@st.composite
def columns(draw: st.DrawFn) -> list[tuple[str, st.SearchStrategy[str]]]:
    """Headers with what stands below them, one or more of them personal."""
    personal = draw(st.lists(kinds, min_size=1, max_size=4, unique=True))
    told = [(draw(st.sampled_from(HEADERS[kind])), VALUES[kind]) for kind in personal]
    beside = [(f"column {n}", harmless) for n in range(draw(st.integers(0, 3)))]
    return draw(st.permutations(told + beside))


@st.composite
def tables(draw: st.DrawFn, *, planted: str = "") -> list[list[str]]:
    """A header, then rows of persons; the planted word is somewhere in it."""
    made = draw(columns())
    height = draw(st.integers(1, 15))
    rows = [[title for title, _ in made], *([draw(cells) for _, cells in made] for _ in range(height))]
    if planted:
        row = rows[draw(st.integers(1, height))]
        row[draw(st.integers(0, len(made) - 1))] = planted
        if draw(st.booleans()):
            rows = [[*row, planted if n == 0 else "1"] for n, row in enumerate(rows)]
    return rows


@st.composite
def headless(draw: st.DrawFn) -> list[list[str]]:
    """Rows without a header; nothing but their values tells what they are."""
    height = draw(st.integers(12, 40))
    telling = draw(st.sampled_from(("identifier", "when")))
    cells = st.integers(0, 10**6).map("P-{:06}".format) if telling == "identifier" else moments
    told = draw(st.lists(cells, min_size=height, max_size=height, unique=True))
    return [[cell, draw(harmless), draw(harmless)] for cell in told]


@st.composite
def ones(draw: st.DrawFn) -> list[list[str]]:
    """A row for each visit, counting one."""
    groups = draw(st.lists(st.tuples(harmless, harmless), min_size=1, max_size=2, unique=True))
    height = draw(st.integers(24, 60))
    return [["age group", "route", "visits"], *([*groups[n % len(groups)], "1"] for n in range(height))]


def as_records(table: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def as_csv(table: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue()


def nested(records: list[dict[str, str]]) -> dict[str, object]:
    return {"site": "nyc-east", "data": {"month": "2026-05", "visits": records}}


def by_key(records: list[dict[str, str]]) -> dict[str, object]:
    return {f"row {n}": record for n, record in enumerate(records)}


def columnar(records: list[dict[str, str]]) -> dict[str, object]:
    return {key: [record[key] for record in records] for key in records[0]}


def bundle(records: list[dict[str, str]]) -> dict[str, object]:
    return {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", **r}} for r in records]}


TREES: tuple[Callable[[list[dict[str, str]]], object], ...] = (list, nested, by_key, columnar, bundle)


def trees(*, planted: str = "") -> st.SearchStrategy[object]:
    """JSON values that hold persons: lists, deeper down, under keys of their own, by column, as FHIR."""
    records = tables(planted=planted).map(as_records)
    return st.builds(lambda shape, some: shape(some), st.sampled_from(TREES), records)
