"""crosstally-hub database upgrade."""

import pytest
from click.testing import CliRunner

from cli.main import main
from domain.settings import Settings
from store.database import Database
from tests.builders import superuser


def upgrade(url: str):
    return CliRunner().invoke(main, ["database", "upgrade"], obj=Settings(database_url=url))


def test_the_tables_are_made_once(new_database):
    url = new_database()
    assert upgrade(url).output == "tables of version 0009, before: none\n"
    assert upgrade(url).output == "tables of version 0009, before: 0009\n"


def test_tables_of_a_newer_hub_are_refused(new_database):
    url = new_database()
    upgrade(url)
    database = Database(url)
    with superuser(database) as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    database.close()
    result = upgrade(url)
    assert result.exit_code == 1
    assert "run a newer one" in result.output


@pytest.mark.parametrize("url", ["sqlite:///{}", "postgresql://hub@/hub?host={}"])
def test_a_database_that_does_not_answer_is_an_error_and_no_traceback(url, tmp_path):
    result = upgrade(url.format(tmp_path))
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
