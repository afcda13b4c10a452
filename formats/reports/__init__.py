"""The forms of a report besides JSON: one module for each, which reads it into a Sheet and writes it from content."""
