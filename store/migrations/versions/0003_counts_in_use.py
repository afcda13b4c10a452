"""Which counts of a report a release used, and why cells are hidden."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
PLACE = ("release", "site", "month", "indicator")
SAME_ROW = " AND ".join(f"{column} = NEW.{column}" for column in PLACE)


def upgrade() -> None:
    """Make the tables, and the triggers that keep what is written in the first."""
    op.create_table(
        "release_counts",
        *(sa.Column(name, TEXT, nullable=False) for name in PLACE),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*PLACE, name="pk_release_counts"),
        sa.ForeignKeyConstraint(
            ["release", "site", "month"],
            ["release_reports.release", "release_reports.site", "release_reports.month"],
            name="fk_release_counts_release_site_month_release_reports",
        ),
        sa.ForeignKeyConstraint(
            ["site", "month", "revision"],
            ["revisions.site", "revisions.month", "revisions.number"],
            name="fk_release_counts_site_month_revision_revisions",
        ),
    )
    for statement in _triggers_of_sqlite() if op.get_bind().dialect.name == "sqlite" else _triggers_of_postgresql():
        op.execute(statement)
    op.create_table(
        "explanations",
        sa.Column("release", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("release", name="pk_explanations"),
    )


def downgrade() -> None:
    """Remove both; raises RuntimeError where a release used counts of several revisions of a report."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM release_counts")):
        raise RuntimeError("This hub has used corrected reports; what it used is not forgotten.")
    op.drop_table("explanations")
    op.drop_table("release_counts")


def _triggers_of_postgresql() -> list[str]:
    return [
        f"CREATE TRIGGER release_counts_refuse_{verb} BEFORE {verb} ON release_counts "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for verb in ("update", "delete", "truncate")
    ]


def _triggers_of_sqlite() -> list[str]:
    occasions = {
        "update": "UPDATE ON release_counts",
        "delete": "DELETE ON release_counts",
        "replace": f"INSERT ON release_counts WHEN EXISTS (SELECT 1 FROM release_counts WHERE {SAME_ROW})",
    }
    return [
        f"CREATE TRIGGER release_counts_refuse_{what} BEFORE {occasion} "
        "BEGIN SELECT RAISE(ABORT, 'table release_counts is append-only'); END"
        for what, occasion in occasions.items()
    ]
