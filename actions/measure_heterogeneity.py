"""Measure how much units differ, and what they have in common, from one release."""

from __future__ import annotations

from typing import Any

from actions.hub import Hub
from actions.open_comparison import put_question
from comparison.answers.heterogeneity import HeterogeneityAnswer, heterogeneity


def measure_heterogeneity(hub: Hub, **asked: Any) -> tuple[str, HeterogeneityAnswer]:
    """(release id, answer) to a question as `put_question` takes it; QueryInvalid for sums that can't be made."""
    release, question = put_question(hub, **asked)
    return release, heterogeneity(question)
