# Crosstally: `make help` lists what there is.
PY := .venv/bin/python
PORT ?= 8000
SERVE ?= 1
SOURCES := api auth openapi schemas actions disclosure comparison formats store domain cli client wsgi.py tests

.DEFAULT_GOAL := help
.PHONY: help demo test sweep bench test-clients test-browser check fix generate lock

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/run: requirements.lock setup.cfg
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/dev: requirements-dev.lock .venv/run
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

demo: .venv/run ## Run the main job on embedded defaults, then keep serving (SERVE=0 stops after printing, PORT=8000)
	$(PY) -m cli.main demo --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve,--serve)

test: .venv/dev ## The whole test suite
	$(PY) -m pytest

.venv-clients/ready: clients/requirements.lock
	test -x .venv-clients/bin/python || python3 -m venv .venv-clients
	.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r clients/requirements.lock
	touch $@

clients/node_modules/.package-lock.json: clients/package.json clients/package-lock.json clients/.npmrc
	command -v npm > /dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -qq --no-install-recommends nodejs npm; } \
		|| { echo "make test-clients needs Node (20.19 or newer) and npm; install them" >&2; exit 1; }
	cd clients && npm ci --no-progress
	touch $@

test-clients: .venv/dev .venv-clients/ready clients/node_modules/.package-lock.json ## Other people's tools and OAuth clients, a session in R, and our client as it is installed (needs Node and R)
	command -v Rscript > /dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -qq --no-install-recommends r-base-core; } \
		|| { echo "make test-clients needs R; install r-base-core" >&2; exit 1; }
	$(PY) -m pytest -m clients -n0 tests/clients tests/client tests/formats/test_clients.py

test-browser: .venv/dev ## The pages in a real Chromium, passkeys included (installs Debian's chromium as root where it is missing)
	command -v chromium > /dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -qq --no-install-recommends chromium; } \
		|| { echo "make test-browser needs Chromium; install it" >&2; exit 1; }
	$(PY) -m pytest -m browser -n0 tests/browser

sweep: .venv/dev ## The long randomised runs (SWEEP_EXAMPLES=50 for each operation)
	$(PY) -m pytest -m sweep -n0 -s

.venv-bench/ready: tests/bench/submitting/requirements.lock
	test -x .venv-bench/bin/python || python3 -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/bench/submitting/requirements.lock
	touch $@

bench: .venv/dev .venv-bench/ready ## The rates of submitting and reading, hidden cells and time beside other tools (CASES="S2 M1", PEERS=a Python with the extra [oracle])
	$(PY) -m tests.bench.submitting
	{ command -v nginx && command -v wrk; } > /dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -qq --no-install-recommends nginx-light wrk; } \
		|| echo "nginx or wrk is missing: install them for the whole table" >&2
	$(PY) -m tests.bench.reading
	$(PY) -m tests.bench.lines
	$(if $(PEERS),PEERS=$(PEERS)) $(PY) -m tests.bench.tables $(CASES)
	$(PY) -m tests.bench.releases whole 12 12
	$(PY) -m tests.bench.releases turns 12 12

check: .venv/dev ## Lint, format, order of imports, types, arrows, contract kept (changes nothing)
	$(PY) -m flake8 $(SOURCES)
	$(PY) -m isort --check-only --quiet $(SOURCES)
	$(PY) -m ruff format --isolated --line-length 120 --check --quiet $(SOURCES)
	$(PY) client/carrying.py
	$(PY) -m mypy $(filter-out tests client,$(SOURCES))
	$(PY) -m mypy client/crosstally
	$(PY) -m tests.arrows
	$(PY) -m openapi.breaking

fix: .venv/dev ## Format the code and order its imports
	$(PY) -m isort --quiet $(SOURCES)
	$(PY) -m ruff format --isolated --line-length 120 --quiet $(SOURCES)

generate: .venv/dev ## Renew the generated files: the contract, the settings page, the disclosure examples, the SDMX structures
	$(PY) -m cli.main generate

lock: .venv/dev ## Renew the lock files from setup.cfg
	$(PY) -m uv pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-header --no-annotate setup.cfg -o requirements.lock
	$(PY) -m uv pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev -c requirements.lock setup.cfg -o requirements-dev.lock
