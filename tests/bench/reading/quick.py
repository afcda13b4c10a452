"""Requests by wrk, for servers that answer faster than Python asks."""

from __future__ import annotations

import re
import shutil
import subprocess

from tests.bench.submitting.load import HOST, Load

WRK = shutil.which("wrk")


def drive_by_wrk(port: int, request: bytes, *, connections: int, seconds: float) -> Load:
    """Send the same again and again for about so many seconds; every answer must be a success."""
    first, *headers = request.decode().partition("\r\n\r\n")[0].split("\r\n")
    options = [option for header in headers for option in ("-H", header)]
    command = [str(WRK), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s", *options]
    done = subprocess.run(
        [*command, f"http://{HOST}:{port}{first.split()[1]}"], capture_output=True, text=True, check=True
    )
    found = re.search(r"(\d+) requests in ([\d.]+)(m?s)", done.stdout)
    if not found or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)
    took = float(found[2]) / (1000 if found[3] == "ms" else 1)
    return Load(took, [took * connections / int(found[1])] * int(found[1]))
