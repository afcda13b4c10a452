"""Made-up lines of an operator, and a count of them without any of the tool's code."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

COLUMNS = ("time", "kind", "person", "routes", "age", "doses", "reversal", "note")
ZONE = ZoneInfo("America/New_York")
ROUTES = {"Inject": "inject", "smoke ": "smoke", "Snort": "snort", "Oral": "oral"}
AGES = {"<20": "under_20", "20-29": "20_29", "30-39": "30_39", "40-49": "40_49"}
TYPES = {"opioid": "opioid", "stim": "stimulant"}
FIRST = datetime(2026, 4, 20, tzinfo=UTC)

MAPPING = """
dictionary = "2026.1"
site_time_zone = "America/New_York"
site = "nyc-east"

[export]
time = "time"
time_format = "%Y-%m-%d %H:%M:%S"
time_zone = "UTC"
person = ["person"]

[about]
visit_basis = "consumption"
unique_method = "self_code"
unique_scope = "site"
ems_policy = "clinical_judgement"
overdose_definition = "core"

[indicators.operating_days]
count = "days"

[indicators.operating_hours]
count = "given"

[indicators.visits_consumption]
count = "lines"
where = {kind = ["Visit"]}

[indicators.visits_consumption.by.route_any]
column = "routes"
separator = ";"
values = {inject = ["inject"], smoke = ["smoke"], snort = ["snort"], oral = ["oral"]}

[indicators.participants_unique]
count = "persons"
where = {kind = ["visit"]}

[indicators.participants_unique.by.age_band]
column = "age"
values = {under_20 = ["<20"], 20_29 = ["20-29"], 30_39 = ["30-39"], 40_49 = ["40-49"]}

[indicators.overdose_events]
count = "lines"
where = {kind = ["overdose"]}

[indicators.overdose_events.by.overdose_type]
column = "reversal"
empty = "other_unknown"
values = {opioid = ["opioid"], stimulant = ["stim"]}

[indicators.naloxone_doses_onsite]
count = "sum"
column = "doses"

[indicators.ems_calls]
status = "not_collected"

[indicators.participants_connected]
status = "not_collected"

[indicators.referrals_made]
status = "not_collected"

[indicators.deaths_overdose_onsite]
count = "given"
"""


def made_up(count: int, seed: int, persons: int = 3000) -> Iterator[tuple[str, ...]]:
    """Lines from late April to early June, in any order; months of the site end hours after those of UTC."""
    chance = random.Random(seed)
    for _ in range(count):
        moment = FIRST + timedelta(seconds=chance.randrange(50 * 86400))
        kind = chance.choices(("Visit", "visit", "overdose", "referral"), (60, 38, 1, 1))[0]
        routes = ";".join(chance.choices(list(ROUTES), k=chance.choice((0, 1, 1, 1, 2, 3))))
        yield (
            f"{moment:%Y-%m-%d %H:%M:%S}",
            kind,
            f"code-{chance.randrange(persons)}",
            routes,
            chance.choice([*AGES, ""]),
            str(chance.choice((1, 2))) if kind == "overdose" else "",
            chance.choice([*TYPES, ""]) if kind == "overdose" else "",
            "Rosa Quimby was here",
        )


def write(path: Path, lines: Iterator[tuple[str, ...]]) -> Path:
    """The lines as a CSV."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(lines)
    return path


def counted(path: Path, year: int, month: int) -> Mapping[str, object]:
    """The counts of a month, line by line in plain Python."""
    visits, overdoses, doses = 0, 0, 0
    routes, types = Counter(), Counter()
    days, ages = set(), {}
    with path.open(newline="") as file:
        for row, line in enumerate(csv.DictReader(file)):
            at = datetime.strptime(line["time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).astimezone(ZONE)
            if (at.year, at.month) != (year, month):
                continue
            days.add(at.date())
            doses += int(line["doses"] or 0)
            if line["kind"].lower() == "visit":
                visits += 1
                routes.update({ROUTES[route] for route in line["routes"].split(";") if route} or {"unknown"})
                ages.setdefault(line["person"], []).append((at, row, AGES.get(line["age"], "unknown")))
            if line["kind"] == "overdose":
                overdoses += 1
                types[TYPES.get(line["reversal"], "other_unknown")] += 1
    last = Counter(max(said)[2] for said in ages.values())
    return {
        "days": len(days), "visits": visits, "routes": routes, "persons": len(ages), "ages": last,
        "overdoses": overdoses, "types": types, "doses": doses,
    }  # fmt: skip
