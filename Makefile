# Greenroom. `make help` lists what can be done here; each target does its own set-up (.ci/prepare).
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
export PYTHON

.PHONY: help prepare demo run test prove bench package schema documents check screenshots lock clean

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s%s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

prepare:
	@.ci/prepare

demo: prepare ## try Greenroom with invented events; without a display, play its tour into build/tour
	@$(BIN)/greenroom demo

run: prepare ## open the window on the database of this computer, or the one GREENROOM_DATABASE names
	@$(BIN)/greenroom

# Three workers on two cores: much of a test's time is waiting for the server. Each begins with a third of the files, so
# that what tests of a file share is made once, and takes over from the others when it is done.
test: prepare ## run the tests
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n 3 --dist worksteal

prove: prepare ## the slow proofs: fault injection, large databases, broken designs; minutes; writes build/proof.json
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m slow --timeout 1200

bench: prepare ## measure, print a table and write build/bench.json; SECTIONS="services grid" for these alone
	@$(BIN)/python -m tests.bench build/bench.json $(SECTIONS)

package: prepare ## pack Greenroom with its local server into dist/greenroom, which needs no Python, and test that
	@PYTHONHASHSEED=0 $(BIN)/pyinstaller --noconfirm --log-level ERROR --distpath dist --workpath build/package build.spec
	@$(BIN)/python -m bundle.checking dist/greenroom

schema: prepare ## write migrations/schema.json anew, after a change of a revision
	@$(BIN)/python -m tests.write_schema

documents: prepare ## write the documents that are made from the program: messages, log, permissions, rulings
	@$(BIN)/python -m tests.documents

check: prepare ## look at format, style, types and architecture, then run the tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

PLATFORM ?= offscreen
screenshots: prepare ## draw every screen, light and dark, into build/screenshots; through X11 with PLATFORM=xcb
	@QT_QPA_PLATFORM=$(PLATFORM) $(if $(filter xcb,$(PLATFORM)),xvfb-run -a -s "-screen 0 2560x1600x24") \
	  $(BIN)/python -m tests.screenshots build/screenshots

clean: ## remove what the other targets made here: .venv, build and caches
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# For maintainers, after a change of the dependencies in pyproject.toml. Needs uv; the files name no hosts.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header pyproject.toml
lock:
	@command -v uv >/dev/null || { echo "greenroom: make lock needs uv on the PATH." >&2; exit 1; }
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -o requirements-dev.lock
