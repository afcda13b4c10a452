"""Fixtures that all rooms share, and what the suite says of its PostgreSQL."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from actions.hub import Hub
from tests.builders import furnish, furnished_hub, make_hub
from tests.demo import Demo, running_demo
from tests.postgres import PostgreSQL, Unusable, running
from tests.schedule import OneDemo


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL | Unusable]:
    """A PostgreSQL of the tests' own, started once by each process that needs it; or why there is none."""
    try:
        with running() as server:
            yield server
    except Unusable as reason:
        yield reason


@pytest.fixture
def postgresql(postgresql_server, record_property) -> PostgreSQL:
    """A running PostgreSQL. Where there can be none the test is skipped, and in CI it fails."""
    if isinstance(postgresql_server, PostgreSQL):
        record_property("postgresql", postgresql_server.version)
        return postgresql_server
    record_property("postgresql", f"not tested, {postgresql_server}")
    refuse = pytest.fail if os.environ.get("CI") else pytest.skip
    refuse(f"no PostgreSQL: {postgresql_server}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log) -> OneDemo:
    """Have the demo set up once."""
    return OneDemo(config, log)


def pytest_terminal_summary(terminalreporter) -> None:
    """Tell which PostgreSQL was tested, or why none was."""
    properties = [
        pair for some in terminalreporter.stats.values() for it in some for pair in getattr(it, "user_properties", ())
    ]
    for told in sorted({value for name, value in properties if name == "postgresql"}):
        terminalreporter.write_line(f"PostgreSQL {told}")


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request) -> str:
    """The kinds of database that the hub runs on, one after the other."""
    return request.param


@pytest.fixture
def new_database(kind: str, tmp_path: Path, request) -> Iterator[Callable[[], str]]:
    """A function that makes an empty database and answers its URL."""
    if kind == "sqlite":
        numbers = count()
        yield lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"
    else:
        server = request.getfixturevalue("postgresql")
        with ExitStack() as databases:
            yield lambda: databases.enter_context(server.database())


@pytest.fixture
def hub(kind: str, tmp_path: Path, request) -> Iterator[Hub]:
    """A hub with operators and sites, on a database of its own."""
    if kind == "sqlite":
        made = furnished_hub(tmp_path)
        yield made
        made.database.close()
    else:
        with request.getfixturevalue("postgresql").hub_database() as url:
            made = furnish(make_hub(tmp_path, database_url=url))
            yield made
            made.database.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, running; one for all tests on it (see `tests.schedule`)."""
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo
