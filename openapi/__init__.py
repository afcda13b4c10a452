"""The contract: the Api subclass, the table of problems."""
