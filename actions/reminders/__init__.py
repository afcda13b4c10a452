"""Reminders by e-mail of reports that are missing."""
