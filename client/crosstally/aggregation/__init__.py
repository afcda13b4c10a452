"""From an operator's own lines to the monthly report, on the operator's machine. Needs the extra `aggregate`."""

from crosstally._hub.domain.load_dictionary import shipped_dictionaries
from crosstally._hub.domain.periods import Month
from crosstally.aggregation.building import build, written
from crosstally.aggregation.counting import count, months_of
from crosstally.aggregation.mapping import Export, load, mapping_of
from crosstally.aggregation.reading import read_columns, read_export
from crosstally.aggregation.report import judge, report_content, rows, small_cells

__all__ = [
    "Export",
    "Month",
    "build",
    "count",
    "judge",
    "load",
    "mapping_of",
    "months_of",
    "read_columns",
    "read_export",
    "report_content",
    "rows",
    "shipped_dictionaries",
    "small_cells",
    "written",
]
