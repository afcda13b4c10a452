"""The workbook's sheets and columns, by the names that its writer gives them and its reader looks for."""

from __future__ import annotations

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

START, ABOUT, COUNTS, WARNINGS, RULES = SHEETS = ("Start here", "About", "Counts", "Warnings", "Rules")

WHAT, VALUE, STATUS, LAST, CHECK, DEFINITION, TEXTS = (
    "What",
    "Value",
    "Status",
    "Last month",
    "Check",
    "What to count",
    "Rules",
)
INDICATOR, BREAKDOWN, CATEGORY = "indicator", "breakdown", "category"
COUNT_COLUMNS = (WHAT, VALUE, STATUS, LAST, CHECK, DEFINITION, TEXTS, INDICATOR, BREAKDOWN, CATEGORY)

QUESTION, ANSWER, CHOICES, FIELD = "Question", "Answer", "Choices", "field"
ABOUT_COLUMNS = (QUESTION, ANSWER, CHOICES, LAST, FIELD)

RULE, REASON, TEXT = "Rule", "Reason", "Text"
WARNING_COLUMNS = (RULE, REASON, TEXT)
RULE_COLUMNS = (RULE, "Level", TEXT)

COLUMNS = {ABOUT: ABOUT_COLUMNS, COUNTS: COUNT_COLUMNS, WARNINGS: WARNING_COLUMNS}
"""The columns of the sheets that are read."""

SITE, MONTH = "site", "month"
"""The fields of About that say for which report the workbook is."""
