"""The command line on a hub of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from cli.main import main


@pytest.fixture
def command(tmp_path) -> Callable[..., Result]:
    """Runs `crosstally-hub` with some arguments; further settings by name."""
    environment = {
        "CROSSTALLY_DATABASE_URL": f"sqlite:///{tmp_path}/hub.db",
        "CROSSTALLY_KEYS_DIR": str(tmp_path / "keys"),
        "CROSSTALLY_RELEASES_DIR": str(tmp_path / "releases"),
        "CROSSTALLY_ISSUER": "https://hub.example.org",
    }

    def invoke(*arguments: str, **more: str) -> Result:
        return CliRunner(env={**environment, **more}).invoke(main, arguments)

    return invoke
