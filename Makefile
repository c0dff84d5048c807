# One door to everything: install, try, check, test, measure. `make help` lists the doors.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
# Set PYTHON to use another interpreter than the newest one found.
PYTHON ?= $(shell for name in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Where the demonstration's data lie; empty for the exercise that comes with the project.
DATA ?=
PORT ?= 8300
SEEDS ?= 3
TEST_WORKERS ?= 4
# What tests write need not reach a disk: it lies in memory where there is plenty (4 GB), and is deleted with its test.
TEST_FOLDER ?= $(shell memory=$$(awk '/^MemAvailable/ {print $$2}' /proc/meminfo 2>/dev/null); \
	room=$$(df -k /dev/shm 2>/dev/null | awk 'END {print $$4}'); \
	[ "$${memory:-0}" -gt 4000000 ] && [ "$${room:-0}" -gt 4000000 ] && echo /dev/shm)
# Hundreds of processes begin in one run of the tests: what was compiled is kept, whatever the environment says.
export PYTHONDONTWRITEBYTECODE :=
PACKAGES := schemas wire ui people node hub
WEARERS := $(shell find */templates ui/static -type f)
LOCK := uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --python-version 3.11

.PHONY: help install install-dev assets messages demo check check-types check-docs check-tests check-style test faults bench bench-quick lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.installed assets ## create .venv and install node, hub and reader into it, every file checked by its hash

install-dev: $(VENV)/.installed-dev assets ## the same, and what the tests and checks need

assets: ui/vendor/.fetched ## fetch what the pages load (style sheet, fonts) with npm, every file checked by its hash

messages: install-dev ## collect the texts of the pages into the catalogues of all languages
	$(BIN)/python -m tests.messages

demo: install ## run a whole network on this machine with data: make demo [DATA=folder] [PORT=8300]
	$(BIN)/python -m deploy.demo.run --port $(PORT) $(if $(DATA),--data "$(DATA)")

check: install-dev ## ruff, mypy, import-linter, documentation, and whether all tests can be read, side by side
	@$(MAKE) --no-print-directory --keep-going -j 4 check-types check-docs check-tests check-style

check-types:
	$(BIN)/mypy

check-docs:
	$(BIN)/python -m pytest -q tests/docs

check-tests:
	@found=$$($(BIN)/python -m pytest -q --collect-only 2>&1) || { tail -n 40 <<<"$$found"; exit 1; }

check-style:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

test: install-dev ## run all tests, four processes at once, as many wait: make test TEST_WORKERS=2
	$(addprefix TMPDIR=,$(TEST_FOLDER)) $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart=0

faults: install-dev ## kill services and bus while all data load: make faults SEEDS=20
	LIAISON_FAULT_SEEDS=$(SEEDS) $(BIN)/python -m pytest tests/faults

bench: install-dev ## measure everything, full report
	$(BIN)/python -m tests.bench

bench-quick: install-dev ## measure in under five minutes, one line of JSON
	@$(BIN)/python -m tests.bench --quick

lock: ## write the locks anew from pyproject.toml (needs uv)
	$(LOCK) --extra node --extra hub --extra build -o requirements.lock
	$(LOCK) --all-extras -o requirements-dev.lock
	cd ui && npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	python3 -c "import json, pathlib; p = pathlib.Path('ui/package-lock.json'); d = json.loads(p.read_text()); [e.pop('funding', 0) for e in d['packages'].values()]; p.write_text(json.dumps(d, indent=2) + '\n')"

clean: ## remove what was installed and left behind
	rm -rf $(VENV) demo-state ui/node_modules ui/vendor .bench .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with venv was found. Install one (Debian, Ubuntu: apt install python3 python3-venv), or say which: make install PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp makes the second time quick. pip takes the project itself without looking for anything: its build tools are locked above.
# It is compiled once here: a demonstration begins with ten processes, each of which would compile all of it.
$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q -j 0 $(PACKAGES)
	touch $@

# The second lock holds everything of the first.
$(VENV)/.installed-dev: requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q -j 0 $(PACKAGES)
	touch $(VENV)/.installed $@

# Pages work without, only plainer: on a user's machine without npm that is said, in CI it is an error.
ui/node_modules/.fetched: ui/package-lock.json
	@if command -v npm >/dev/null; then cd ui && npm ci --ignore-scripts --no-audit --no-fund --silent && touch node_modules/.fetched; \
	elif [ -n "$(LIAISON_CI)" ]; then echo "npm is missing" >&2; exit 1; \
	else echo "npm is missing: pages will be plain. Install it (Debian, Ubuntu: apt install npm) and run make assets" >&2; fi

# Of the style sheets only what templates and scripts ask for is kept: a new template may ask for more.
ui/vendor/.fetched: ui/node_modules/.fetched ui/assets.py $(WEARERS) | $(BIN)/python
	@[ ! -f $< ] || { $(BIN)/python -m ui.assets && touch $@; }
