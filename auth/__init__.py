"""The OAuth server, its endpoints and the guard."""
