"""What changed from one published release to a later one."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

from actions.hub import Hub
from actions.open_release import find_readable_release, find_release
from actions.release_files import OBSERVATIONS
from domain.refusals import Item, QueryInvalid
from formats.observations_diff import Difference, difference
from store.artefacts import ArtefactStore

# Anybody may ask, and for any pair: one is worked out at a time, and who asks for the same waits for it.
_ONE_AT_A_TIME = Lock()


def diff_releases(hub: Hub, *, release: str, earlier: str) -> Difference:
    """The rows that were added, removed or changed from `earlier` to `release`.

    Raises NotFound, QueryInvalid where `earlier` is not earlier in the chain, and Retracted where readers no longer
    get what either of them tells.
    """
    if find_release(hub, earlier).number >= find_release(hub, release).number:
        raise QueryInvalid(
            f"{earlier} is not earlier than {release}.",
            [Item("/path/earlier", "not_earlier", "Name a release that comes before the other in the chain.")],
        )
    for either in (release, earlier):
        find_readable_release(hub, either)
    with _ONE_AT_A_TIME:
        return _difference(hub.artefacts, release, earlier)


@lru_cache(maxsize=2)
def _difference(artefacts: ArtefactStore, release: str, earlier: str) -> Difference:
    return difference(artefacts.read(earlier, OBSERVATIONS), artefacts.read(release, OBSERVATIONS))
