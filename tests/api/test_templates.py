"""Templates: public and empty, or one's own with the month before beside each field."""

import csv
import io

from openpyxl import load_workbook

from formats.reports import tidy_csv, xlsx
from tests.builders import EXAMPLE, body
from tests.formats.reports.files import changed_workbook

MINE = "/v1/sites/nyc-east/reports/2026-06/template"


def counts(data: bytes) -> dict[str, tuple]:
    rows = load_workbook(io.BytesIO(data))["Counts"].iter_rows(min_row=2, values_only=True)
    return {row[7]: row for row in rows if row[7] and not row[8]}


def test_anyone_gets_the_empty_workbook_or_csv(doors):
    nobody = doors("nobody")
    book = nobody("GET", "/v1/templates/2026.1")
    assert (book.status_code, book.mimetype) == (200, xlsx.MEDIA_TYPE)
    assert book.headers["Content-Disposition"] == 'attachment; filename="report-2026.1.xlsx"'
    assert all(row[1] is None and row[3] is None for row in counts(book.data).values())
    by_accept = nobody("GET", "/v1/templates/2026.1", headers={"Accept": "text/csv"})
    assert nobody("GET", "/v1/templates/2026.1?format=csv").data == by_accept.data
    assert tuple(next(csv.reader(io.StringIO(by_accept.text)))) == tidy_csv.COLUMNS
    assert nobody("GET", "/v1/templates/1999.1").status_code == 404
    assert nobody("GET", "/v1/templates/2026.1?format=pdf").status_code == 422


def test_ones_own_template_shows_the_month_before(doors):
    nyc = doors("nyc")
    nyc("PUT", "/v1/sites/nyc-east/reports/2026-05", json=EXAMPLE)
    answer = nyc("GET", MINE)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    shown = counts(answer.data)
    assert (shown["referrals_made"][1], shown["referrals_made"][3]) == (None, "97")
    assert nyc("GET", "/v1/sites/nyc-north/reports/2026-06/template").status_code == 200
    assert nyc("GET", MINE + "?format=csv").mimetype == "text/csv"


def test_a_filled_template_is_taken_for_its_own_month_alone(doors):
    nyc = doors("nyc")
    filled = nyc("GET", MINE).data
    sent = nyc("PUT", "/v1/sites/nyc-east/reports/2026-06", json=body(days=30))
    full = nyc("GET", "/v1/sites/nyc-east/reports/2026-06?format=xlsx").data
    book = load_workbook(io.BytesIO(full))
    typed = {
        name: {cell.coordinate: cell.value for row in book[name][cells] for cell in row if cell.value is not None}
        for name, cells in (("About", "B2:B15"), ("Counts", "B2:C500"))
    }
    made = changed_workbook(filled, typed)
    again = nyc("PUT", "/v1/sites/nyc-east/reports/2026-06", data=made, content_type=xlsx.MEDIA_TYPE)
    assert (again.status_code, again.headers["ETag"]) == (200, sent.headers["ETag"])
    other = nyc("PUT", "/v1/sites/nyc-east/reports/2026-05", data=made, content_type=xlsx.MEDIA_TYPE)
    assert (other.status_code, other.json["errors"][0]["code"]) == (422, "other_month")


def test_nobody_gets_a_template_with_what_others_reported(doors):
    doors("nyc")("PUT", "/v1/sites/nyc-east/reports/2026-05", json=EXAMPLE)
    assert doors("nobody")("GET", MINE).status_code == 401
    assert doors("ri")("GET", MINE).status_code == 404
    assert doors("steward")("GET", MINE).status_code == 403


def test_months_before_all_dictionaries_have_no_template(doors):
    assert doors("nyc")("GET", "/v1/sites/nyc-east/reports/1990-01/template").status_code == 404
    assert doors("nyc")("GET", "/v1/sites/nyc-east/reports/2003-01/template").status_code == 200
