"""marshmallow schemas, derived from the dictionary."""
