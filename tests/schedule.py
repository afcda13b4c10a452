"""Which process runs which tests, where there are several."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

ON_THE_DEMO = ("tests/cli/test_demo.py::", "tests/formats/test_clients.py::", "tests/schemathesis/")


class OneDemo(LoadScopeScheduling):
    """Hands out tests one by one, but those on the demo to one process, first: to set it up takes long.

    The groups of xdist 3.8 would say it with marks; with pytest 9.2 they have no effect.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "the demo" if nodeid.startswith(ON_THE_DEMO) else nodeid
