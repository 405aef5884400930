# SPDX-License-Identifier: Apache-2.0
# Everything happens in .venv, which makes itself: no root, nothing installed elsewhere.

BIN   := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test lint prove clean

demo: $(STAMP)
	$(BIN)/octopus-hw demo

test: $(STAMP)
	$(BIN)/pytest -n 2 $(PYTEST_OPTIONS)

prove: $(STAMP)
	$(BIN)/octopus-hw measure proofs

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf .venv dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find build -mindepth 1 ! -name README.md -delete

$(STAMP): pyproject.toml tools/preflight
	@python=$$(tools/preflight) && { test -x $(BIN)/python || "$$python" -m venv .venv; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
