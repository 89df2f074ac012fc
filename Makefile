# Two commands for everyone: `make demo` and `make test`. The rest is for those who change Yinhe.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEEDS ?= 5000
KILLS ?= 20
EXAMPLES ?= 200

.DEFAULT_GOAL := help
.PHONY: help install demo test check lint types imports format simulate kill nights pages bench api clean

help:  ## Say what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/installed: pyproject.toml tests/conformance/payments/schemas.txt
	$(PYTHON) -c 'import sys; sys.exit("Yinhe needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/conformance/payments/schemas.txt
	touch $@

install: $(VENV)/installed  ## Make .venv and install everything into it

demo: $(VENV)/installed  ## Open a sample bank, run some days, show the figures
	$(BIN)/yinhe demo $(ARGS)

test: $(VENV)/installed  ## Run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: lint types imports test  ## What the continuous integration runs

lint: $(VENV)/installed  ## Style and likely mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed  ## Strict types of src
	$(BIN)/basedpyright

imports: $(VENV)/installed  ## Who may import whom
	$(BIN)/lint-imports

format: $(VENV)/installed  ## Put the code in form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

simulate: $(VENV)/installed  ## Thousands of simulated runs with injected faults (SEEDS=5000)
	$(BIN)/python -m tests.simulation.run --seeds 0:$(SEEDS)

kill: $(VENV)/installed  ## Kill the engine and PostgreSQL under load, again and again (KILLS=20)
	YINHE_KILLS=$(KILLS) $(BIN)/python -m pytest tests/acceptance tests/postgres -k kill

nights: $(VENV)/installed  ## Kill the night at chosen points, many seeds (SEEDS=5000)
	YINHE_NIGHT_SEEDS=$(SEEDS) $(BIN)/python -m pytest -n 2 tests/postgres -k 'killed and (closeday or lending)'

pages: $(VENV)/installed  ## Do what every page shows, the longest too
	YINHE_PAGES=1 $(BIN)/python -m pytest tests/acceptance/test_documents.py

bench: $(VENV)/installed  ## Every benchmark, as JSON into benchmarks/results
	mkdir -p benchmarks/results
	$(BIN)/yinhe bench ledger --json > benchmarks/results/ledger.json
	$(BIN)/yinhe bench recovery --json > benchmarks/results/recovery.json
	$(BIN)/yinhe bench closeday --json > benchmarks/results/closeday.json
	$(BIN)/yinhe bench http --json > benchmarks/results/http.json

api: $(VENV)/installed  ## Many hostile requests of every operation (EXAMPLES=200)
	YINHE_API_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/acceptance/interface/test_openapi.py

clean:  ## Remove what was installed and cached
	rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
