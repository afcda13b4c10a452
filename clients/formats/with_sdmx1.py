"""sdmx1, as its documentation uses it."""

import pandas as pd
import sdmx
from story import HEADERS, HUB, RELEASE, SDMX, cells_of_sdmx, tell

checks = []


def source(url: str) -> sdmx.Client:
    sdmx.add_source({"id": "CROSSTALLY", "name": "Crosstally", "url": url}, override=True)
    client = sdmx.Client("CROSSTALLY")
    client.session.headers.update(HEADERS)
    return client


client = source(f"{HUB}/sdmx/2.1")
assert "OPC_MONTHLY" in client.dataflow().dataflow
message = client.dataflow("OPC_MONTHLY")
structure = message.structure["OPC_MONTHLY"]
assert [d.id for d in structure.dimensions][0] == "FREQ"
assert {"M", "Q", "A"} == set(message.codelist["CL_FREQ"].items)
assert "overdose_events" in message.codelist["CL_INDICATOR"].items
assert "CL_UNIT" in client.codelist().codelist
assert "CS_OPC" in client.conceptscheme().concept_scheme
assert client.datastructure("OPC_MONTHLY").structure
checks.append("structures")

key = {"INDICATOR": ["overdose_events", "ems_calls"], "FREQ": "M", "BREAKDOWN": "_T"}
message = client.data("OPC_MONTHLY", key=key)
frame = sdmx.to_pandas(message, attributes="o").reset_index()
assert set(frame.INDICATOR) == {"overdose_events", "ems_calls"} and set(frame.FREQ) == {"M"}
hidden = frame[frame.OBS_STATUS == "Q"]
assert len(hidden) and hidden["value"].isna().all() and (hidden.CONF_STATUS == "C").all()
checks += ["a key of several codes", "suppressed as NaN with its status"]

for flow, key in (
    ("OPC_MONTHLY", "M.site..overdose_events._T._T"),
    ("OPC_MONTHLY", "M.site..overdose_events+ems_calls._T."),
    ("CROSSTALLY,OPC_MONTHLY,1.0", "Q....."),
):
    last = sdmx.to_pandas(client.data(flow, key=key, params={"lastNObservations": 1}))
    assert len(last) and set(last.index.get_level_values("FREQ")) == {key[0]}
checks.append("keys as text")

during = client.data("OPC_MONTHLY", key="M.....", params={"startPeriod": "2025-10", "endPeriod": "2025-12"})
months = {str(o.dimension["TIME_PERIOD"].value) for data in during.data for o in data.obs}
assert months == {"2025-10", "2025-11", "2025-12"}, months
series = sdmx.to_pandas(
    client.data("OPC_MONTHLY", key="M.site..visits_consumption._T._T"), datetime={"dim": "TIME_PERIOD", "freq": "FREQ"}
)
assert isinstance(series.index, pd.PeriodIndex) and series.index.freqstr == "M"
checks.append("periods")

nothing = client.data("OPC_MONTHLY", key="M.site.nowhere...")
assert sum(len(data.obs) for data in nothing.data) == 0
checks.append("nothing found is no failure")

key, wanted = "M.site...._T", {"Accept": "application/vnd.sdmx.data+json;version=1.0.0"}
as_json, as_xml = (client.data("OPC_MONTHLY", key=key, headers=headers) for headers in (wanted, {}))
assert "json" in as_json.response.headers["Content-Type"]
names = list(sdmx.to_pandas(as_xml).index.names)
one, other = (sdmx.to_pandas(each).reorder_levels(names).sort_index() for each in (as_json, as_xml))
assert len(one) and one.astype(float).equals(other.astype(float))
checks.append("SDMX-JSON")

for params in ({"detail": "serieskeysonly"}, {"dimensionAtObservation": "AllDimensions"}, {"includeHistory": False}):
    client.data("OPC_MONTHLY", key="M.site..overdose_events._T._T", params=params)
checks.append("parameters")

whole = source(SDMX).data("OPC_MONTHLY")
assert whole.response.headers["X-Release"] == RELEASE
frame = sdmx.to_pandas(whole, attributes="o").reset_index()
tell([*checks, "a release by its path"], cells_of_sdmx(frame, "value"))
