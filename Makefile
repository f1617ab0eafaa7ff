# What one does with breachdesk. Needs Python 3.11 or later, git and make; nobody at the keyboard.
.POSIX:

VENV = .venv
PYTHON = $(VENV)/bin/python
PIP = $(PYTHON) -m pip --disable-pip-version-check --quiet
PYTEST_OPTIONS =

.PHONY: help run test lint format types i18n bench screenshots demo requirements scan audit mutants faults tampering

help:
	@echo "make run          start breachdesk on http://127.0.0.1:8000"
	@echo "make test         every test; make test PYTEST_OPTIONS='-n 2' on two processors"
	@echo "make lint         ruff: faults and form"
	@echo "make format       ruff: put the code in form"
	@echo "make types        mypy"
	@echo "make i18n         bring the English catalogue up to date with the French sentences"
	@echo "make demo         walk the whole main job, into demo-out/"
	@echo "make bench        measure pages, posts, the PDF and the start"
	@echo "make screenshots  every page at 1280 and 390 pixels"
	@echo "make scan         let an independent web scanner loose on a desk that runs here"
	@echo "make faults       kill workers, fail the mail server, restart the database: is any mail lost?"
	@echo "make tampering    flip every bit of a sealed dossier: is each found?"
	@echo "make mutants      change the rules a little everywhere: do the tests notice?"
	@echo "make audit        ask which dependencies have a known weakness"
	@echo "make requirements compile requirements*.in"

run: $(VENV)/runtime.stamp
	@exec $(PYTHON) -m breachdesk run

test: $(VENV)/dev.stamp
	$(PYTHON) -m pytest $(PYTEST_OPTIONS)

lint: $(VENV)/dev.stamp
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format: $(VENV)/dev.stamp
	$(PYTHON) -m ruff check --fix-only .
	$(PYTHON) -m ruff format .

types: $(VENV)/dev.stamp
	$(PYTHON) -m mypy

i18n: $(VENV)/dev.stamp
	$(PYTHON) -m tests.catalogue

bench: $(VENV)/dev.stamp
	$(PYTHON) -m tests.bench

screenshots: $(VENV)/dev.stamp
	$(PYTHON) -m tests.screenshots

demo: $(VENV)/runtime.stamp
	$(PYTHON) -m breachdesk demo --out demo-out

scan: $(VENV)/dev.stamp .venv-scan/stamp
	WAPITI=.venv-scan/bin/wapiti $(PYTHON) -m tests.scan

tampering: $(VENV)/dev.stamp
	$(PYTHON) -m tests.tampering

faults: $(VENV)/dev.stamp
	$(PYTHON) -m tests.faults

audit: $(VENV)/dev.stamp .venv-audit/stamp
	PIP_AUDIT=.venv-audit/bin/pip-audit $(PYTHON) tests/audit.py

mutants: $(VENV)/dev.stamp .venv-mutants/stamp
	MUTMUT=$$PWD/.venv-mutants/bin/mutmut $(PYTHON) -m tests.mutants

# Tools with many dependencies of their own, kept apart from ours.
.venv-scan/stamp: requirements-scan.txt
	$(PYTHON) -m venv --clear .venv-scan
	.venv-scan/bin/python -m pip --disable-pip-version-check --quiet install -r requirements-scan.txt
	@touch $@

.venv-audit/stamp: requirements-audit.txt
	$(PYTHON) -m venv --clear .venv-audit
	.venv-audit/bin/python -m pip --disable-pip-version-check --quiet install -r requirements-audit.txt
	@touch $@

.venv-mutants/stamp: requirements-mutants.txt
	$(PYTHON) -m venv --clear .venv-mutants
	.venv-mutants/bin/python -m pip --disable-pip-version-check --quiet install -r requirements-mutants.txt
	@touch $@

# Exact versions of everything. Index and folder options are left out: they belong to one machine.
requirements: $(VENV)/runtime.stamp
	$(PIP) install uv
	for name in requirements requirements-dev requirements-scan requirements-audit \
		requirements-mutants; do \
		UV_CUSTOM_COMPILE_COMMAND="make requirements" $(VENV)/bin/uv pip compile --quiet \
			--python-version 3.11 --no-config --no-emit-index-url --no-emit-find-links \
			$$name.in -o $$name.txt || exit 1; \
	done

$(VENV)/runtime.stamp: requirements.txt
	@python=$$(command -v python3.11 || command -v python3) || \
		{ echo "breachdesk needs Python 3.11 or later."; exit 1; }; \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "breachdesk needs Python 3.11 or later, not $$("$$python" -V)."; exit 1; }; \
	$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
		echo "Making $(VENV)…"; "$$python" -m venv --clear $(VENV) || exit 1; }
	@echo "Installing what breachdesk needs (once, about half a minute)…"
	@$(PIP) install -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/runtime.stamp
	@echo "Installing what the tests need (once, about half a minute)…"
	@$(PIP) install -r requirements.txt -r requirements-dev.txt
	@touch $@
