"""A hub that serves, and the `crosstally` of this checkout, with the copies it carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actions.cut_release import cut_release
from actions.hub import Hub
from carrying import carry
from domain.periods import Month
from tests.builders import STEWARD, furnished_hub, register_test_clients, report, submit_and_accept
from tests.ledger import with_keys
from tests.serving import Serving, serving

carry()


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with three releases, one a day, the last with small counts that are hidden."""
    made = with_keys(furnished_hub(tmp_path_factory.mktemp("hub")))
    for number, counts in enumerate(({}, {}, {"ems_calls": 3, "overdose_events": 4}), start=1):
        for site in ("nyc-east", "nyc-north"):
            submit_and_accept(made, site, Month(2026, number), report(days=28, **counts))
        cut_release(made, by=STEWARD, publish=True)
        made.clock.pass_days(1)
    yield made
    made.database.close()


@pytest.fixture(scope="session")
def secrets(hub: Hub) -> dict[str, tuple[str, str]]:
    """The id and secret of each client."""
    return register_test_clients(hub)


@pytest.fixture(scope="session")
def served(hub: Hub, secrets, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The hub, serving on a port."""
    with serving(hub, tmp_path_factory.mktemp("serving")) as started:
        yield started


@pytest.fixture
def crosstally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command line of `crosstally`, as somebody whose profiles are in a folder of their own."""
    from crosstally.commands.main import main

    monkeypatch.setenv("CROSSTALLY_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object, input: str | None = None, **environ: str) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=input, env=environ)

    return run


@pytest.fixture
def as_nyc(crosstally, served: Serving, secrets) -> Callable[..., Result]:
    """The same, signed in as the operator nyc."""
    id, secret = secrets["nyc"]
    done = crosstally("login", served.base_url, "--client-id", id, input=f"{secret}\n")
    assert done.exit_code == 0, done.output
    return crosstally
