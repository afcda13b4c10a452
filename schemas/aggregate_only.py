"""What does not fit a schema of counts is looked at once more: a list of persons is refused as what it is.

Only what is refused anyway is looked at, so that no report ever is suspected, or waits for it.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError

from domain.line_lists import suspicions_in_json
from domain.refusals import LineList


def refuse_line_list(data: object) -> None:
    """Raise LineList for a decoded body that looks like a list of persons, visits or events."""
    signs = suspicions_in_json(data)
    if signs:
        raise LineList(signs) from None


class AggregateOnly(Schema):
    """A schema of counts: it refuses a line list as a line list, and not for each key that it does not know."""

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """See whether what does not fit is a line list, before its errors are told."""
        refuse_line_list(data)
