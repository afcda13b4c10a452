"""Tables and named questions; the action owns the transaction, nothing here commits."""
