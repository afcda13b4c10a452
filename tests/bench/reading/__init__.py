"""The speed of reading a release beside others on the same rows."""
