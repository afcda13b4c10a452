"""OAuth clients that others wrote, unmodified, against the running demo: each tells a story in `clients/oauth`.

Whom they come as is registered at the hub's own command line; the person who consents is a browser.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from secrets import token_urlsafe
from threading import Timer
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import ECKey, RSAKey

from tests.arrows import ROOT
from tests.clients.browser import Browser
from tests.clients.test_contract_tools import PYTHON_TOOLS, TOOLS
from tests.demo import Demo, running_demo

pytestmark = pytest.mark.clients

STORIES = TOOLS / "oauth"
PATIENCE = 120
BACK = "https://app.example/back"
EMAIL, PASSWORD = "rosa@example.org", "heron-lantern-quilt-93"
EVERYTHING = ["discovery", "client_secret_basic", "private_key_jwt", "code", "refresh", "introspection", "revocation"]
CHECKS = {
    "with_authlib.py": EVERYTHING,
    "with_requests_oauthlib.py": ["discovery", "client_secret_basic", "code", "refresh", "revocation"],
    "with_openid_client.mjs": [*EVERYTHING, "iss", "mix-up refused"],
    "with_oauth4webapi.mjs": [*EVERYTHING, "RFC 9068 of a person", "RFC 9068 of a client"],
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="module")
def hub_command(demo: Demo):
    """Run `crosstally-hub` on the demo, and answer the last thing it prints."""
    base = demo.folder / "var/demo"
    settings = {
        "CROSSTALLY_DATABASE_URL": f"sqlite:///{base}/crosstally.db",
        "CROSSTALLY_KEYS_DIR": str(base / "keys"),
        "CROSSTALLY_RELEASES_DIR": str(base / "releases"),
        "CROSSTALLY_ISSUER": demo.base_url,
    }

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "cli.main", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[-1]

    return run


@pytest.fixture(scope="module")
def settings(demo: Demo, hub_command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the stories need to know, in a file."""
    folder = tmp_path_factory.mktemp("stories")
    keys = {
        "RS256": RSAKey.generate_key(2048),
        "ES256": ECKey.generate_key("P-256"),
        "ES384": ECKey.generate_key("P-384"),
    }
    keys["RS384"] = keys["RS256"]
    own = {one.thumbprint(): dict(one.as_dict(private=False)) for one in keys.values()}
    (folder / "jwks.json").write_text(json.dumps({"keys": list(own.values())}))
    hub_command("clients", "add", "keyed", "--label", "K", "--scope", "data:read", "--jwks", str(folder / "jwks.json"))
    asks = ("--grant", "authorization_code", "--redirect-uri", BACK)
    app_secret = hub_command("clients", "add", "app", "--label", "App", "--scope", "data:read", *asks)
    api_secret = hub_command("clients", "add", "api", "--label", "API", "--scope", "data:read", "--introspects")
    release = httpx.get(f"{demo.base_url}/v1/releases").json()["items"][0]["id"]
    content = {
        "issuer": demo.base_url,
        "protected": f"{demo.base_url}/v1/releases/{release}/observations",
        "robot": demo.credentials["clients"]["nyc"],
        "keyed": [
            {"client_id": "keyed", "alg": alg, "jwk": dict(one.as_dict(private=True))} for alg, one in keys.items()
        ],
        "app": {"client_id": "app", "client_secret": app_secret, "scope": "data:read", "redirect_uri": BACK},
        "api": {"client_id": "api", "client_secret": api_secret},
    }
    (folder / "settings.json").write_text(json.dumps(content))
    return folder / "settings.json"


@pytest.fixture(scope="module")
def person(demo: Demo, hub_command) -> None:
    """Somebody with an account: invited at the command line, the password chosen in a browser."""
    link = hub_command("users", "invite", EMAIL, "--name", "Rosa Delgado", "--role", "researcher")
    with Browser(demo.base_url) as browser:
        chosen = browser.submit(browser.open(link), {"password": PASSWORD, "repeated": PASSWORD})
    assert chosen.status_code == 200, chosen.text


@pytest.fixture
def visit(demo: Demo, person: None):
    """Go where a client sends a person; sign in, consent, and answer where that leads."""

    def visit(url: str) -> str:
        with Browser(demo.base_url) as browser:
            consent = browser.submit(browser.open(url), {"email": EMAIL, "password": PASSWORD})
            assert "Let App act for you?" in consent.text
            return browser.submit(consent, {"decision": "allow"}).headers["Location"]

    return visit


@pytest.mark.parametrize("story", CHECKS)
def test_a_client_passes_unmodified(story: str, settings: Path, visit):
    program = "node" if story.endswith(".mjs") else str(PYTHON_TOOLS / "python")
    insecure = {"OAUTHLIB_INSECURE_TRANSPORT": "1", "AUTHLIB_INSECURE_TRANSPORT": "1"}
    told = []
    process = subprocess.Popen(
        [program, str(STORIES / story), str(settings)],
        env=os.environ | insecure, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    watchdog = Timer(PATIENCE, process.kill)
    watchdog.start()
    with process:
        for line in process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "visit":
                process.stdin.write(visit(rest) + "\n")
                process.stdin.flush()
            else:
                told.append(rest)
        complaint = process.stderr.read()
    watchdog.cancel()
    assert process.returncode == 0, complaint
    assert sorted(told) == sorted(CHECKS[story])


def test_what_a_client_was_given_for_a_person_ends_with_the_person(hub_command, settings: Path, visit, demo: Demo):
    known, verifier = json.loads(settings.read_text()), token_urlsafe(48)
    asked = {"response_type": "code", "client_id": "app", "redirect_uri": BACK, "scope": "data:read"}
    proof = {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}
    back = visit(f"{demo.base_url}/oauth/authorize?{urlencode(asked | proof)}")
    form = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": verifier}
    form["code"] = parse_qs(urlsplit(back).query)["code"][0]
    auth = ("app", known["app"]["client_secret"])
    token = httpx.post(f"{demo.base_url}/oauth/token", data=form, auth=auth).json()
    header = {"Authorization": f"Bearer {token['access_token']}"}
    assert httpx.get(known["protected"], headers=header).status_code == 200
    hub_command("users", "disable", EMAIL)
    assert httpx.get(known["protected"], headers=header).status_code == 401
