# Needs make and Python 3.11 or newer; everything else is installed into $(VENV) on first use, and for the tests into .cache
# (a language server from npm; where there is no node, a wheel brings one).
# Another Python: make PYTHON=python3.13 VENV=.venv-3.13 test
PYTHON ?= python3
VENV ?= .venv

BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BENCH_INSTALLED := $(VENV)/.installed-bench
AUDIT := .cache/audit
EDITOR := .cache/editor/installed-package-lock.json
TYPED := src tests docs/conf.py $(wildcard benchmarks scripts/*.py)

.DEFAULT_GOAL := help
.PHONY: help demo test check audit golden bench fuzz kills examples docs clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED) ## declare, plan, apply, plan again, sign in: on a fresh directory in a temporary folder
	@PATH="$(abspath $(BIN)):$$PATH" sh scripts/demo.sh

test: $(INSTALLED) $(EDITOR) ## all tests, on every core
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -q -n auto --dist loadfile

check: $(INSTALLED) ## style, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(TYPED)

audit: $(AUDIT) ## are there known vulnerabilities in what constraints.txt lists; needs a network, says 2 where it could not judge
	$(AUDIT)/bin/python scripts/audit.py

golden: $(INSTALLED) ## rewrite the golden files; review the difference as code
	$(BIN)/python -m pytest -q --golden

bench: $(BENCH_INSTALLED) ## measure against others in one run
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.customers
	$(BIN)/python -m benchmarks.rendering

fuzz: $(INSTALLED) ## requests made from the server's own OpenAPI document: 200 for every operation, others each time (a quarter of an hour)
	FUZZ_EXAMPLES=200 $(BIN)/pytest -q tests/server/test_fuzz.py

kills: $(INSTALLED) ## kill -9 an apply of 200 changes before every single write (about an hour)
	for mode in single transaction; do for resume in manifests plan; do \
		echo "$$mode $$resume"; $(BIN)/python -m tests.apply.kills $$mode $$resume 1 || exit 1; done; done

examples: $(INSTALLED) ## every example on every store, with all rows of its lists (make test takes a part of them)
	EXAMPLE_ROWS=0 $(BIN)/python -m pytest -q tests/examples/test_on_every_store.py

chaos: $(INSTALLED) ## 500 seeds of a network that drops, doubles, cuts and lies, before the served directory (about half an hour)
	$(BIN)/python -m tests.stores.secureauth.chaos --out benchmarks/results/chaos.json

docs: $(INSTALLED) ## the documentation as a site in build/docs; every warning is an error, nothing is fetched
	$(BIN)/python -m sphinx -q -E -W --keep-going -b html -c docs -d build/doctrees . build/docs

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find src tests $(wildcard benchmarks) -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "pool-as-code needs Python 3.11 or newer, and '$(PYTHON)' is not: $$($(PYTHON) --version 2>&1)" >&2; \
	  echo "hint: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@echo "installing into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,docs]'
	@touch $@

$(BENCH_INSTALLED): $(INSTALLED)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,docs,bench]'
	@touch $@

$(AUDIT):
	@echo "installing the auditor into $(AUDIT)"
	@$(PYTHON) -m venv $@
	@$@/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt pip-audit==2.10.1 || { rm -rf $@; exit 2; }

$(EDITOR): $(INSTALLED) tests/editor/package-lock.json
	@echo "installing the language server that tests/editor speaks to"
	@$(BIN)/python -m tests.editor.install
	@touch $@
