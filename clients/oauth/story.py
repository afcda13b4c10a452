"""What the stories in Python share: the settings they are given, and what they say to whoever runs them.

A story prints `visit URL` where a person has to go there in a browser, and reads the address to which that led. It
prints `ok NAME` for each thing that worked.
"""

from __future__ import annotations

import json
import sys


def settings() -> dict:
    """The hub, and the clients as which to come."""
    with open(sys.argv[1]) as file:
        return json.load(file)


def visit(url: str) -> str:
    """Where a person ends who goes there."""
    print("visit", url, flush=True)
    return sys.stdin.readline().strip()


def ok(name: str, holds: object = True) -> None:
    """Say that something worked; stop the story where it did not."""
    if not holds:
        raise SystemExit(f"{name} does not hold")
    print("ok", name, flush=True)
