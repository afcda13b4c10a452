"""The tables that the demo prints, from the comparison endpoints alone."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from cli.demo_client import DemoClient

SYNTHETIC_MEASURE, SYNTHETIC_PERIOD = "od_per_1000_visits", "2026-01..2026-06"

# Each real site over the months for which its publisher printed both counts, and by the denominator it printed.
REAL = (
    ("glasgow-thistle", "od_per_1000_episodes", "2025-01..2025-08"),
    ("vancouver-insite", "od_per_1000_visits", "2018-01..2020-04"),
    ("vancouver-powell", "od_per_1000_visits", "2018-01..2020-04"),
)
EXPOSURES = {"od_per_1000_visits": "consumption visits", "od_per_1000_episodes": "consumption episodes"}


def print_tables(client: DemoClient, console: Console) -> None:
    """Print the comparisons, each with its intervals, or bounds where a count is hidden."""
    labels = {site: facts["label"] for site, facts in client.sites().items()}
    answer = client.rates(SYNTHETIC_MEASURE, SYNTHETIC_PERIOD)
    table = _table(f"Overdoses per 1,000 consumption visits, {SYNTHETIC_PERIOD}: synthetic numbers", "Visits")
    for row in answer["rows"]:
        table.add_row(labels[row["unit"]], *_figures(row), _months(row))
    if answer["pooled"]:
        table.add_row("All of these", *_figures({"bounds": None, **answer["pooled"]}), "")
    console.print(table)
    _print_verdict(console, answer)
    console.print(_ratio_table(client, labels))
    console.print(_real_table(client, labels))
    console.print("Published figures. Definitions and denominators differ: these are not values of one rate.")


def _ratio_table(client: DemoClient, labels: dict[str, str]) -> Table:
    answer = client.compare("ratios", measure=SYNTHETIC_MEASURE, period=SYNTHETIC_PERIOD)
    made = Table(title=f"The same, pair by pair, {SYNTHETIC_PERIOD}: synthetic numbers", title_justify="left")
    for heading in ("Site", "Beside"):
        made.add_column(heading)
    for heading in ("Ratio", "95 % interval, or bounds", f"p ({answer['adjustment']['method']})"):
        made.add_column(heading, justify="right")
    for row in answer["rows"]:
        value = row["status"] if row["value"] is None else f"{row['value']:.2f}"
        made.add_row(labels[row["unit"]], labels[row["reference"]], value, _limits(row), _p_value(row["p_adjusted"]))
    return made


def _p_value(value: float | None) -> str:
    return "" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _real_table(client: DemoClient, labels: dict[str, str]) -> Table:
    table = _table("Overdoses per 1,000 at real sites, each over its own months and denominator", "Exposure")
    table.add_column("Of, in")
    for site, measure, period in REAL:
        row = next(row for row in client.rates(measure, period)["rows"] if row["unit"] == site)
        table.add_row(labels[site], *_figures(row), _months(row), f"{EXPOSURES[measure]}, {period}")
    return table


def _table(title: str, exposure: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("Site")
    for heading in ("Overdoses", exposure, "Per 1,000", "95 % interval, or bounds", "Months"):
        table.add_column(heading, justify="right")
    return table


def _figures(row: dict) -> tuple[str, str, str, str]:
    value = "hidden" if row["value"] is None else f"{row['value']:.2f}"
    return _count(row["numerator"]), _count(row["denominator"]), value, _limits(row)


def _months(row: dict) -> str:
    return f"{row['months_contributing']} of {row['months_expected']}"


def _count(value: float | None) -> str:
    return "hidden" if value is None else f"{value:,.0f}"


def _limits(row: dict) -> str:
    ends = row["interval"] or row["bounds"]
    if ends:
        low, high = ends
        between = "{:.2f} to {:.2f}" if row["interval"] else "between {:.2f} and {:.2f}"
        return f"{low:.2f} or more" if high is None else between.format(low, high)
    return ", ".join(row.get("warnings", []))


def _print_verdict(console: Console, answer: dict) -> None:
    verdict = answer["comparability"]
    console.print(f"Comparability: {verdict['status']}")
    for reason in verdict["reasons"]:
        console.print(f"  {reason['code']}: {reason['detail']}")
    console.print(f"Method: {answer['measure']['interval_method']}. Release {answer['release']['id']}.\n")
