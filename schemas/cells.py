"""The cell of a report as a field: a number, a bound, or a status; its schema is one component of the contract."""

from __future__ import annotations

from marshmallow import ValidationError, fields

from domain.report import COUNT_MAX, Cell, Gap, Reported
from domain.report_content import cell_from_content, reported_count


def _component(number: dict, description: str) -> dict:
    bound = {
        "type": "object",
        "description": "Counted, and hidden by the operator: fewer than `lt`.",
        "properties": {"lt": {"type": "integer", "minimum": 2, "maximum": COUNT_MAX}},
        "required": ["lt"],
        "additionalProperties": False,
    }
    status = {
        "type": "object",
        "description": "Not counted, and why.",
        "properties": {"status": {"type": "string", "enum": [gap.value for gap in Gap]}},
        "required": ["status"],
        "additionalProperties": False,
    }
    return {"description": description, "oneOf": [{**number, "minimum": 0, "maximum": COUNT_MAX}, bound, status]}


COMPONENTS = {
    "Count": _component(
        {"type": "integer"}, "A whole number, a bound, or a status. Never blank, never a magic number."
    ),
    "Hours": _component({"type": "number"}, "Hours (rule r01: at most two decimals), a bound, or a status."),
}


def read_count(value: object) -> Cell:
    """The cell, where it is no number of hours; raises ValueError or OverflowError."""
    if type(value) is int:
        return reported_count(value)
    cell = cell_from_content(value)
    if isinstance(cell, Reported) and cell.value != int(cell.value):
        raise ValueError("only hours have decimals")
    return cell


class CellField(fields.Field[Cell]):
    """Reads a cell into the domain's Cell; refuses what is none, saying what one is."""

    def __init__(self, *, hours: bool = False) -> None:
        super().__init__(required=True, metadata={"component": "Hours" if hours else "Count"})
        self.hours = hours

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> Cell:
        try:
            return cell_from_content(value) if self.hours else read_count(value)
        except (ValueError, OverflowError):
            raise ValidationError(self._expected()) from None

    def _expected(self) -> str:
        number = "a number" if self.hours else "a whole number"
        statuses = ", ".join(gap.value for gap in Gap)
        return f'A cell is {number} from 0 to {COUNT_MAX}, or {{"lt": n}}, or {{"status": one of {statuses}}}.'
