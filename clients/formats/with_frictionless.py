"""frictionless, on the package as it is downloaded and from its address."""

import hashlib
import json
import zipfile

from frictionless import Package, system, validate
from story import FILES, fetch, tell

archive = fetch(f"{FILES}/datapackage.zip", "datapackage.zip")
folder = archive.parent / "package"
with zipfile.ZipFile(archive) as opened:
    opened.extractall(folder)
for line in (folder / "SHA256SUMS").read_text().splitlines():
    told, name = line.split("  ")
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == told
report = validate(str(folder / "datapackage.json"))
assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])[:5]
checks = ["checksums", "valid"]

described = json.loads((folder / "datapackage.json").read_text())
assert described["licenses"][0]["name"] == "CC-BY-4.0"
table = folder / "observations.csv"
right = table.read_bytes()
lines = right.split(b"\r\n")
first = next(number for number, line in enumerate(lines) if b",published," in line)
for wrong in (lines[first], lines[first].replace(b",published,", b",hidden,")):
    table.write_bytes(b"\r\n".join([*lines[:-1], wrong, b""]))
    found = {kind for (kind,) in validate(str(folder / "datapackage.json")).flatten(["type"])}
    assert {"primary-key", "constraint-error"} & found, found
table.write_bytes(right)
checks.append("a row twice and a wrong status are found")

with system.use_context(trusted=True):
    rows = Package(str(folder / "datapackage.json")).get_resource("observations").read_rows()
cells = [
    [
        *(row[name] or "" for name in ("level", "unit", "period", "indicator", "breakdown", "category")),
        None if row["value"] is None else float(row["value"]),
        row["value_status"],
    ]
    for row in rows
]
away = Package(f"{FILES}/datapackage.json").get_resource("observations").read_rows()
assert [row.to_dict() for row in away] == [row.to_dict() for row in rows]
tell([*checks, "from its address"], cells)
