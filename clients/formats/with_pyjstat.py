"""pyjstat and jsonstat-validator."""

import json

from jsonstat_validator import JSONStatValidationError, validate_jsonstat
from pyjstat import pyjstat
from story import HUB, RELEASE, fetch, numbers, tell

text = fetch(f"{HUB}/v1/releases/{RELEASE}/observations?format=jsonstat", "data.json").read_text()
content = json.loads(text)
assert validate_jsonstat(content)
try:
    validate_jsonstat({**content, "size": [1, 2]})
except JSONStatValidationError:
    checks = ["valid", "a wrong size is found"]

labels = pyjstat.Dataset.read(text).write("dataframe")
assert any("Overdose events" in cell for cell in labels["cell"].unique())
assert any("synthetic numbers" in unit for unit in labels["unit"].unique())
checks.append("labels")

(frame,) = pyjstat.from_json_stat({"crosstally": content}, naming="id")
# It has a row for every place and drops the statuses; places without a row in the release have neither.
statuses = ["published" if str(n) in content["value"] else content["status"].get(str(n)) for n in range(len(frame))]
words = [[*cell.split("/"), "", ""][:3] for cell in frame["cell"]]
rows = zip(frame["level"], frame["unit"], frame["period"], words, numbers(frame["value"]), statuses, strict=True)
tell([*checks, "codes"], [[a, b, c, *w, value, status] for a, b, c, w, value, status in rows if status])
