"""flask-smorest, marshmallow and the ORM, written the obvious way. Imports nothing of ours."""

import os

from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields
from scipy.special import gammainccinv, gammaincinv
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]
    unit: Mapped[str]
    city: Mapped[str]
    operator: Mapped[str]
    period: Mapped[str]
    indicator: Mapped[str]
    breakdown: Mapped[str]
    category: Mapped[str]
    value: Mapped[int]
    value_status: Mapped[str]
    lower: Mapped[int | None]
    upper: Mapped[int | None]


class RowSchema(Schema):
    level = fields.String()
    unit = fields.String()
    city = fields.String()
    operator = fields.String()
    period = fields.String()
    indicator = fields.String()
    breakdown = fields.String()
    category = fields.String()
    value = fields.Integer(allow_none=True)
    value_status = fields.String()
    lower = fields.Integer(allow_none=True)
    upper = fields.Integer(allow_none=True)


class RowsSchema(Schema):
    items = fields.List(fields.Nested(RowSchema))


class RateSchema(Schema):
    unit = fields.String()
    numerator = fields.Integer()
    denominator = fields.Integer()
    value = fields.Float()
    interval = fields.List(fields.Float())


class RatesSchema(Schema):
    items = fields.List(fields.Nested(RateSchema))


class QuerySchema(Schema):
    first = fields.String(required=True)
    last = fields.String(required=True)
    unit = fields.String()
    indicator = fields.String()


engine = create_engine(f"sqlite:///{os.environ['BENCH_DATABASE']}")
rows = Blueprint("rows", __name__)


@rows.route("/site")
@rows.arguments(QuerySchema, location="query")
@rows.response(200, RowsSchema)
def site(query):
    with Session(engine) as session:
        found = select(Row).where(Row.unit == query["unit"], Row.breakdown == "")
        found = found.where(Row.period.between(query["first"], query["last"])).order_by(Row.id)
        return {"items": session.scalars(found).all()}


@rows.route("/sites")
@rows.arguments(QuerySchema, location="query")
@rows.response(200, RowsSchema)
def sites(query):
    with Session(engine) as session:
        found = select(Row).where(Row.indicator == query["indicator"], Row.breakdown == "")
        found = found.where(Row.period.between(query["first"], query["last"])).order_by(Row.unit, Row.period)
        return {"items": session.scalars(found).all()}


@rows.route("/rates")
@rows.arguments(QuerySchema, location="query")
@rows.response(200, RatesSchema)
def rates(query):
    with Session(engine) as session:
        above, below = (_sums(session, name, query) for name in ("overdose_events", "visits_consumption"))
    return {"items": [_rate(unit, above[unit], below[unit]) for unit in above]}


def _sums(session, indicator, query):
    found = select(Row.unit, func.sum(Row.value)).where(Row.indicator == indicator, Row.breakdown == "")
    found = found.where(Row.period.between(query["first"], query["last"])).group_by(Row.unit).order_by(Row.unit)
    return dict(session.execute(found).all())


def _rate(unit, events, exposure):
    scale = 1000 / exposure
    low = float(gammaincinv(events, 0.025)) if events else 0.0
    interval = [low * scale, float(gammainccinv(events + 1, 0.025)) * scale]
    return {"unit": unit, "numerator": events, "denominator": exposure, "value": events * scale, "interval": interval}


app = Flask(__name__)
app.config.update(API_TITLE="bench", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
Api(app).register_blueprint(rows)
