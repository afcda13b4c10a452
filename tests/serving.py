"""The hub as a process of its own on a port of its own, and everything that it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from actions.hub import Hub
from tests.arrows import ROOT
from tests.demo import free_port

PATIENCE = 180


@dataclass(frozen=True)
class Serving:
    """A hub that serves: its address, its folder, and what it has printed."""

    base_url: str
    folder: Path
    process: subprocess.Popen[bytes]


@contextmanager
def serving(hub: Hub, folder: Path) -> Iterator[Serving]:
    """`crosstally-hub serve` with the settings of this hub; works, logs and makes its temporary files in the folder."""
    port, temporary = free_port(), folder / "tmp"
    temporary.mkdir(parents=True)
    environment = {**os.environ, **hub.settings.environ(), "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "cli.main", "serve", "--port", str(port)]
    with (folder / "printed.txt").open("wb") as printed:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=printed, stderr=printed)
    try:
        started = Serving(f"http://127.0.0.1:{port}", folder, process)
        _wait_for(started)
        yield started
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()


def _wait_for(started: Serving) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert started.process.poll() is None, (started.folder / "printed.txt").read_text()
        try:
            httpx.get(f"{started.base_url}/healthz")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the hub does not answer")


def files_with(word: str, *folders: Path) -> list[str]:
    """The files below the folders that hold the word, as UTF-8 or UTF-16, in any case.

    Another process looks: whoever closes a file of a database that it has open itself gives up SQLite's locks.
    """
    command = [sys.executable, "-m", "tests.serving", word, *map(str, folders)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def _search(word: str, *folders: str) -> list[str]:
    forms = [form for text in (word.lower(), word.upper()) for form in (text.encode(), text.encode("utf-16-le"))]
    paths = (path for folder in folders for path in Path(folder).rglob("*"))
    return [str(path) for path in paths if path.is_file() and _holds(path, forms)]


def _holds(path: Path, forms: list[bytes]) -> bool:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    return any(form in content for form in forms)


if __name__ == "__main__":
    sys.stdout.writelines(f"{path}\n" for path in _search(*sys.argv[1:]))
