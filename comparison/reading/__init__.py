"""A release as comparisons read it."""
