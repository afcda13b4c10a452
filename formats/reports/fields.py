"""The fields of a report that are no counts, by the one flat name each has in every form but JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

YES_NO = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class ReportField:
    """A field: its name, its path in the JSON form, its label, and the code list that its value is of.

    Without a code list it is a day of the month, yes or no, or the version of the dictionary (`kind`).
    """

    name: str
    path: tuple[str, ...]
    label: str
    codes: str = ""
    kind: str = "code"

    @property
    def pointer(self) -> str:
        return "/" + "/".join(self.path)

    def read(self, text: str) -> object:
        """The value that a text means; raises ValueError, saying what is asked for. Codes are left to the schema."""
        if self.kind == "yes_no":
            if text.lower() not in YES_NO:
                raise ValueError("Answer yes or no.")
            return YES_NO[text.lower()]
        if self.kind == "day":
            if not re.fullmatch(r"[0-9]{1,2}", text, re.ASCII):
                raise ValueError("Give the day of the month as a number, 1 to 31.")
            return int(text)
        # A spreadsheet takes 2026.10 for a number and drops its last digit; it leaves v2026.10 alone.
        return text.removeprefix("v") if self.kind == "version" else text

    def write(self, value: object) -> str:
        """The text of a value."""
        if self.kind == "yes_no":
            return "yes" if value else "no"
        return f"v{value}" if self.kind == "version" else str(value)


def _about(name: str, label: str) -> ReportField:
    return ReportField(name, ("about", name), label, codes=name)


def _partial(part: str, label: str, **more: Any) -> ReportField:
    return ReportField(f"partial_month_{part}", ("about", "partial_month", part), label, **more)


FIELDS: Mapping[str, ReportField] = {
    field.name: field
    for field in (
        ReportField("dictionary", ("dictionary",), "Version of the dictionary", kind="version"),
        _about("visit_basis", "What is counted as a visit"),
        _about("unique_method", "How unique persons are counted"),
        _about("unique_scope", "Where persons are unique"),
        _about("ems_policy", "When an ambulance is called"),
        _about("overdose_definition", "What is counted as an overdose"),
        ReportField("provisional", ("about", "provisional"), "Are the numbers provisional?", kind="yes_no"),
        _partial("first_day", "Partial month: first day open", kind="day"),
        _partial("last_day", "Partial month: last day open", kind="day"),
        _partial("reason", "Partial month: reason", codes="partial_month_reason"),
        ReportField("closed", ("closed",), "Closed all month: reason", codes="closed"),
        ReportField("revision_reason", ("revision_reason",), "Reason of a revision", codes="revision_reasons"),
    )
}


def fields_of(content: Mapping[str, Any]) -> Iterator[tuple[ReportField, object]]:
    """The fields that a report's content gives, with their values."""
    for field in FIELDS.values():
        value: Any = content
        for step in field.path:
            value = value.get(step) if value else None
        if value is not None:
            yield field, value
