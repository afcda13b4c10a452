"""Retractions of releases."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
SAME_ROW = "release = NEW.release OR retracted = NEW.retracted"


def upgrade() -> None:
    """Make the table, and the triggers that keep what is written in it."""
    op.create_table(
        "retractions",
        sa.Column("release", TEXT, nullable=False),
        sa.Column("retracted", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("release", name="pk_retractions"),
        sa.UniqueConstraint("retracted", name="uq_retractions_retracted"),
        sa.ForeignKeyConstraint(["release"], ["releases.id"], name="fk_retractions_release_releases"),
        sa.ForeignKeyConstraint(["retracted"], ["releases.id"], name="fk_retractions_retracted_releases"),
        sa.CheckConstraint("release <> retracted", name="ck_retractions_of_another"),
    )
    for statement in _triggers_of_sqlite() if _on_sqlite() else _triggers_of_postgresql():
        op.execute(statement)


def downgrade() -> None:
    """Remove the table; raises RuntimeError where anything was retracted."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM retractions")):
        raise RuntimeError("This hub has been written to; its retractions are not removed.")
    op.drop_table("retractions")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _triggers_of_postgresql() -> list[str]:
    return [
        f"CREATE TRIGGER retractions_refuse_{verb} BEFORE {verb} ON retractions "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for verb in ("update", "delete", "truncate")
    ]


def _triggers_of_sqlite() -> list[str]:
    there = f"WHEN EXISTS (SELECT 1 FROM retractions WHERE {SAME_ROW})"
    occasions = {
        "update": "UPDATE ON retractions",
        "delete": "DELETE ON retractions",
        "replace": f"INSERT ON retractions {there}",
    }
    return [
        f"CREATE TRIGGER retractions_refuse_{what} BEFORE {occasion} "
        "BEGIN SELECT RAISE(ABORT, 'table retractions is append-only'); END"
        for what, occasion in occasions.items()
    ]
