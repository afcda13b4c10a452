"""A hub on a port of its own, and Debian's Chromium before it. Pictures of the pages go to `var/screenshots`."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright
from werkzeug.serving import make_server

from actions.hub import Hub, now
from tests.arrows import ROOT
from tests.builders import furnish, make_hub
from wsgi import create_app

PICTURES = ROOT / "var" / "screenshots"
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; without one the tests fail."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "no Chromium here; `make test-browser` installs it as root"
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub that answers at `hub.settings.issuer`, with the time of the day."""
    server = make_server("127.0.0.1", 0, lambda environ, start: app(environ, start), threaded=True)
    made = furnish(make_hub(tmp_path, issuer=f"http://localhost:{server.server_port}"))
    made = replace(made, clock=now)
    app = create_app(made.settings, made)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
    made.database.close()


@dataclass
class Seat:
    """Somebody before a browser of their own; what the browser complains about is kept."""

    context: BrowserContext
    hub: Hub
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda line: self.complaints.append(line.text) if "policy" in line.text.lower() else None
        )

    def open(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.hub.settings.issuer + path)

    def fill(self, **typed: str) -> None:
        for name, value in typed.items():
            self.page.fill(f"main [name={name}]", value)

    def press(self, label: str) -> None:
        """Press the button, or follow the link, and wait for where it leads."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=label, exact=True).or_(
                self.page.get_by_role("link", name=label, exact=True)
            ).first.click()

    @property
    def title(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def error(self) -> str:
        return self.page.locator("#error").inner_text()

    @property
    def focused(self) -> str:
        return self.page.evaluate("document.activeElement.id")

    def look(self, name: str) -> None:
        """Keep a picture of the page, and find nothing in it that keeps anybody out."""
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
        found = Axe().run(self.page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []

    def authenticator(self) -> tuple[CDPSession, str]:
        """A platform authenticator in this browser, whose user is always verified."""
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                   "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return session, made["authenticatorId"]


@pytest.fixture
def seats(chromium: Browser, hub: Hub) -> Iterator:
    """Makes seats; at the end none of their browsers has complained."""
    taken: list[Seat] = []

    def take(**options: object) -> Seat:
        taken.append(Seat(chromium.new_context(viewport={"width": 900, "height": 700}, **options), hub))
        return taken[-1]

    yield take
    complaints = [line for seat in taken for line in seat.complaints]
    for seat in taken:
        seat.context.close()
    assert complaints == []


@pytest.fixture
def seat(seats) -> Seat:
    return seats()
