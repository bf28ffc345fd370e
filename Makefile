# Everything runs in .venv, which the targets make for themselves: nothing is installed outside this folder.
# Needed beforehand: make, and a Python >= 3.11 that can make virtual environments (PYTHON=… names one).

.DEFAULT_GOAL := check
.DELETE_ON_ERROR:
.PHONY: demo test lint types arch bench fuzz check check-all clean

PYTHON ?=
VENV := .venv
VERSIONS := 3.14 3.13 3.12 3.11
PIP := $(VENV)/bin/python -m pip -qq --disable-pip-version-check --no-input
DEMO := demo.dingji

# With -j, each target's output comes in one piece (make 3.81 cannot, and mixes it).
ifneq ($(filter output-sync,$(.FEATURES)),)
MAKEFLAGS += --output-sync=target
endif

# Show the whole tool on the first notice, in a ledger made afresh.
demo: $(VENV)/.run
	@rm -rf $(DEMO) $(DEMO)-journal $(DEMO)-wal $(DEMO)-shm $(DEMO).evidence
	@$(VENV)/bin/dingji demo --ledger $(DEMO)

# Run every test, on all cores.
test: $(VENV)/.dev
	@$(VENV)/bin/python -m pytest -n auto --dist worksteal

# Judge the code's style and form.
lint: $(VENV)/.dev
	@$(VENV)/bin/python -m ruff check --quiet
	@$(VENV)/bin/python -m ruff format --quiet --check

# Check the types of code and tests.
types: $(VENV)/.dev
	@$(VENV)/bin/python -m mypy

# Check who may import whom.
arch: $(VENV)/.dev
	@$(VENV)/bin/lint-imports --no-logo

# Measure speed and memory against the raw store, as ratios.
bench: $(VENV)/.dev
	@$(VENV)/bin/python tests/bench/run.py

# Try every reader on damaged inputs for SECONDS, from a seed that is new unless SEED names one.
SECONDS ?= 600
fuzz: $(VENV)/.dev
	@seed=$(or $(SEED),$$(date +%s)); echo "seed $$seed" >&2; \
	DINGJI_FUZZ_SECONDS=$(SECONDS) DINGJI_FUZZ_SEED=$$seed $(VENV)/bin/python -m pytest -n auto tests/fuzz

# Do all that a change must pass; the fuzzers try a minute of the same inputs each time.
check: lint types arch test
	@$(MAKE) --no-print-directory fuzz SECONDS=60 SEED=0

# Run the suite on every other Python that is installed, each in a .venv-VERSION of its own, after `check`.
check-all: check
	@set -e; \
	for version in $(VERSIONS); do \
	  $(VENV)/bin/python -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$$version')" || { \
	    for python in python$$version $${PYENV_ROOT:-$$HOME/.pyenv}/versions/$$version.*/bin/python; do \
	      $$python -c "import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '$$version')" 2>/dev/null || continue; \
	      echo "The suite on $$python" >&2; \
	      $(MAKE) --no-print-directory test VENV=.venv-$$version PYTHON=$$python; \
	      break; \
	    done; \
	  }; \
	done

# Remove caches, built files and the demonstration; .venv stays (`rm -r .venv*` starts from nothing).
clean:
	@rm -rf build dist .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@rm -rf $(DEMO) $(DEMO)-journal $(DEMO)-wal $(DEMO)-shm $(DEMO).evidence
	@find ledger plugins projections commands tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment: pip is what is made last in it.
$(VENV)/bin/pip:
	@set -e; old=; bare=; \
	for python in $(or $(PYTHON),python3 $(foreach version,$(VERSIONS),python$(version))); do \
	  command -v "$$python" >/dev/null 2>&1 || continue; \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { old="$$old $$python"; continue; }; \
	  "$$python" -c 'import venv, ensurepip' 2>/dev/null || { bare="$$bare $$python"; continue; }; \
	  echo "Setting up $(VENV) with $$python" >&2; \
	  "$$python" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; \
	  exit 0; \
	done; \
	if [ -n "$$bare" ]; then \
	  echo "Cannot make a virtual environment:$$bare has no venv or ensurepip (on Debian: the package python3-venv)." >&2; \
	else \
	  echo "Dingji needs Python 3.11 or newer; found$${old:- none}. Install one, or name it: make PYTHON=/path/to/python3" >&2; \
	fi; \
	exit 1

# What running needs, the tool that installs the package, and the package itself.
$(VENV)/.run: requirements.lock requirements-build.lock pyproject.toml | $(VENV)/bin/pip
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# What developing needs, on top.
$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
