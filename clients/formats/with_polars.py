"""polars on the Parquet file and the CSV."""

import polars as pl
from story import FILES, fetch, tell

columns = ["level", "unit", "period", "indicator", "breakdown", "category"]
frame = pl.read_parquet(fetch(f"{FILES}/observations.parquet", "observations.parquet"))
assert frame["value"].dtype == pl.Float64
table = pl.read_csv(fetch(f"{FILES}/observations.csv", "observations.csv"), missing_utf8_is_empty_string=True)
words = pl.col(*columns, "value_status").cast(pl.String)
assert frame.select(words, pl.col("value")).equals(table.select(words, pl.col("value").cast(pl.Float64)))
rows = frame.select(pl.col(*columns).cast(pl.String), "value", pl.col("value_status").cast(pl.String)).rows()
tell(["Parquet", "CSV"], [list(row) for row in rows])
