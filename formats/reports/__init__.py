"""The forms of a report besides JSON: one module for each, which reads it into a Sheet and writes it from content."""

import os

# A workbook is written in the same bytes, and a stranger's is read by defusedxml, whether lxml is installed or not.
os.environ.setdefault("OPENPYXL_LXML", "False")
