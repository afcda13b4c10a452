"""The questions as SQL, for all who ask SQLite. Imports nothing of ours."""

COLUMNS = "level, unit, city, operator, period, indicator, breakdown, category, value, value_status, lower, upper"
SITE = f"""SELECT {COLUMNS} FROM rows
 WHERE unit = :unit AND breakdown = '' AND period BETWEEN :first AND :last ORDER BY id"""
SITES = f"""SELECT {COLUMNS} FROM rows
 WHERE indicator = :indicator AND breakdown = '' AND period BETWEEN :first AND :last ORDER BY unit, period"""
RATES = """SELECT unit, sum(CASE indicator WHEN 'overdose_events' THEN value END) AS numerator,
 sum(CASE indicator WHEN 'visits_consumption' THEN value END) AS denominator FROM rows
 WHERE indicator IN ('overdose_events', 'visits_consumption') AND breakdown = ''
 AND period BETWEEN :first AND :last GROUP BY unit ORDER BY unit"""
