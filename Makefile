# Two commands matter: `make demo` and `make test`. Both set up all they need, on a machine with Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check train lock bench json-docs shots clean

demo: $(VENV)/.demo-ready
	$(BIN)/firmly demo $(ARGS)

test: $(VENV)/.test-ready check
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

train: $(VENV)/.test-ready
	$(BIN)/python -m training.train

bench: $(VENV)/.test-ready
	for script in help parse imap run llm guard_mutations queue_page dossier; do PYTHONPATH=. $(BIN)/python benchmarks/$$script.py; done

json-docs: $(VENV)/.test-ready
	$(BIN)/python docs/make_json.py

shots: $(VENV)/.test-ready
	$(BIN)/python docs/shots.py

lock:
	uv pip compile -q pyproject.toml --group build --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements.txt
	uv pip compile -q pyproject.toml --group build --group dev --extra train -c requirements.txt --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements-dev.txt

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Firmly needs Python 3.11 or newer: make PYTHON=python3.12 demo")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo-ready: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV), once; this takes a minute or two."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.test-ready: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(VENV)/.demo-ready $@

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache dist build
