"""Retractions in the tables, on either database."""

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from domain.retraction import Retraction
from store.releases import all_cuts, chain_of_ids, release_in_force
from store.retractions import add_retraction, all_retractions
from store.tables import retractions
from store.tenancy import EVERY_OPERATOR
from tests.builders import MAY, NOON, report, submit_and_accept
from tests.store.published import publish


@pytest.fixture
def chain(hub):
    """Twelve releases of one day, the tenth and the eleventh of which are retractions."""
    submit_and_accept(hub, "nyc-east", MAY, report())
    with hub.database.write(EVERY_OPERATOR) as connection:
        made = [publish(connection, number).id for number in range(1, 13)]
        add_retraction(connection, Retraction(made[10], made[3], "data_error"))
        add_retraction(connection, Retraction(made[9], made[4], "legal"))
    return made


def test_retractions_come_back_in_the_order_of_the_chain(hub, chain):
    with hub.database.read(EVERY_OPERATOR) as connection:
        assert chain_of_ids(connection) == chain
        assert list(all_retractions(connection).values()) == [
            Retraction(chain[9], chain[4], "legal"),
            Retraction(chain[10], chain[3], "data_error"),
        ]


def test_cuts_are_all_releases_but_retractions_and_may_be_retracted(hub, chain):
    cuts = [release for release in chain if release not in (chain[9], chain[10])]
    with hub.database.write(EVERY_OPERATOR) as connection:
        assert [release.id for release in all_cuts(connection)] == cuts
        last = publish(connection, 13)
        add_retraction(connection, Retraction(last.id, chain[11], "legal"))
        assert [release.id for release in all_cuts(connection)] == cuts


def test_the_release_in_force_is_the_newest_of_its_moment(hub, chain):
    with hub.database.read(EVERY_OPERATOR) as connection:
        assert release_in_force(connection, NOON).id == chain[11]
        assert release_in_force(connection, NOON.replace(hour=11)) is None


@pytest.mark.parametrize(
    ("release", "retracted"),
    [(12, 4), (10, 12), (12, 12), (12, 14), (14, 12)],
    ids=["retracted twice", "one release, two retractions", "itself", "what is not there", "by what is not there"],
)
def test_the_database_refuses(hub, chain, release, retracted):
    row = {"release": f"2026-07-15.{release}", "retracted": f"2026-07-15.{retracted}", "reason": "legal"}
    with pytest.raises(IntegrityError), hub.database.write(EVERY_OPERATOR) as connection:
        connection.execute(insert(retractions).values(**row))
