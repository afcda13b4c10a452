"""What else to hide: the cheap pass, detours, and the exact search. The attack knows nothing of it."""
