"""Compare a rate or share between sites, cities, or all sites, from one release."""

from __future__ import annotations

from typing import Any

from actions.hub import Hub
from actions.open_comparison import put_question
from comparison.answers.rates import RatesAnswer, rates


def compare_rates(hub: Hub, **asked: Any) -> tuple[str, RatesAnswer]:
    """(release id, answer) to a question as `put_question` takes it; QueryInvalid for sums that can't be made."""
    release, question = put_question(hub, **asked)
    return release, rates(question)
