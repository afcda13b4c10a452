"""csvw, from the address of the metadata alone."""

from csvw import CSVW
from story import FILES, tell

read = CSVW(f"{FILES}/observations.csv-metadata.json", validate=True)
assert read.is_valid and not read.warnings, read.warnings
cells = [
    [
        *(str(row[name] or "") for name in ("level", "unit", "period", "indicator", "breakdown", "category")),
        None if row["value"] is None else float(row["value"]),
        row["value_status"],
    ]
    for row in read.tables[0].iterdicts(strict=True)
]
tell(["valid without a warning"], cells)
