"""What every story begins and ends with: the hub that it reads, and the cells that it found.

A story is run as `python with_CLIENT.py SETTINGS`, a JSON file with `hub`, `token` and `release`. It prints what it has
tried and, if it read a whole release, every cell as level, unit, period, indicator, breakdown, category, value, status.
"""

import json
import sys
from pathlib import Path
from tempfile import mkdtemp
from urllib.request import Request, urlopen

SETTINGS = json.loads(Path(sys.argv[1]).read_text())
HUB, RELEASE = SETTINGS["hub"], SETTINGS["release"]
HEADERS = {"Authorization": f"Bearer {SETTINGS['token']}"}
FILES = f"{HUB}/v1/releases/{RELEASE}/files"
SDMX = f"{HUB}/sdmx/2.1/releases/{RELEASE}"

STATUSES = {"A": "published", "Q": "suppressed", "L": "not_collected", "M": "not_applicable", "O": "not_reported"}
_ALL = {"LEVEL": "all", "UNIT": "all", "BREAKDOWN": "", "CATEGORY": ""}


def fetch(url: str, name: str) -> Path:
    """Save what a URL answers to a researcher as a file of this name."""
    path = Path(mkdtemp()) / name
    with urlopen(Request(url, headers=HEADERS)) as answer:
        path.write_bytes(answer.read())
    return path


def tell(checks: list[str], cells: list | None = None) -> None:
    """End the story."""
    print(json.dumps({"checks": checks, "cells": cells}))


def cells_of_rows(frame) -> list:
    """The cells in a pandas data frame with the columns of observations."""
    columns = ["level", "unit", "period", "indicator", "breakdown", "category"]
    words = frame[columns].fillna("").astype(str).values.tolist()
    told = zip(numbers(frame["value"]), frame["value_status"].tolist(), strict=True)
    return [[*w, *r] for w, r in zip(words, told, strict=True)]


def cells_of_sdmx(frame, value: str) -> list:
    """The cells in a pandas data frame with the dimensions of SDMX as columns."""
    words = [
        [_ALL.get(name, "_T") if code == "_T" else code for code in frame[name].astype(str)]
        for name in ("LEVEL", "UNIT", "TIME_PERIOD", "INDICATOR", "BREAKDOWN", "CATEGORY")
    ]
    statuses = [STATUSES[str(code)] for code in frame["OBS_STATUS"]]
    assert [str(code) == "C" for code in frame["CONF_STATUS"]] == [status == "suppressed" for status in statuses]
    return [list(cell) for cell in zip(*words, numbers(frame[value]), statuses, strict=True)]


def numbers(column) -> list:
    """The numbers of a column, None where there is none."""
    return [None if number != number else float(number) for number in column.astype(float)]
