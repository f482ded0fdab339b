# Needs only Python 3.11 or newer and make; everything else goes into .venv from hash-pinned requirements.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
HASHED := $(PIP) install --require-hashes
REQUIREMENTS := requirements.txt requirements-opentelemetry.txt requirements-local.txt requirements-dev.txt

# One resolution for every Python and system; a comment or an index in a file would name a host, so neither is written.
RESOLVE := .tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: .venv/.project ## Make .venv with everything needed to run and to test
	@echo "Installed in .venv; the program is $(BIN)/slm"

.PHONY: demo
demo: .venv/.project ## Set up, load a reference organisation and serve it; INCIDENTS=FILE loads a real export too
	$(BIN)/slm demo $(if $(INCIDENTS),--incidents "$(INCIDENTS)")

.PHONY: test
test: .venv/.project ## Run the tests; ARGS="tests/slm -k word" narrows them
	$(BIN)/pytest -n 2 $(ARGS)

.PHONY: check
check: .venv/.project ## Check style, types, the direction of imports, that migrations and the API break nothing released, and generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/slm sdl --check
	$(BIN)/python -m schema.compatibility
	$(BIN)/python -m migrations.compatibility

.PHONY: format
format: .venv/.project ## Format the code and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: bench
bench: .venv/.project .venv/.bench name ## Measure NAME=subject and keep it in benchmarks/results
	$(BIN)/python -m benchmarks "benchmarks.$(NAME)"

.PHONY: campaign
campaign: .venv/.project name ## Run the long test NAME=subject of tests/campaigns and keep its result
	$(BIN)/python -m benchmarks "tests.campaigns.$(NAME)"

.PHONY: rows
rows: .venv/.project ## Show which capabilities work, partly work or are absent; rewrite docs/capabilities.md
	@$(BIN)/python -m tests.project.capabilities

.PHONY: sdl
sdl: .venv/.project ## Rewrite the committed GraphQL schema
	$(BIN)/slm sdl

.PHONY: migration
migration: .venv/.project name ## Draft a migration named NAME="what changes" from the models, to be read by hand
	$(BIN)/slm migration "$(NAME)"

.PHONY: lock
lock: .tools/bin/uv ## Resolve pyproject.toml into requirements*.txt, keeping versions; UPGRADE=1 takes newer ones
	cat requirements*.txt > .tools/all.txt
	$(RESOLVE) $(if $(UPGRADE),--upgrade) --group build --group local --group dev --group bench --all-extras pyproject.toml -o .tools/all.txt
	$(RESOLVE) --constraint .tools/all.txt --group build pyproject.toml -o requirements.txt
	$(RESOLVE) --constraint .tools/all.txt --group build --extra opentelemetry pyproject.toml -o requirements-opentelemetry.txt
	for group in local dev bench; do \
		$(RESOLVE) --constraint .tools/all.txt --group $$group -o requirements-$$group.txt || exit; \
	done

.PHONY: name
name:
	@test -n "$(NAME)" || { echo "say which: make $(firstword $(MAKECMDGOALS)) NAME=..." >&2; exit 2; }

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python" >&2; exit 2; }
	$(PYTHON) -m venv .venv

# One stamp for what is installed and one for the program itself: a changed pyproject.toml alone downloads nothing.
.venv/.requirements: $(REQUIREMENTS) | .venv/bin/python
	$(HASHED) $(addprefix -r ,$(REQUIREMENTS))
	@touch $@

.venv/.project: pyproject.toml .venv/.requirements
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.tools/bin/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed" >&2; exit 2; }
	$(PYTHON) -m venv .tools
	.tools/bin/pip --disable-pip-version-check --quiet install uv

.venv/.bench: requirements-bench.txt .venv/.requirements
	$(HASHED) -r requirements-bench.txt
	@touch $@
