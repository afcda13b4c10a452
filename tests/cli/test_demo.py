"""The demo as a newcomer runs it, and the README's tour as it is printed."""

import json
import os
import re
import stat
import subprocess

import httpx

from tests.arrows import ROOT
from tests.demo import PATIENCE, Demo

NAMES = {"nyc", "ri", "sf", "glasgow", "vancouver", "steward", "researcher", "admin"}


def test_both_tables_are_printed_with_intervals_or_bounds(demo: Demo):
    printed = demo.output.read_text()
    assert "synthetic numbers" in printed
    for label in ("East Harlem", "Washington Heights", "Providence", "Tenderloin", "The Thistle", "Insite", "Powell"):
        assert re.search(rf"{label}.*(\d to \d|between \d|or more)", printed), label


def test_the_credentials_are_for_their_owner_alone_and_name_every_client(demo: Demo):
    path = demo.folder / "var/demo/credentials.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(demo.credentials["clients"]) == NAMES
    assert demo.credentials["token_url"] == f"{demo.base_url}/oauth/token"
    assert demo.credentials["clients"]["nyc"]["sites"] == ["nyc-east-harlem", "nyc-washington-heights"]


def test_every_client_gets_a_token_for_the_scope_it_is_given(demo: Demo):
    for client in demo.credentials["clients"].values():
        answer = httpx.post(
            demo.credentials["token_url"],
            data={"grant_type": "client_credentials", "scope": client["scope"]},
            auth=(client["client_id"], client["client_secret"]),
        )
        assert answer.json()["scope"].split() == client["scope"].split()


def test_real_and_synthetic_sites_are_marked_and_never_summed(demo: Demo):
    sites = httpx.get(f"{demo.base_url}/v1/sites").json()["items"]
    assert {site["id"]: site["synthetic"] for site in sites} == {
        "glasgow-thistle": False,
        "nyc-east-harlem": True,
        "nyc-washington-heights": True,
        "ri-providence": True,
        "sf-tenderloin": True,
        "vancouver-insite": False,
        "vancouver-powell": False,
    }
    manifest = httpx.get(f"{demo.base_url}/v1/releases/latest", follow_redirects=True).json()
    assert manifest["attack"]["breaches"] == 0
    assert set(manifest["attack"]["attackers"]) == {"anyone", "nyc", "ri", "sf", "glasgow", "vancouver"}


def test_the_readme_tour_works_as_printed(demo: Demo):
    readme = (ROOT / "README.md").read_text()
    tour = readme.split("## A tour with curl")[1].split("```sh\n")[1].split("```")[0]
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tour],
        cwd=demo.folder,
        env={**os.environ, "HUB": demo.base_url},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    receipt, head, attack, rates = run.stdout.strip().splitlines()
    assert json.loads(receipt)["state"] == "submitted"
    assert json.loads(head)["state"] == "accepted"
    assert "'breaches': 0" in attack
    (row,) = json.loads(rates)["rows"]
    assert (row["numerator"], row["denominator"]) == (31, 2412)
