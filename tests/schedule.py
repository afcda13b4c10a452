"""Which process runs which tests, where there are several."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

ON_A_HUB = (
    "tests/client/test_aggregate.py::",
    "tests/client/test_pages.py::",
    "tests/client/test_releases.py::",
    "tests/client/test_reporting.py::",
)
ON_THE_DEMO = ("tests/cli/test_demo.py::", "tests/formats/test_clients.py::", "tests/schemathesis/")


class OneDemo(LoadScopeScheduling):
    """Hands out tests one by one, but those on the demo, or on the hub of the client, to one process.

    To set these up takes long, the demo longest: it comes first.
    The groups of xdist 3.8 would say it with marks; with pytest 9.2 they have no effect.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(ON_A_HUB):
            return "the client"
        return "the demo" if nodeid.startswith(ON_THE_DEMO) else nodeid
