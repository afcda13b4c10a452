"""Follow a measure over time, from one release."""

from __future__ import annotations

from typing import Any

from actions.hub import Hub
from actions.open_comparison import put_question
from comparison.answers.trends import TrendsAnswer, trends
from domain.periods import PeriodKind


def compare_over_time(hub: Hub, *, step: str, **asked: Any) -> tuple[str, TrendsAnswer]:
    """(release id, answer) to a question as `put_question` takes it; raises QueryInvalid for too many points."""
    release, question = put_question(hub, **asked)
    return release, trends(question, PeriodKind(step))
