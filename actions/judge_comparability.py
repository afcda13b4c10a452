"""Tell which units can be compared for a measure, pair by pair, from one release."""

from __future__ import annotations

from typing import Any

from actions.hub import Hub
from actions.open_comparison import put_question
from comparison.answers.pairs import ComparabilityAnswer, compare_pairs


def judge_comparability(hub: Hub, **asked: Any) -> tuple[str, ComparabilityAnswer]:
    """(release id, answer) to a question as `put_question` takes it; raises QueryInvalid for too many pairs."""
    release, question = put_question(hub, **asked)
    return release, compare_pairs(question)
