"""The words of the field as types that cannot hold nonsense."""
