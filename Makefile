# Two commands are enough: `make run` and `make test`. The others are for those who change the project.
PYTHON ?= python3
SEED ?= 1
PERSONS ?= 900
MONTHS ?= 24
TERRITORY ?= simulated
CASES ?= 20000
AUDIENCE ?= internal
PORT ?= 3000

BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
# The interpreter named by PYTHON is used: none is downloaded.
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv
# Administrations often stand behind a proxy with a certificate of their own: trust what the system trusts.
export UV_SYSTEM_CERTS := true

.DEFAULT_GOAL := help
.PHONY: help run test test-dashboard fuzz check lint docs dashboard bench bench-privacy bench-linkage clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: .venv/.run  ## install, simulate a territory, land it, build, publish, say where to look
	@$(BIN)/synchro simulate $(TERRITORY) --persons $(PERSONS) --months $(MONTHS) --seed $(SEED)
	@$(BIN)/synchro run $(TERRITORY)/inbox
	@$(BIN)/synchro score $(TERRITORY)/truth

# Two processes, each with a territory of its own; the tests of a file stay together.
test: .venv/.dev  ## install what is missing and run every test
	@$(BIN)/pytest -n 2 --dist loadfile

test-dashboard: .venv/.dev  ## the site in a browser: pages, figures, filters, accessibility (Node and Chromium)
	@$(BIN)/pytest -rs tests/browser

fuzz: .venv/.dev  ## mutated deliveries, many more of them than in the tests (CASES=20000)
	@FUZZ_CASES=$(CASES) $(BIN)/pytest tests/python/test_fuzz.py

check: .venv/.dev lint test  ## what must be green before a change lands

lint: .venv/.dev  ## style of Python and SQL, layers and names
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p warehouse
	$(BIN)/dbt parse --quiet --warn-error
	$(BIN)/dbt-bouncer run
	$(BIN)/sqlfluff lint --disable-progress-bar models analyses tests

# In a folder of its own: `synchro publish` reads in target/ what the last build did.
docs: .venv/.run  ## one static page: lineage, models, columns (target/docs/static_index.html)
	@mkdir -p warehouse
	@$(BIN)/dbt docs generate --static --quiet --target-path target/docs
	@echo "Documentation : target/docs/static_index.html"

dashboard: .venv/.run  ## build the site of a publication and serve it on this machine (AUDIENCE=public, PORT=3000; Node)
	@$(BIN)/synchro dashboard --audience $(AUDIENCE) --port $(PORT)

bench: .venv/.dev  ## the speed figures of the README, as ratios
	$(BIN)/python scripts/bench

bench-privacy: .venv/.bench  ## attack a copy of the vault's encodings, and print the share re-identified
	$(BIN)/python scripts/bench/privacy.py

bench-linkage: .venv/.dev .bench/.data  ## linkage on public and made-up data, against Splink in clear text (ONLY=febrl,speed...)
	$(BIN)/python -m bench.linkage $(if $(ONLY),--only $(ONLY))

clean:  ## remove what can be made again; the warehouse, keys and publications stay
	rm -rf target logs build .pytest_cache .ruff_cache .hypothesis scripts/synchro.egg-info
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

.uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 14)))' \
		|| (echo "Python 3.11 à 3.13 est nécessaire : make PYTHON=python3.12 ..." && exit 1)
	@$(PYTHON) -m venv .uv \
		|| (echo "Le module venv manque : sous Debian, apt-get install python3-venv" && exit 1)
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9

.venv/.run: pyproject.toml uv.lock $(filter .uv/bin/uv,$(UV))
	@echo "Installation des bibliothèques (versions verrouillées)…"
	@$(UV) sync --quiet --locked --no-default-groups --inexact --python $(PYTHON)
	@touch $@

.venv/.dev: pyproject.toml uv.lock $(filter .uv/bin/uv,$(UV))
	@echo "Installation des bibliothèques et des outils de test (versions verrouillées)…"
	@$(UV) sync --quiet --locked --python $(PYTHON)
	@touch $@ .venv/.run

.venv/.bench: pyproject.toml uv.lock $(filter .uv/bin/uv,$(UV))
	@$(UV) sync --quiet --locked --group bench --python $(PYTHON)
	@touch $@ .venv/.dev .venv/.run

# The public data needs an older pandas: an environment of its own, and parquet files in a folder git ignores.
.bench/.data: scripts/bench/linkage/data.txt scripts/bench/linkage/export.py | .venv/.dev
	@echo "Données publiques de test : environnement à part et export (une fois)…"
	@$(UV) venv --quiet --clear --python $(BIN)/python .bench/env
	@$(UV) pip install --quiet --python .bench/env/bin/python -r scripts/bench/linkage/data.txt
	@.bench/env/bin/python -P scripts/bench/linkage/export.py .bench/data
	@touch $@
