"""Everything the system can do, one verb per file."""
