"""The SDMX structures of each dictionary, written by pysdmx and kept in the package, so that the hub runs without it.

The code list of units differs from release to release: here it has the total alone, and the hub fills it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from domain.dictionary import Dictionary, Level
from domain.labels import LEVELS
from domain.load_dictionary import shipped_dictionaries
from formats.sdmx.codes import AGENCY, ATTRIBUTES, CODES, FLOW, KEY, MEASURE, TIME, TOTAL, VERSION

FOLDER = Path("formats/sdmx/structures")
CONCEPTS = "CS_OPC"
_LABELS = {
    TIME: ("Period", "The month, quarter or year."),
    MEASURE: ("Value", "The number; missing where it is not published."),
    "OBS_STATUS": ("Observation status", "Whether the value is published, and why not where it is not."),
    "CONF_STATUS": ("Confidentiality status", "Whether the value is withheld. One code, whatever the reason."),
    "LOWER_BOUND": ("Lower bound", "Where the value is suppressed: the least that any reader could derive."),
    "UPPER_BOUND": ("Upper bound", "Where the value is suppressed: the most that any reader could derive."),
}


def structure_files() -> dict[str, str]:
    """The content of every such file by its path; needs pysdmx, which is installed for development alone."""
    return {str(FOLDER / f"{version}.xml"): _written(known) for version, known in shipped_dictionaries().items()}


def codes_of(dictionary: Dictionary) -> Mapping[str, Mapping[str, str]]:
    """Every code list with its codes and their labels."""
    categories: dict[str, dict[str, None]] = {}
    for breakdown in dictionary.breakdowns:
        for category in breakdown.categories:
            categories.setdefault(category.code, {})[category.label] = None
    return {
        **CODES,
        "CL_UNIT": {TOTAL: LEVELS[Level.ALL]},
        "CL_INDICATOR": {indicator.id: indicator.label for indicator in dictionary.indicators},
        "CL_BREAKDOWN": {TOTAL: "Total", **{b.id: b.label for b in dictionary.breakdowns}},
        "CL_CATEGORY": {TOTAL: "Total", **{code: " / ".join(labels) for code, labels in categories.items()}},
    }


def _written(dictionary: Dictionary) -> str:
    from pysdmx.io.xml.sdmx21.writer.structure import write
    from pysdmx.model import Organisation
    from pysdmx.model.message import Header

    header = Header(id=FLOW, prepared=datetime(2026, 1, 1, tzinfo=UTC), sender=Organisation(id=AGENCY))
    text = write(list(_structures(dictionary)), prettyprint=True, header=header)
    assert text is not None, "it is written to no file"
    # Nobody needs to fetch the schemas from where it says that they are.
    return re.sub(r' xsi:schemaLocation="[^"]*"', "", text)


def _structures(dictionary: Dictionary) -> Iterator:
    from pysdmx.model import Code, Codelist, Concept, ConceptScheme, Dataflow, DataStructureDefinition
    from pysdmx.model.dataflow import Components

    definitions = {indicator.id: indicator.definition for indicator in dictionary.indicators}
    labels = {**{dimension.id: (dimension.label, dimension.description) for dimension in KEY}, **_LABELS}
    lists = {
        name: Codelist(
            id=name,
            name=labels[name.removeprefix("CL_")][0],
            agency=AGENCY,
            version=VERSION,
            items=[
                Code(id=code, name=label, description=definitions.get(code) if name == "CL_INDICATOR" else None)
                for code, label in codes.items()
            ],
        )
        for name, codes in codes_of(dictionary).items()
    }
    concepts = [Concept(id=id, name=name, description=text) for id, (name, text) in labels.items()]
    scheme = ConceptScheme(id=CONCEPTS, name="Concepts", agency=AGENCY, version=VERSION, items=concepts)
    components = Components([_component(id, lists) for id in labels])
    title = "Monthly aggregate counts of overdose prevention centers"
    structure = DataStructureDefinition(id=FLOW, name=title, agency=AGENCY, version=VERSION, components=components)
    yield from lists.values()
    yield scheme
    yield structure
    yield Dataflow(id=FLOW, name=title, agency=AGENCY, version=VERSION, structure=structure)


def _component(id: str, lists: Mapping):  # type: ignore[no-untyped-def]
    from pysdmx.model import Component, DataType, ItemReference, Role

    concept = ItemReference(sdmx_type="Concept", agency=AGENCY, id=CONCEPTS, version=VERSION, item_id=id)
    role = Role.ATTRIBUTE if id in ATTRIBUTES else Role.MEASURE if id == MEASURE else Role.DIMENSION
    codes = lists.get(f"CL_{id}")
    number = DataType.PERIOD if id == TIME else DataType.DOUBLE
    return Component(
        id=id,
        required=role is Role.DIMENSION or id in ("OBS_STATUS", "CONF_STATUS"),
        role=role,
        concept=concept,
        local_codes=codes,
        local_dtype=None if codes else number,
        attachment_level="O" if role is Role.ATTRIBUTE else None,
    )
