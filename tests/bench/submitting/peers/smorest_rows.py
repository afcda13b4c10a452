"""flask-smorest, marshmallow and the ORM, written the obvious way. Imports nothing of ours."""

import os

from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy import create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Stored(Base):
    __tablename__ = "stored"
    site: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(primary_key=True)
    breakdown: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]


class CellSchema(Schema):
    site = fields.String(required=True)
    month = fields.String(required=True)
    indicator = fields.String(required=True)
    breakdown = fields.String(required=True)
    category = fields.String(required=True)
    value = fields.Float(required=True, validate=validate.Range(0, 10_000_000))


class ReportSchema(Schema):
    rows = fields.List(fields.Nested(CellSchema), required=True)


class ReceiptSchema(Schema):
    cells = fields.Integer()


engine = create_engine(f"sqlite:///{os.environ['BENCH_DATABASE']}", connect_args={"timeout": 30})


@event.listens_for(engine, "connect")
def _prepare(connection, _record):
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


Base.metadata.create_all(engine)
reports = Blueprint("reports", __name__)


@reports.route("/sites/<site>/reports/<month>", methods=["PUT"])
@reports.arguments(ReportSchema)
@reports.response(201, ReceiptSchema)
def put_report(report, site, month):
    with Session(engine) as session:
        session.add_all(Stored(**row) for row in report["rows"])
        session.commit()
    return {"cells": len(report["rows"])}


app = Flask(__name__)
app.config.update(API_TITLE="bench", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
Api(app).register_blueprint(reports)
