"""Compare units as they would compare with the same mix of a breakdown, from one release."""

from __future__ import annotations

from typing import Any

from actions.hub import Hub
from actions.open_comparison import put_question
from comparison.answers.standardized import StandardizedAnswer, Way, standardized


def compare_standardized(hub: Hub, *, breakdown: str, method: str, **asked: Any) -> tuple[str, StandardizedAnswer]:
    """(release id, answer) to a question as `put_question` takes it; raises QueryInvalid for an unfit breakdown."""
    release, question = put_question(hub, **asked)
    return release, standardized(question, breakdown, Way(method))
