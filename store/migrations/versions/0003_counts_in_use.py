"""Which counts of a report a release used, and why cells are hidden."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column, and the table of explanations."""
    op.add_column("release_reports", sa.Column("counted_in", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "explanations",
        sa.Column("release", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("release", name="pk_explanations"),
    )


def downgrade() -> None:
    """Remove both; raises RuntimeError where a release used counts of several revisions of a report."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM release_reports WHERE CAST(counted_in AS TEXT) <> '{}'")):
        raise RuntimeError("This hub has used corrected reports; what it used is not forgotten.")
    op.drop_table("explanations")
    op.drop_column("release_reports", "counted_in")
