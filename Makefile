# One command a task. `make install` is the first thing on a new machine.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2

.PHONY: help install system clients run test prove soak gate-proof mutate lint format bench wheel clean

help:  ## What there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: $(STAMP)  ## The command, its libraries and the tools for tests, in .venv

$(STAMP): pyproject.toml requirements.txt requirements-dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)

system:  ## What tests use beside Python: curl, PHP, Chromium (Debian, as root)
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  command -v curl php chromium >/dev/null 2>&1 && [ -x "$$(command -v chromium)" ] && [ -x "$$(command -v php)" ] \
	  || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends curl php-cli php-curl chromium; } \
	  || echo "make system: not everything could be installed; the tests that need it say so"; \
	else echo "make system: install curl, php-cli, php-curl and chromium yourself; the tests that need them say so"; fi

run: install  ## A verdict on the built-in reference portal
	$(BIN)/b24-conformance run

test: install system clients lint  ## Lint, types and all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

clients: install  ## The clients that a registry serves, into a cache of their own
	$(BIN)/b24-conformance clients install all || echo "make clients: not all could be installed; their tests say so"

prove: install  ## The kill matrix over 20 seeds, in parallel
	$(BIN)/b24-conformance prove --seeds 20 --write docs/kill-matrix.md

soak: install  ## 1,000 generated sound portals: none may come out red
	$(BIN)/python -m b24_conformance.soaking --portals 1000 --jobs $(WORKERS)

gate-proof: install  ## 200 whole runs over portals where every undeclared id is a customer's chat
	GATE_PROOF_RUNS=200 $(BIN)/python -m pytest -q -n $(WORKERS) tests/live/test_gate_proof.py

mutate: install  ## Mutations that nobody chose, over the reference portal's core: docs/mutation.md anew
	$(BIN)/python tools/mutate.py --write

lint: install  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install  ## ruff, changing files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install  ## Speed, side by side with what a user would pick instead
	$(BIN)/python -m benchmarks

wheel: install  ## dist/*.whl
	$(BIN)/python -m build --wheel --no-isolation

clean:  ## Away with what can be made again
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
