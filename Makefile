# Two commands on a fresh machine: `make consolidate` and `make test`. Each target calls the CLI, python -m pipeline.
# ARGS="..." is passed on, e.g. make consolidate ARGS="--lang en --jobs 4"; `make help` lists everything.

CAMPAIGN ?= kien-giang-2021
OUT ?= inputs/demo
SEED ?= 1
RUNS ?= 5
BRANCHES ?= 6000
FUZZ_SECONDS ?= 60
FUZZ_SEED ?=
prove-cluster: BRANCHES := $(if $(filter file,$(origin BRANCHES)),20000,$(BRANCHES))

ifeq ($(strip $(CAMPAIGN)),)
$(error CAMPAIGN is empty: make consolidate CAMPAIGN=kien-giang-2021)
endif

CLI := .venv/bin/python -m pipeline
SHIPPED := $(filter-out demo,$(patsubst inputs/%/.,%,$(wildcard inputs/*/.)))
# What a shell completes as a path, inputs/x/, is campaign x.
NAMED := $(patsubst inputs/%,%,$(CAMPAIGN:%/=%))
CHOSEN := $(if $(filter all,$(NAMED)),$(SHIPPED),$(NAMED))
SOURCES := schemas pipeline tests bench

.DEFAULT_GOAL := help
.PHONY: help consolidate $(CHOSEN:%=consolidate/%) templates check fetch remind demo
.PHONY: test fuzz lint format golden bench bench-large prove-cluster system-deps clean
export PYTHONUTF8 := 1

# One campaign's fault, or --strict's exit status 3, does not keep the others from running: make goes on, names each
# that failed with its exit status ("[consolidate/x] Error 2"), and itself fails if any did.
ifeq ($(strip $(CAMPAIGN)),all)
MAKEFLAGS += --keep-going
endif

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

consolidate: $(CHOSEN:%=consolidate/%) ## submissions -> outputs/CAMPAIGN/consolidated.xlsx; CAMPAIGN=all: every one

$(CHOSEN:%=consolidate/%): consolidate/%: .venv/.runtime
	@$(CLI) consolidate "inputs/$*" $(ARGS)

templates: .venv/.runtime ## one pre-filled workbook for each unit of CAMPAIGN that files
	@$(CLI) templates "inputs/$(NAMED)" $(ARGS)

check: .venv/.runtime ## FILE=form.xlsx: what is wrong with one form [CAMPAIGN=...]
	@$(CLI) check "$(or $(FILE),$(error FILE is missing: make check FILE=path/to/form.xlsx))" $(if $(filter file,$(origin CAMPAIGN)),,--campaign "inputs/$(NAMED)") $(ARGS)

fetch: .venv/.runtime ## new mails of CAMPAIGN's mailbox ([mailbox] of campaign.toml) -> its submissions/mail/
	@$(CLI) fetch "inputs/$(NAMED)" $(ARGS)

demo: .venv/.runtime ## BRANCHES=6000: a made-up campaign in OUT=inputs/demo [SEED=1 MESSY=0.1]
	@$(CLI) demo "$(OUT)" --branches $(BRANCHES) --seed $(SEED) $(if $(MESSY),--messy $(MESSY)) $(ARGS)

remind: .venv/.runtime ## drafts to the units of CAMPAIGN that owe a report or an answer; ARGS=--send sends them ([outbox])
	@$(CLI) remind "inputs/$(NAMED)" $(ARGS)

test: .venv/.dev ## all tests; ARGS="-k merge" for some
	@.venv/bin/python -m pytest $(ARGS)

fuzz: .venv/.dev ## FUZZ_SECONDS=60 FUZZ_SEED=: read damaged files for so long; what breaks is kept in .fuzz/
	@.venv/bin/python -m tests.fuzz.run $(FUZZ_SECONDS) $(FUZZ_SEED)

lint: .venv/.dev ## ruff and mypy, as CI does
	@.venv/bin/ruff check $(SOURCES)
	@.venv/bin/ruff format --check $(SOURCES)
	@.venv/bin/mypy

format: .venv/.dev ## put the code into shape
	@.venv/bin/ruff check --fix $(SOURCES)
	@.venv/bin/ruff format $(SOURCES)

golden: .venv/.runtime ## after a look at outputs/: make them the tables that CI compares with
	@.venv/bin/python tests/compare_golden.py --update

bench: .venv/.bench ## BRANCHES=6000 RUNS=5: speed and memory beside plain scripts -> docs/performance.md
	@.venv/bin/python -m bench.run --branches $(BRANCHES) --runs $(RUNS) --seed $(SEED) $(ARGS)

bench-large: .venv/.bench ## 300,000 workbooks, made once in the temporary folder: needs time, and 8 GB of disk
	@.venv/bin/python -m bench.large --seed $(SEED) $(ARGS)

prove-cluster: .venv/.dev ## BRANCHES=20000: the same bytes from a cluster that loses a worker, with 20 files that crash
	@.venv/bin/python bench/cluster.py --branches $(BRANCHES) $(ARGS)

system-deps: ## Debian packages that tests need (LibreOffice, dovecot, unar ...)
	@bin/system-deps

clean: ## .venv and the tools' caches; inputs/ and outputs/ stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .fuzz
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.runtime: pyproject.toml constraints.txt
	@bin/venv runtime

.venv/.dev: pyproject.toml constraints.txt
	@bin/venv dev

.venv/.bench: pyproject.toml constraints.txt
	@bin/venv bench
