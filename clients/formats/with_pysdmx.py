"""pysdmx on what the hub's SDMX 2.1 addresses answer, saved as files."""

from pysdmx.io import get_datasets, read_sdmx
from story import SDMX, cells_of_sdmx, fetch, tell

structure = fetch(f"{SDMX}/dataflow/CROSSTALLY/OPC_MONTHLY/1.0?references=all", "structure.xml")
message = read_sdmx(structure, validate=True)
(flow,) = message.get_dataflows()
assert flow.id == "OPC_MONTHLY"
(kept,) = message.get_data_structure_definitions()
assert [d.id for d in kept.components.dimensions][:3] == ["FREQ", "LEVEL", "UNIT"]
assert {c.id for c in message.get_codelist("Codelist=CROSSTALLY:CL_CONF_STATUS(1.0)").items} == {"F", "C"}
checks = ["structures"]

generic = fetch(f"{SDMX}/data/OPC_MONTHLY", "data.xml")
table = fetch(f"{SDMX}/data/OPC_MONTHLY?format=csv", "data.csv")
found = []
for path in (generic, table):
    (dataset,) = get_datasets(path, structure)
    found.append(sorted(cells_of_sdmx(dataset.data, "OBS_VALUE"), key=str))
    checks.append(f"data from {path.name}")
assert found[0] == found[1]
tell(checks, found[0])
