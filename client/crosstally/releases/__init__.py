"""Releases, checked by somebody who has nothing but the public files and the public key."""
