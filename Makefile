# `make demo` and `make test` do all the set-up there is; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin
JOBS ?= 2

.PHONY: help demo test lint types imports unit prove requirements bench nightly docs docs-check peers clean

help:  ## list what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/.installed: pyproject.toml constraints.txt docker/find-python
	@echo "== environment: .venv (first time: a few minutes)"
	"$$(docker/find-python)" -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

peers: .venv/.installed  ## install the third-party products that are judged; what cannot be had is named and why
	$(BIN)/v2x adapter install

demo: .venv/.installed peers  ## the main job: judge real products and our reference actors, write the report
	$(BIN)/v2x demo --jobs $(JOBS)

test: .venv/.installed peers lint types imports unit requirements prove docs-check  ## all checks and all tests

lint: .venv/.installed  ## ruff: lint and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.installed  ## mypy --strict
	$(BIN)/mypy

imports: .venv/.installed  ## the allowed directions between the packages
	$(BIN)/lint-imports

unit: .venv/.installed  ## every test, in parallel, with coverage
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n $(JOBS) -m "not nightly"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --sort=cover

requirements: .venv/.installed  ## no unknown id is cited, no testable MUST is left out
	$(BIN)/v2x requirements check
	$(BIN)/v2x requirements coverage

prove: .venv/.installed  ## controls, seeded faults and good peers: the judgement can fail, and does not cry wolf
	$(BIN)/v2x prove --jobs $(JOBS)

bench: .venv/.installed  ## benchmarks: ratios against a peer in the same run
	for script in $$(git ls-files '*/bench_*.py'); do echo "== $$script"; $(BIN)/python $$script; done

nightly: .venv/.installed peers  ## the long versions: fuzz campaigns, soaks, every fault against every case
	$(BIN)/python -m pytest -n $(JOBS) -m nightly
	$(BIN)/v2x prove --full --jobs $(JOBS)

docs: .venv/.installed  ## write what is generated: case catalogue, requirement coverage, drawing of the architecture
	$(BIN)/v2x docs

docs-check: .venv/.installed  ## fail when a generated file is stale
	$(BIN)/v2x docs --check

clean:  ## remove what make has made
	rm -rf .venv .peers runs .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
