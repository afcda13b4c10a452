"""Which unknowns are published, and which of these may still be hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from disclosure.linear.system import Mask


@dataclass(frozen=True, eq=False)
class Pattern:
    """Which unknowns are published, and which of these may still be hidden to protect others."""

    published: Mask
    yielding: Mask

    def hiding(self, chosen: Sequence[int]) -> Pattern:
        """The pattern with these hidden as well."""
        still = np.ones(len(self.published), dtype=bool)
        still[list(chosen)] = False
        return Pattern(self.published & still, self.yielding & still)
