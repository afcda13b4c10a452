"""Attack a published release again, as anyone and as each operator, by what its files say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actions.hub import Hub
from actions.open_release import find_release
from actions.recall_releases import recall_releases
from disclosure.engine import attack_told
from domain.access import Principal, Scope
from domain.refusals import NotFound
from store.directory import all_operators
from store.tenancy import EVERY_OPERATOR


@dataclass(frozen=True)
class Verdict:
    """A release and its breaches: (cell, attacker) of each."""

    release: str
    breaches: tuple[tuple[str, str], ...]


def attack_release(
    hub: Hub, *, by: Principal, release: str, progress: Callable[[float], None] = lambda done: None
) -> Verdict:
    """What anybody could work out from a release and all before it that must stay hidden; raises NotFound."""
    by.require(Scope.RELEASES_PUBLISH)
    wanted = find_release(hub, release).id
    with hub.database.read(EVERY_OPERATOR) as connection:
        recalled = recall_releases(hub, connection)
        operators = {operator.id: operator for operator in all_operators(connection)}
    ids = [found.id for found in recalled]
    if wanted not in ids:
        raise NotFound(f"{wanted} is a retraction; it tells nothing that was not told before.")
    number = ids.index(wanted)
    hub.audit_reading(by, "release.attack", wanted)
    breaches = attack_told(
        recalled[number].told,
        operators=operators,
        dictionaries=hub.dictionaries,
        k=hub.settings.k,
        past=[found.told for found in recalled[:number]],
        progress=progress,
    )
    return Verdict(wanted, tuple(breaches))
