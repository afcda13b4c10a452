"""Say how often what was seldom or never seen may happen all the same, from one release."""

from __future__ import annotations

from typing import Any

from actions.hub import Hub
from actions.open_comparison import put_question
from comparison.answers.zero_events import ZeroEventsAnswer, zero_events


def limit_zero_events(hub: Hub, **asked: Any) -> tuple[str, ZeroEventsAnswer]:
    """(release id, answer) to a question as `put_question` takes it; QueryInvalid for sums that can't be made."""
    release, question = put_question(hub, **asked)
    return release, zero_events(question)
