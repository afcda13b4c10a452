"""Set units beside each other, or each beside all others, from one release."""

from __future__ import annotations

from typing import Any

from actions.hub import Hub
from actions.open_comparison import put_question
from comparison.answers.ratios import Contrast, RatiosAnswer, ratios


def compare_ratios(hub: Hub, *, contrast: str, **asked: Any) -> tuple[str, RatiosAnswer]:
    """(release id, answer) to a question as `put_question` takes it; raises QueryInvalid for too many pairs."""
    release, question = put_question(hub, **asked)
    return release, ratios(question, Contrast(contrast))
