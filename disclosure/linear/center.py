"""A table that fits all relations: the truth, completed where operators sent bounds instead of counts."""

from __future__ import annotations

import numpy as np

from disclosure.linear.components import look
from disclosure.linear.search import Evidence, Search
from disclosure.linear.system import System, Vector


def find_center(system: System) -> Vector | None:
    """Whole numbers for all unknowns that fit all relations, the true ones where they are known; or None."""
    center = system.truth.copy()
    if system.exact.all():
        return center
    view = look(system, system.exact)
    if view.is_contradictory:
        return None
    center = np.where(system.exact, center, view.lower)
    evidence = Evidence(system)
    for component in view.components:
        table = Search(component, evidence).center
        if table is None:
            return None
        center[component.targets] = component.values(table)
    return center
