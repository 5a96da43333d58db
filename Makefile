# Two commands do everything on a fresh machine: `make demo`, then `make test`.
PYTHON ?= python3
BIN := .venv/bin
# A machine whose package index serves CUDA builds can name PyTorch's CPU index here.
TORCH_INDEX ?=
PROFILES := profiles

.PHONY: demo install test check format lint types contracts benchmarks models nuts clean

demo: install
	$(BIN)/csr-match load $(PROFILES)
	$(BIN)/csr-match match bretagne-developpement-innovation --top 3
	$(BIN)/csr-match match countercraft --top 3

install: .venv/installed

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -qq --disable-pip-version-check torch==2.13.0 $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	$(BIN)/pip install -qq --disable-pip-version-check --editable ".[dev]"
	touch $@

test: install
	$(BIN)/python -m pytest --cov --cov-report=term

check: format lint types contracts

format: install
	$(BIN)/ruff format --check src tests tools

lint: install
	$(BIN)/ruff check src tests tools

types: install
	$(BIN)/mypy

contracts: install
	$(BIN)/lint-imports

benchmarks: install
	$(BIN)/python -m pytest tests/benchmarks --no-cov -s

# Recompute what is shipped in models/ from the taxonomy.
models: install
	$(BIN)/csr-match calibrate multilingual --out models
	$(BIN)/csr-match calibrate english --out models

# Rewrite the table of regions from the classification.
nuts: install
	$(BIN)/python tools/nuts.py

clean:
	rm -rf .venv workspace .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
