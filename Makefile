# make setup   the environment in .venv           make run     the page, MCP and all (set-up first if needed)
# make test    ruff, mypy --strict, pytest        make bench   the benchmarks
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.fashionm3-ready
TORCH  := torch==2.13.0
WORKERS ?= 2

.PHONY: setup run test lint types bench chromium clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@sed -n '1,2s/^# //p' Makefile

setup: $(STAMP)

# torch goes first and by version: where pip is offered a CPU build (2.13.0+cpu) that satisfies it, and the newer CUDA build
# that the open range in pyproject.toml would choose on Linux is not pulled.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "FashionM3 needs Python 3.11 or newer; set PYTHON=..."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --editable '.[dev,e2e,train]'
	@touch $(STAMP)

run: $(STAMP)
	@$(BIN)/fashionm3 serve

# Files side by side, a core each: torch's threads of one would only wait for the other's.
test: $(STAMP) chromium lint types
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

bench: $(STAMP)
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# The browser tests drive a real Chromium: Debian's is installed where it is missing and that is allowed.
chromium:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	     && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; then \
	  echo "Chromium is installed for the browser tests."; \
	else echo "There is no Chromium here and it cannot be installed: the browser tests will be skipped."; fi

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
