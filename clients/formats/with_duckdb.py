"""DuckDB on the Parquet file."""

import duckdb
from story import FILES, fetch, tell

path = fetch(f"{FILES}/observations.parquet", "observations.parquet")
columns = "level, unit, period, indicator, breakdown, category, value, value_status"
rows = duckdb.sql(f"select {columns} from '{path}'").fetchall()
hidden = duckdb.sql(f"select count(*), count(value) from '{path}' where value_status = 'suppressed'").fetchall()
assert hidden[0][0] and not hidden[0][1]
told = dict(duckdb.sql(f"select decode(key), decode(value) from parquet_kv_metadata('{path}')").fetchall())
assert told["license"] == "CC-BY-4.0" and told["release"]
tell(["SQL", "metadata"], [list(row) for row in rows])
