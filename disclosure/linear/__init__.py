"""Unknowns and relations between them: bounds, components, rooms to move in, linear programs."""
