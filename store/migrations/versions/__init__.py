"""The steps, each with its number and the one before it."""
