"""Rates and their intervals: numbers in, numbers out."""
