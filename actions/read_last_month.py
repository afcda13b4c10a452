"""What a site reported for the month before, to be shown beside the fields of a template."""

from __future__ import annotations

from typing import Any

from actions.hub import Hub
from actions.read_directory import read_site
from domain.access import Principal
from domain.dictionary import Dictionary
from domain.periods import Month
from domain.refusals import NotFound
from store.reports import head_of, revision_of
from store.tenancy import of_operator

WITHDRAWN = "withdrawn"


def read_last_month(hub: Hub, *, by: Principal, site: str, month: Month) -> dict[str, Any]:
    """The content of the report of the month before, empty where none stands; raises NotFound for others' sites."""
    place = read_site(hub, site)
    if not by.owns(site):
        raise NotFound(f"There is no report of the site {site} that you may read.")
    before = month.before
    with hub.database.read(of_operator(by.operator)) as connection:
        head = head_of(connection, site, before)
        found = revision_of(connection, site, before, head.revision) if head and head.state != WITHDRAWN else None
    if found is None:
        return {}
    hub.audit_reading(by, "report.read", f"{site}/{before}/{found.number}", place.operator)
    return found.content


def dictionary_for(hub: Hub, month: Month) -> Dictionary:
    """The newest dictionary by which reports of the month are judged; raises NotFound."""
    in_force = [dictionary for dictionary in hub.dictionaries.values() if dictionary.in_force(month)]
    if not in_force:
        raise NotFound(f"No dictionary is in force for {month}.")
    return max(in_force, key=lambda dictionary: dictionary.in_force_from)
