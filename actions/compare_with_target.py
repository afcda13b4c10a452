"""Find the units that lie further from all together than chance takes them, from one release."""

from __future__ import annotations

from typing import Any

from actions.hub import Hub
from actions.open_comparison import put_question
from comparison.answers.funnel import Adjustment, FunnelAnswer, funnel


def compare_with_target(hub: Hub, *, adjustment: str, **asked: Any) -> tuple[str, FunnelAnswer]:
    """(release id, answer) to a question as `put_question` takes it; raises QueryInvalid where there is no target."""
    release, question = put_question(hub, **asked)
    return release, funnel(question, Adjustment(adjustment))
