# `make` alone lists the targets. Everything runs inside .venv, made once from requirements.txt; an
# engine whose adapter doesn't fit in there has an environment of its own in .engines.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

# Another interpreter: make build PYTHON=python3.12
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin

# Stamps carry a checksum of what they were made from: a changed lock, or a project folder that was
# moved, makes the environment anew; an unchanged one is never touched.
LOCK_SUM := $(shell { pwd; cat requirements.txt; } | cksum | tr ' ' '-')
PROJECT_SUM := $(shell cat pyproject.toml | cksum | tr ' ' '-')
ENVIRONMENT := $(VENV)/.requirements-$(LOCK_SUM)
READY := $(VENV)/.project-$(LOCK_SUM)-$(PROJECT_SUM)

.PHONY: help
help:  ## list the targets
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) \
		| awk -F '|' '{printf "%-18s %s\n", $$1, $$2}'
	@echo "Another interpreter: make build PYTHON=python3.12"

.PHONY: build
build: env profiles.yml  ## environment, sample, summary; TARGET=postgres or spark: on that engine
	@set -eu; bin=$(BIN); \
	if [ -n "$${TARGET:-}" ]; then \
		bin=$$($(BIN)/python -m segmentation.engines.environments --target "$$TARGET"); fi; \
	"$$bin/segmentation" build $${TARGET:+--target "$$TARGET"}

.PHONY: test
test: env profiles.yml  ## what needs nothing but Python: lint, dbt build with all tests, pytest
	@echo "== 1 of 3: lint (ruff, mypy, yamllint, sqlfluff)"
	@$(MAKE) --no-print-directory lint
	@echo "== 2 of 3: dbt build, every model and every dbt test"
	@$(BIN)/dbt build
	@echo "== 3 of 3: pytest"
	@$(BIN)/pytest

.PHONY: test-engines
test-engines: env  ## the models on Postgres, Spark and others, which the tests start and stop
	@$(BIN)/pytest tests/engines

.PHONY: engines
engines: env  ## make the engines' environments now, not when first needed (ENGINES="spark")
	@$(BIN)/python -m segmentation.engines.environments $(ENGINES)

.PHONY: lint
lint: lint-python lint-yaml lint-sql  ## ruff, mypy, yamllint, sqlfluff; changes nothing

.PHONY: lint-python
lint-python: env
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

.PHONY: lint-yaml
lint-yaml: env
	@$(BIN)/yamllint --strict .

.PHONY: lint-sql
lint-sql: env profiles.yml
	@$(BIN)/sqlfluff lint --disable-progress-bar models analyses tests

.PHONY: format
format: env profiles.yml  ## rewrite Python and SQL the way lint wants them
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --disable-progress-bar models analyses tests

.PHONY: online-retail
online-retail: data-named env profiles.yml  ## real data: DATA=path/to/online_retail_II.xlsx
	@$(BIN)/segmentation online-retail -- "$$DATA"

.PHONY: data-named
data-named:
	@if [ -z "$${DATA:-}" ]; then \
		echo "make online-retail needs the data set's file (.xlsx or .parquet):" \
			"make online-retail DATA=path/to/online_retail_II.xlsx" >&2; exit 1; fi; \
	if [ ! -e "$$DATA" ]; then \
		echo "There is nothing at $$DATA: DATA must be the path of online_retail_II.xlsx" \
			"or of a .parquet of it." >&2; exit 1; fi

.PHONY: sample
sample: env  ## write the sample data in seeds/sample anew
	@$(BIN)/segmentation sample

.PHONY: bench
bench: env profiles.yml  ## time the models against one hand-written query (BENCH="--orders 2000000")
	@$(BIN)/segmentation bench $(BENCH)

.PHONY: docs
docs: env profiles.yml  ## dbt's documentation as one page: target/static_index.html
	@$(BIN)/dbt docs generate --static
	@echo "Open target/static_index.html in a browser."

COMPILE := uv pip compile --upgrade --python-version 3.11 --universal --generate-hashes \
	--no-strip-extras --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" --quiet

.PHONY: lock
lock:  ## resolve the newest allowed versions into all the locks (needs uv)
	@command -v uv >/dev/null 2>&1 || { \
		echo "make lock needs uv, which is not on the path: run 'pip install uv' first." >&2; exit 1; }
	@set -eu; \
	$(COMPILE) requirements/build.in --output-file requirements/build.txt; \
	$(COMPILE) pyproject.toml requirements.in requirements/build.in --extra dev --extra postgres \
		--output-file requirements.txt; \
	for wanted in requirements/*.in; do \
		lock=$${wanted%.in}; \
		[ "$$lock" != requirements/build ] || continue; \
		overrides=; [ ! -e "$$lock.overrides" ] || overrides="--overrides $$lock.overrides"; \
		$(COMPILE) pyproject.toml requirements/build.in "$$wanted" $$overrides \
			--output-file "$$lock.txt"; \
	done
	@echo "requirements.txt and requirements/*.txt are written;" \
		"the next make makes the environments from them."

.PHONY: clean
clean:  ## remove what was built (databases too), keep environments and profiles.yml
	@rm -rf .engines/spark-data target logs dbt_packages build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@rm -f segmentation.duckdb segmentation.duckdb.wal online_retail.duckdb online_retail.duckdb.wal files.duckdb files.duckdb.wal

.PHONY: env
env: $(READY)

# The first interpreter that runs and is new enough; PYTHON, if given, is the only candidate.
$(ENVIRONMENT):
	@set -eu; \
	for candidate in $(if $(PYTHON),"$(PYTHON)",python3.11 python3.12 python3.13 python3); do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			python=$$candidate; break; fi; \
	done; \
	if [ -z "$${python:-}" ]; then \
		echo "$(if $(PYTHON),'$(PYTHON)' is no,There is no) working Python 3.11 or later:" \
			"install one (Debian, Ubuntu: sudo apt-get install python3 python3-venv)" \
			"or name the one you have, make build PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "$$python has no venv module: on Debian and Ubuntu run" \
			"'sudo apt-get install python$$version-venv', then make again." >&2; exit 1; fi; \
	echo "Making $(VENV) from requirements.txt (once, about a minute)"; \
	"$$python" -m venv --clear $(VENV); \
	if ! $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement requirements.txt; then \
		echo "pip could not install the locked requirements (its reason is above):" \
			"check the network or the package index, then make again." >&2; exit 1; fi; \
	touch $@

# Editable: the command line always runs the sources as they are.
$(READY): $(ENVIRONMENT)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --editable .
	@rm -f $(VENV)/.project-*
	@touch $@

profiles.yml:
	@cp profiles.example.yml profiles.yml
	@echo "profiles.yml is copied from profiles.example.yml."
