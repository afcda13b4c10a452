"""Reports made by chance go through the hub in every form and come back the same; changed ones differ where changed.

The suite takes 200 of each; `make sweep` takes SWEEP_REPORTS (10,000) from SWEEP_SEED on and prints what came of them.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from werkzeug.test import TestResponse

from domain.canonical import canonical_json
from domain.report import PartialMonth, Report
from formats.reports import adx, dhis2_json, tidy_csv, xlsx
from tests.api.conftest import Door
from tests.builders import EXAMPLE, furnish, make_hub, register_test_clients
from tests.domain.examples import DICTIONARY
from tests.domain.generated import consistent_report, hide_some, lose_some
from tests.formats.reports.files import WRITERS
from wsgi import create_app

PLACE = "/v1/sites/nyc-east/reports/2026-05"
FORMS = {"csv": tidy_csv.MEDIA_TYPE, "xlsx": xlsx.MEDIA_TYPE, "adx": adx.MEDIA_TYPE, "dhis2": dhis2_json.MEDIA_TYPE}
JSON = "application/json"
WRITE: Mapping[str, Callable[[Mapping[str, Any]], bytes]] = {
    **WRITERS,
    JSON: lambda content: json.dumps(content).encode(),
}
FIRST_SEED, IN_SUITE, CHUNKS = 20260701, 200, 4
ODD = [0, 1, 7, 31, 5000, -1, 10_000_001, 7.5, "7", "x", None, {"lt": 4}, {"lt": 1}, {"status": "not_collected"},
       {"status": "hidden"}]  # fmt: skip


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door of an operator, to one hub for all the reports."""
    folder: Path = tmp_path_factory.mktemp("hub")
    hub = furnish(make_hub(folder, rate_limit="1000000 per minute"))
    http = create_app(hub.settings, hub).test_client()
    secret = register_test_clients(hub)["nyc"]
    token = http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=secret).json["access_token"]
    made = Door(http, token)
    assert made("PUT", PLACE, json=EXAMPLE).status_code == 201
    yield made
    hub.database.close()


def made_report(seed: int) -> Report:
    """A valid report: some counts hidden or missing, some indicators and breakdowns not given, any codes."""
    random = Random(seed)
    made = consistent_report(seed)
    made = hide_some(made, seed) if random.random() < 0.6 else made
    made = lose_some(made, seed) if random.random() < 0.4 else made
    tallies = {
        indicator: replace(tally, by={b: cells for b, cells in tally.by.items() if random.random() < 0.5})
        for indicator, tally in made.indicators.items()
        if DICTIONARY.by_id[indicator].core or random.random() < 0.6
    }
    codes = {
        name: random.choice(DICTIONARY.code_list(name)) for name in ("unique_method", "unique_scope", "visit_basis")
    }
    partial = PartialMonth(
        random.randint(1, 9), random.randint(9, 31), random.choice(("works", "emergency", "unknown"))
    )
    about = replace(
        made.about, **codes, provisional=random.random() < 0.5, partial_month=partial if random.random() < 0.3 else None
    )
    pairs = {
        (random.choice(DICTIONARY.rules).id, random.choice(DICTIONARY.code_list("acknowledgements")))
        for _ in range(random.choice((0, 0, 1, 3)))
    }
    reason = random.choice((None, *DICTIONARY.code_list("revision_reasons")))
    return replace(made, indicators=tallies, about=about, acknowledged=tuple(sorted(pairs)), revision_reason=reason)


def put(door: Door, data: bytes, media_type: str) -> TestResponse:
    return door("PUT", PLACE, data=data, content_type=media_type, headers={"If-Match": "*"})


def goes_round(door: Door, seed: int) -> str:
    """Send a report as JSON, then what the hub gives back of it in each form, one after the other."""
    content = made_report(seed).content
    sent = put(door, json.dumps(content).encode(), JSON)
    assert sent.status_code == 200, (seed, sent.json)
    for name, media_type in FORMS.items():
        file = door("GET", f"{PLACE}?format={name}")
        back = put(door, file.data, media_type)
        assert (seed, name, back.status_code) == (seed, name, 200), back.json
        assert back.headers["ETag"] == sent.headers["ETag"], (seed, name)
    kept = door("GET", PLACE)
    assert (kept.json["report"], kept.headers["ETag"]) == (content, sent.headers["ETag"]), seed
    return "unchanged"


def differs_where_changed(door: Door, seed: int) -> str:
    """Change one thing in a report's content or in the bytes of its file, and send it."""
    random = Random(seed)
    content = made_report(seed).content
    media_type = [*FORMS.values(), JSON][seed % 5]
    before = put(door, json.dumps(content).encode(), JSON).headers["ETag"]
    if random.random() < 0.6:
        data = WRITE[media_type](changed_content(random, content))
    else:
        data = changed_bytes(random, WRITE[media_type](content))
    answer = put(door, data, media_type)
    kept = door("GET", PLACE)
    assert answer.status_code in (200, 400, 422), (seed, media_type, answer.status_code)
    if answer.status_code != 200:
        assert answer.content_type == "application/problem+json", seed
        assert kept.headers["ETag"] == before, (seed, "nothing of it is kept")
        return f"refused {answer.status_code}"
    different = differences(content, kept.json["report"])
    assert len(different) <= 1, (seed, media_type, different)
    return "differs where changed" if different else "means the same"


def changed_content(random: Random, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with one cell or code replaced or dropped."""
    made = deepcopy(dict(content))
    tally = made["indicators"][random.choice([*made["indicators"]])]
    place, key = tally, "total"
    if tally.get("by") and random.random() < 0.5:
        place = tally["by"][random.choice([*tally["by"]])]
        key = random.choice([*place])
    if random.random() < 0.15:
        place, key = made["about"], "visit_basis"
    place[key] = random.choice(["all", "unknown", "x"]) if key == "visit_basis" else random.choice(ODD)
    return made


def changed_bytes(random: Random, data: bytes) -> bytes:
    """The file with one byte changed, dropped or doubled, or one line dropped."""
    at = random.randrange(len(data))
    what = random.randrange(4)
    if what == 3:
        lines = data.splitlines(keepends=True)
        del lines[random.randrange(len(lines))]
        return b"".join(lines)
    return data[:at] + (bytes([random.randrange(256)]), b"", data[at : at + 1] * 2)[what] + data[at + 1 :]


def differences(one: Any, other: Any, pointer: str = "") -> set[str]:
    """The pointers of the smallest values that differ; a cell is one value."""
    if isinstance(one, dict) and isinstance(other, dict) and not {"lt", "status"} & (one.keys() | other.keys()):
        return {
            found
            for key in one.keys() | other.keys()
            for found in differences(one.get(key), other.get(key), f"{pointer}/{key}")
        }
    return set() if canonical_json([one]) == canonical_json([other]) else {pointer}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_reports_go_through_every_form_unchanged_and_are_refused_or_differ_where_changed(door, chunk):
    came = Counter()
    for number in range(chunk * IN_SUITE // CHUNKS, (chunk + 1) * IN_SUITE // CHUNKS):
        came[goes_round(door, FIRST_SEED + number)] += 1
        came[differs_where_changed(door, FIRST_SEED + number)] += 1
    assert came["unchanged"] == IN_SUITE // CHUNKS
    assert min(came["differs where changed"], came["refused 422"]) > 0, came


@pytest.mark.sweep
def test_many_reports_go_through_every_form(door, capsys):
    seed, number = (
        int(os.environ.get("SWEEP_SEED", time.time_ns() % 10**9)),
        int(os.environ.get("SWEEP_REPORTS", 10_000)),
    )
    came: Counter[str] = Counter()
    with capsys.disabled():
        print(f"\nround trips: {number} reports and as many changed ones, from seed {seed} on")
        for at in range(seed, seed + number):
            came[goes_round(door, at)] += 1
            came[differs_where_changed(door, at)] += 1
        print("round trips: " + ", ".join(f"{times} {what}" for what, times in came.most_common()) + "; no 5xx")
    assert came["unchanged"] == number
