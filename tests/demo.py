"""The demo as a process of its own, for the tests that need a running hub."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.arrows import ROOT

PATIENCE = 600
UNLIMITED = {f"CROSSTALLY_{name}RATE_LIMIT": "1000000 per minute" for name in ("", "VALIDATION_")}


@dataclass(frozen=True)
class Demo:
    """A running demo: its folder, its address, and what it has printed so far."""

    folder: Path
    base_url: str
    output: Path

    @property
    def credentials_file(self) -> Path:
        return self.folder / "var/demo/credentials.json"

    @property
    def credentials(self) -> dict:
        return json.loads(self.credentials_file.read_text())


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """The demo in this folder, from when its credentials are there until the block ends."""
    (folder / "docs").symlink_to(ROOT / "docs")
    port = free_port()
    demo = Demo(folder, f"http://127.0.0.1:{port}", folder / "output.txt")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **UNLIMITED}
    with demo.output.open("wb") as printed:
        command = [sys.executable, "-m", "cli.main", "demo", "--port", str(port)]
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=printed,
            stderr=printed,
            start_new_session=True,
            # Who runs the tests in the background has Ctrl-C ignored, and so would have the demo.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not demo.credentials_file.exists() and time.monotonic() < deadline:
            assert process.poll() is None, demo.output.read_text()
            time.sleep(0.2)
        yield demo
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
