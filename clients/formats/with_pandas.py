"""pandas, on the files that anybody may read."""

import io
from urllib.request import urlopen

import pandas as pd
from story import FILES, cells_of_rows, tell

frame = pd.read_csv(f"{FILES}/observations.csv")
assert frame["value"].dtype == "float64" and frame["lower"].dtype == "float64"
assert frame["value_status"].notna().all() and not frame["value"].eq("suppressed").any()
months = frame[frame["period"].str.fullmatch(r"\d{4}-\d{2}")]
assert pd.to_datetime(months["period"]).dt.day.eq(1).all()
with urlopen(f"{FILES}/observations.csv") as answer:
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert 'rel="describedby"' in answer.headers["Link"]
with urlopen(f"{FILES}/observations.csv?bom=1") as answer:
    content = answer.read()
assert content.startswith(b"\xef\xbb\xbf") and pd.read_csv(io.BytesIO(content)).equals(frame)
with urlopen(f"{FILES}/observations.parquet") as answer:
    parquet = pd.read_parquet(io.BytesIO(answer.read()))
assert sorted(map(str, cells_of_rows(parquet))) == sorted(map(str, cells_of_rows(frame)))
tell(["CSV", "CSV for Excel", "Parquet"], cells_of_rows(frame))
