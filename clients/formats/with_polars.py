"""polars on the Parquet file and the CSV."""

import polars as pl
from story import FILES, fetch, tell

columns = ["level", "unit", "period", "indicator", "breakdown", "category"]
frame = pl.read_parquet(fetch(f"{FILES}/observations.parquet", "observations.parquet"))
assert frame["value"].dtype == pl.Float64
table = pl.read_csv(fetch(f"{FILES}/observations.csv", "observations.csv"))
words = (pl.col(name).cast(pl.String).fill_null("") for name in columns)
shown = [*words, "value", pl.col("value_status").cast(pl.String)]
rows = frame.select(shown).rows()
assert table.select(shown).rows() == rows
tell(["Parquet", "CSV"], [list(row) for row in rows])
