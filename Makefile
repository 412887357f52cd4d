# make run    create .venv from the hash-locked requirements, and start everything with the sample feeds
# make test   the whole test suite, in four processes beside each other; the ten slowest tests at the end
# make test-fast  what needs no server and takes no time: for the work between commits
# make test-flink  the part of it that runs the job on a Flink cluster: eight minutes
# make chaos  the whole system broken for SECONDS=300 by the schedule of SEED=1, and what it promises checked
# make soak   the whole system at rate for MINUTES=30, watched for growth
# make lint   what must be clean before a commit
# make lock   write the requirements anew from pyproject.toml
# make sbom   the bill of materials, CycloneDX: sbom.cdx.json
# make audit  known holes in the locked packages (asks the advisory databases, so it needs the internet)
# make chart-tools  helm, promtool and the definitions of custom resources, for the chart's tests (needs Go, and minutes once)
# make screenshots  every page of a screen that runs (ADDRESS=http://127.0.0.1:8080): light, dark, as on a phone
# make reader  train the learned reader anew (needs DATA=…; docs/reading.md)
# make fuzz   feed the parsers of outside bytes with what breaks them; SECONDS=600 TARGET=feed
# make clean  remove what these made; data and downloads outside of this directory stay
#
# JOBS=1   tests one after the other
# PYTHON=python3.12   another interpreter          INSTALLER=pip   without uv: the same locked files, six times slower
# ARGS="--workers 2"  more arguments of tocsin up   TESTS=tests/unit   a part of the tests

.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.PHONY: run test test-fast test-flink chaos soak lint lock sbom audit fuzz chart-tools screenshots clean prerequisites

VENV := .venv
BIN := $(VENV)/bin
INSTALLER ?= uv
TESTS ?= tests
JOBS ?= $(if $(filter tests,$(TESTS)),4,1)
SLOWEST := --durations=10 --durations-min=1
DISK_KB_MIN := 2500000# the environment takes 1.3 GB, its downloads .6 GB

# The first of these that is new enough, and can make environments (some systems package that part separately).
FITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
ifndef PYTHON
PYTHON := $(firstword $(shell for p in python3.11 python3.12 python3.13 python3; do $$p -c '$(FITS)' 2>/dev/null && echo $$p; done))
endif

run: $(VENV)/.run-installed
	@$(BIN)/tocsin up --samples $(ARGS)

test: $(VENV)/.dev-installed
	@$(BIN)/python -m pytest -n $(if $(filter 1,$(JOBS)),0,$(JOBS)) $(SLOWEST) $(TESTS) $(ARGS)

test-fast: $(VENV)/.dev-installed
	@$(BIN)/python -m pytest -q -n 2 -m "not slow" $(SLOWEST) tests/unit tests/contract tests/flow $(ARGS)

test-flink: $(VENV)/.dev-installed
	@$(BIN)/python -m pytest tests/flink $(ARGS)

chart-tools: $(VENV)/.dev-installed
	@$(BIN)/python -m tests.deploy.tools

SECONDS := 300
SEED := 1
chaos: $(VENV)/.dev-installed
	@$(BIN)/python -m tests.chaos.run --seconds $(SECONDS) --seed $(SEED) $(ARGS)

MINUTES := 30
soak: $(VENV)/.dev-installed
	@$(BIN)/python -m tests.chaos.soak --minutes $(MINUTES) $(ARGS)

lint: $(VENV)/.dev-installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

prerequisites:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with its venv module is needed. On Debian and Ubuntu:" \
		"apt install python3 python3-venv. With one elsewhere: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c '$(FITS)' 2>/dev/null || { echo "$(PYTHON) is not Python 3.11 to 3.13 with the venv module:" \
		"$$($(PYTHON) --version 2>&1 | head -1). Choose another: make PYTHON=python3.11" >&2; exit 1; }
	@test "$$(df -Pk . | awk 'NR == 2 { print $$4 }')" -ge $(DISK_KB_MIN) || { \
		echo "2.5 GB of free disk are needed here: $$(df -Ph . | awk 'NR == 2 { print $$4 " free on " $$6 }')" >&2; exit 1; }

$(VENV)/.made: | prerequisites
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# Every package is pinned by the SHA-256 of its files. uv does the same as pip in a sixth of the time (18 s and 124 s, measured,
# from the network), and is itself installed from a locked file; where it can't work, pip does.
define install
	@echo "Installing $(1) (a few minutes at most)"
	@if test "$(INSTALLER)" = uv && $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/tools.lock \
		&& VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --require-hashes --compile-bytecode -r $(1); then :; \
	else echo "Installing with pip"; $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1); fi
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m deploy.local.jars fetch
endef

$(VENV)/.run-installed: requirements/run.lock requirements/tools.lock pyproject.toml | $(VENV)/.made
	$(call install,requirements/run.lock)
	@touch $@

$(VENV)/.dev-installed: requirements/dev.lock requirements/tools.lock pyproject.toml | $(VENV)/.made
	$(call install,requirements/dev.lock)
	@touch $@ $(VENV)/.run-installed

COMPILE = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
ADDRESS := http://127.0.0.1:8080
screenshots: $(VENV)/.dev-installed
	@$(BIN)/python -m tests.browser.screenshots --address $(ADDRESS) $(ARGS)

lock: $(VENV)/.dev-installed
	$(COMPILE) pyproject.toml -o requirements/run.lock
	$(COMPILE) pyproject.toml --extra dev -o requirements/dev.lock
	printf 'lightgbm>=4.6\nscikit-learn>=1.7\n' | $(COMPILE) - -o requirements/reader.lock
	echo 'atheris>=3,<3.1' | $(COMPILE) - -o requirements/fuzz.lock # later ones have no wheel for Python 3.11
	echo uv | $(COMPILE) - -o requirements/tools.lock

sbom: $(VENV)/.dev-installed
	@$(BIN)/python -m deploy.sbom sbom.cdx.json

# Exit 1 for a hole, and for a package that could not be looked up: an audit that saw nothing has found nothing.
audit: $(VENV)/.dev-installed
	$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements/run.lock

# TARGET=feed for one parser alone. Later versions of atheris have no wheel for Python 3.11, so it is locked apart.

fuzz: $(VENV)/.dev-installed
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/fuzz.lock
	@SECONDS_IN_ALL=$(SECONDS) TARGET=$(TARGET) $(BIN)/python -m tests.fuzz.run

include training/model.mk
include training/reader.mk

clean:
	rm -rf $(VENV) sbom.cdx.json build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find pipeline connectors deploy tests -name __pycache__ -prune -exec rm -rf {} +
