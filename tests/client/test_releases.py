"""What somebody with the public files alone finds: that they are genuine, or which part is not; and what they tell."""

from __future__ import annotations

import csv
import json
import shutil
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path

import pytest

from auth.keys import KeyRing
from domain.canonical import canonical_json

pytestmark = pytest.mark.usefixtures("served")


@pytest.fixture(scope="session")
def fetched(served, tmp_path_factory) -> Path:
    """All releases of the hub, fetched once."""
    from crosstally import Client
    from crosstally.releases.copies import fetch

    folder = tmp_path_factory.mktemp("fetched")
    with Client(served.base_url) as hub:
        for entry in hub.releases():
            fetch(hub, entry.id, folder)
    return folder


@pytest.fixture
def copy(fetched: Path, tmp_path: Path) -> Path:
    return shutil.copytree(fetched, tmp_path / "releases")


def ids(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob("*/manifest.json"))


def changed_manifest(folder: Path, release: str, change) -> None:
    path = folder / release / "manifest.json"
    content = json.loads(path.read_bytes())
    change(content)
    path.write_bytes(canonical_json(content))


def change_rows(folder: Path, release: str, change) -> None:
    path = folder / release / "observations.csv"
    with path.open(newline="") as file:
        rows = [change(row) for row in csv.DictReader(file)]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)


def test_what_was_fetched_is_genuine_offline(crosstally, copy, monkeypatch):
    monkeypatch.setattr("httpx.Client.send", None)
    done = crosstally("release", "verify", copy)
    assert done.exit_code == 0, done.output
    assert "3 releases verified" in done.output and "signed by" in done.output


def test_what_the_hub_serves_is_genuine(crosstally, served):
    done = crosstally("--hub", served.base_url, "release", "verify", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["manifests"] == 3


def test_one_cell_changed_is_refused_with_its_file(crosstally, copy):
    release = ids(copy)[1]
    path = copy / release / "observations.csv"
    content = path.read_bytes()
    path.write_bytes(content.replace(b",2412,published", b",2413,published", 1))
    assert path.read_bytes() != content
    done = crosstally("release", "verify", copy)
    assert done.exit_code == 6
    assert f"{release}  observations.csv: its bytes are not those that the manifest names" in done.output
    assert "1 fault in 3 releases" in done.output


def test_one_byte_of_a_signature_changed_is_refused_as_that(crosstally, copy):
    release = ids(copy)[-1]

    def flip(manifest: dict) -> None:
        raw = bytearray(urlsafe_b64decode(manifest["signature"]["value"] + "=="))
        raw[40] ^= 1
        manifest["signature"]["value"] = urlsafe_b64encode(raw).decode().rstrip("=")

    changed_manifest(copy, release, flip)
    done = crosstally("release", "verify", copy)
    assert done.exit_code == 6
    assert f"{release}  signature: it is not a signature of the manifest by a key of the hub" in done.output


def test_a_release_dropped_from_the_chain_is_missed(crosstally, copy):
    first, dropped, last = ids(copy)
    shutil.rmtree(copy / dropped)
    done = crosstally("release", "verify", copy)
    assert done.exit_code == 6
    assert f"{last}  chain: it follows {dropped}, and {first} is before it" in done.output


def test_a_chain_without_its_beginning_is_refused(crosstally, copy):
    first, second, _ = ids(copy)
    shutil.rmtree(copy / first)
    done = crosstally("release", "verify", copy)
    assert done.exit_code == 6 and f"{second}  chain: it follows {first}, and nothing is before it" in done.output


def test_a_manifest_that_says_something_else_is_not_signed(crosstally, copy):
    changed_manifest(copy, ids(copy)[-1], lambda manifest: manifest["policy"].update(k=3))
    done = crosstally("release", "verify", copy)
    assert done.exit_code == 6 and "signature" in done.output


def test_a_file_too_many_or_missing_is_named(crosstally, copy):
    release = ids(copy)[0]
    (copy / release / "more.csv").write_text("x")
    (copy / release / "sites.json").unlink()
    done = crosstally("release", "verify", copy)
    assert f"{release}  more.csv: the manifest lists no such file" in done.output
    assert f"{release}  sites.json: the file is missing" in done.output


def test_another_hubs_keys_do_not_vouch_for_it(crosstally, copy, tmp_path):
    other = tmp_path / "other.json"
    other.write_text(json.dumps(KeyRing.open(tmp_path / "keys/releases.json").jwks()))
    done = crosstally("release", "verify", copy, "--keys", other)
    assert done.exit_code == 6 and done.output.count("  signature: ") == 3


def test_a_key_under_the_name_of_another_is_not_taken(crosstally, copy, tmp_path):
    name = json.loads((copy / "release-keys.json").read_bytes())["keys"][0]["kid"]
    forged = KeyRing.open(tmp_path / "keys/releases.json")
    changed_manifest(copy, ids(copy)[-1], lambda manifest: manifest.pop("signature"))
    unsigned = (copy / ids(copy)[-1] / "manifest.json").read_bytes()
    mark = {**forged.sign(unsigned), "kid": name}
    changed_manifest(copy, ids(copy)[-1], lambda manifest: manifest.update(signature=mark))
    keys = forged.jwks()
    keys["keys"][0]["kid"] = name
    (copy / "release-keys.json").write_text(json.dumps(keys))
    done = crosstally("release", "verify", copy)
    assert done.exit_code == 6 and f"{ids(copy)[-1]}  signature" in done.output


def test_an_interrupted_fetch_goes_on_where_it_was(crosstally, served, copy):
    newest = ids(copy)[-1]
    (copy / newest / "sites.json").unlink()
    (copy / newest / "reports.json").write_bytes(b"[half")
    done = crosstally("--hub", served.base_url, "release", "get", "--to", copy)
    assert done.exit_code == 0 and f"{newest}: 2 files fetched" in done.output
    assert crosstally("release", "verify", copy).exit_code == 0


def test_a_folder_without_releases_is_said(crosstally, tmp_path):
    done = crosstally("release", "verify", tmp_path)
    assert done.exit_code == 1 and "holds no release" in done.output


def test_the_attack_finds_the_bounds_that_the_release_tells_from_its_values_alone(copy):
    from crosstally.releases.attack import attack

    def told(cells) -> dict:
        return {cell.cell: (cell.told_lower, cell.told_upper) for cell in cells}

    before = told(attack(copy).cells)
    for release in ids(copy):
        change_rows(copy, release, lambda row: {**row, "lower": "", "upper": ""})
    found = {cell.cell: (cell.lower, cell.upper) for cell in attack(copy).cells}
    assert before and found.keys() == before.keys()
    known_from_inside = {cell: bounds for cell, bounds in before.items() if bounds[0] == 1}
    assert {cell: found[cell] for cell in before if cell not in known_from_inside} == {
        cell: bounds for cell, bounds in before.items() if cell not in known_from_inside
    }


def test_the_truth_is_within_what_the_attack_finds(copy):
    from crosstally.releases.attack import attack

    true = {"ems_calls": 3, "overdose_events": 4}
    found = {cell.cell: cell for cell in attack(copy).cells}
    for site, (indicator, count) in ((site, pair) for site in ("nyc-east", "nyc-north") for pair in true.items()):
        cell = found[f"site/{site}/2026-03/{indicator}"]
        assert cell.lower <= count and (cell.upper is None or count <= cell.upper)


def test_the_attack_finds_nothing_in_what_the_hub_published(crosstally, copy):
    done = crosstally("release", "attack", copy)
    assert done.exit_code == 0, done.output
    assert "0 breaches" in done.output


def test_the_attack_finds_a_small_count_that_a_sum_gives_away(crosstally, copy):
    newest = ids(copy)[-1]

    def careless(row: dict) -> dict:
        """The city and one of its two sites are shown: the other site is what is left."""
        shown = {"all": "13", "city": "13", "nyc-north": "10"}
        value = shown.get(row["level"], shown.get(row["unit"]))
        if row["indicator"] != "referrals_made" or row["period"] not in ("2026-03", "2026-Q1"):
            return row
        if row["period"] == "2026-Q1":
            return {**row, "value": "", "value_status": "suppressed", "lower": "", "upper": ""}
        if row["unit"] == "nyc-east":
            return {**row, "value": "", "value_status": "suppressed", "lower": "0", "upper": "10"}
        return {**row, "value": value, "value_status": "published", "lower": "", "upper": ""} if value else row

    change_rows(copy, newest, careless)
    done = crosstally("release", "attack", copy, "--json")
    assert done.exit_code == 6, done.output
    found = {cell["cell"]: cell for cell in json.loads(done.stdout)["cells"] if "breach" in cell["verdict"]}
    given_away = found["site/nyc-east/2026-03/referrals_made"]
    assert (given_away["lower"], given_away["upper"]) == (3, 3)
    assert {"breach", "sharper"} <= set(given_away["verdict"])


def test_releases_that_contradict_each_other_are_named(crosstally, copy):
    first, second, third = ids(copy)
    change_rows(copy, second, lambda row: {**row, "value": row["value"].replace("2412", "2411")})
    done = crosstally("release", "attack", copy)
    assert done.exit_code == 1 and "different values" in done.output and second in done.output
