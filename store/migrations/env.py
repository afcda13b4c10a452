"""Run by Alembic around each command: the steps go into the transaction of the connection they are given."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
