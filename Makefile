# Everything a person types. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test lint fmt e2e bench demo-reset lock

help: ## Show this help
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/ready ## Start Postroom with its demo: web, workers, database, Redis, emulator (PORT=8000)
	@$(BIN)/python -m local run

test: .venv/ready-dev ## Run all tests, on servers of their own
	@$(BIN)/python -m pytest -n auto $(ARGS)

e2e: .venv/ready-dev ## Run the browser tests alone (SCREENSHOTS=folder keeps pictures)
	@$(BIN)/python -m pytest -n auto tests/functional $(ARGS)

lint: .venv/ready-dev ## Check style, types, architecture, templates and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --check --lint --quiet
	$(BIN)/python .ci/limits.py
	$(BIN)/python manage.py makemigrations --check --dry-run

fmt: .venv/ready-dev ## Format code and templates
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	$(BIN)/djlint templates --reformat --quiet || true

bench: .venv/ready-dev ## Measure, as ratios to a yardstick of the same run (docs/operations.md)
	@$(BIN)/python -m bench

demo-reset: .venv/ready ## Delete DATA_DIR with the demo's data; the next `make run` starts afresh
	@$(BIN)/python -m local reset

lock: .venv/ready-dev ## Pin the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile pyproject.toml --universal --upgrade --generate-hashes --no-header --no-annotate -q -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --universal --upgrade --extra dev --constraint requirements.txt --generate-hashes --no-header --no-annotate -q -o requirements-dev.txt

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Postroom needs Python 3.11 or newer; $$($(PYTHON) --version) is $$(command -v $(PYTHON)). Name another one: make PYTHON=python3.12 …"; exit 2; }
	@echo "Installing what Postroom needs into .venv (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@touch $@

.venv/ready-dev: requirements-dev.txt .venv/ready
	@echo "Installing what its tests need (once) …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@
