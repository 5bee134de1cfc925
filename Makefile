# Set-up in one step: every target makes the virtual environment that it needs.
# `make demo` and `make test` are all that a fresh machine has to run.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
GENERATED := docs/cli.md docs/decision.md docs/checks.md docs/protocol.md docs/cases.md docs/exploring.md docs/decisions/index.md
SHIPPED := $(filter-out __init__,$(basename $(notdir $(wildcard plugins/departments/*.py)))) identity calendar
# What takes minutes: the suite has a shorter form of each.
DEEP := $(wildcard tests/*/deep_*.py tests/*/*/deep_*.py)
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where this is set, each of the suite's many programs compiles all of Tongban again.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip install --quiet

.PHONY: demo test check lint types docs bench soak deep format clean

demo: $(INSTALLED)
	@BIN=$(BIN) sh examples/demo.sh

test: $(INSTALLED)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

check: lint types docs

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/mypy

docs: $(INSTALLED)
	$(BIN)/cog --check $(GENERATED)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(VENV)/.bench
	$(BIN)/python benchmarks/run.py

deep: $(INSTALLED)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(DEEP)
	printf '%s\n' $(SHIPPED) | xargs -n 1 -P 2 $(BIN)/tongban conformance --applications 1 --no-proofs

soak: $(INSTALLED)
	$(BIN)/python -m benchmarks.soak_store
	$(BIN)/python -m benchmarks.soak_damage
	$(BIN)/tongban explore --wide
	$(BIN)/python -m benchmarks.soak_simulation
	$(BIN)/python -m benchmarks.soak_attacks

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/cog -r $(GENERATED)
	schema=$$($(BIN)/python -m tongban.kernel.rulefile.json_schema) && printf '%s\n' "$$schema" > rules/schema.json

clean:
	rm -rf $(VENV) .venv-* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tongban needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	@echo "Setting up $(VENV) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --editable '.[dev]'
	@$(PIP) --editable '.[durable]' || echo "No second opinion: durable-rules could not be built (a C compiler is needed). Tongban works without it."
	@touch $@

$(VENV)/.bench: $(INSTALLED)
	@$(PIP) --editable '.[bench]'
	@touch $@
