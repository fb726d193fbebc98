# Vivavoce: every task that people and CI need. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin
VIDEO ?=
QUESTION ?=
MINUTES ?=
SEED ?=
RATE ?=
INTERVIEWS ?=
CASES ?=
unexport VIDEO QUESTION MINUTES SEED RATE INTERVIEWS CASES
# Every process of the stack would compile all that it imports anew, which is half of what its start costs.
unexport PYTHONDONTWRITEBYTECODE
SYSTEM_TESTS := tests/system
# A file's tests share what they started. Files begin in their order: by their number of tests, those that wait
# for long would come last.
SIDE_BY_SIDE := -n 3 --dist loadfile --no-loadscope-reorder
# $(call quoted,NAME): the variable's text as one word of the shell, whatever is in it.
quoted = '$(subst ','\'',$(value $(1)))'
# $(call option,--name,NAME): the option, if the variable has a text.
option = $(if $(value $(2)),$(1) $(call quoted,$(2)))
CHAOS = $(call option,--minutes,MINUTES) $(call option,--seed,SEED) $(call option,--rate,RATE) \
	$(call option,--interviews,INTERVIEWS)

.PHONY: help setup demo up down kafka graphiql test test-kafka check format bench chaos chaos-kafka lock snapshots fuzz release-check

help: ## List the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: ## Make this machine ready: libraries, virtual environment, locked packages
	@tools/setup.sh

demo: setup ## Take a recorded interview to an explained score (VIDEO=file QUESTION="…" for your own)
	@$(BIN)/viva demo $(if $(value VIDEO),--video $(call quoted,VIDEO)) $(if $(value QUESTION),--question $(call quoted,QUESTION))

up: setup ## Start the stack in the background; state in .viva/
	@$(BIN)/viva up --detach

down: setup ## Stop the stack
	@$(BIN)/viva down

kafka: ## Fetch Apache Kafka for `viva up --kafka`
	@deploy/kafka/fetch.sh

graphiql: ## Fetch GraphiQL, which `viva up` then serves to browsers at /graphql
	@deploy/graphiql/fetch.sh

test: setup ## Run the whole test suite
	@tools/setup.sh --browser
	@$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) --ignore=$(SYSTEM_TESTS)
	@$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) $(SYSTEM_TESTS)

test-kafka: setup kafka ## Run what is tested over a broker on a cluster of Apache Kafka
	@TESTED_BROKER=kafka $(BIN)/python -m pytest -q tests/connected

check: setup ## Format, lint, types, imports, sizes, schemas, compose
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy libs/*/src services/*/src cli/src samples/src tests bench tools
	@$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	@$(BIN)/python -m tools.lints.house
	@$(BIN)/python -m tools.snapshots --check
	@$(BIN)/python -m tools.lints.compose

format: setup ## Format and fix what can be fixed by program
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

snapshots: setup ## Write the published API descriptions under docs/api/ anew
	@$(BIN)/python -m tools.snapshots

fuzz: setup ## Send many requests that the description of the API leads to (CASES=400 of each operation)
	@FUZZ_CASES=$(or $(value CASES),400) $(BIN)/python -m pytest -q tests/gateway/test_schema_conformance.py

bench: setup kafka ## Measure: analysis, pipeline and gateway against their bare rivals, the door, webhooks, scale
	@$(BIN)/python -m bench.analysis
	@$(BIN)/python -m bench.pipeline
	@$(BIN)/python -m bench.pipeline --kafka
	@$(BIN)/python -m bench.webhooks --highest
	@$(BIN)/python -m bench.scale
	@$(BIN)/python -m bench.gateway
	@$(BIN)/python -m bench.door

chaos: setup ## Injure a running system by a plan, then audit it (MINUTES=2 SEED=… RATE=… or INTERVIEWS=…)
	@$(BIN)/python -m tests.chaos $(CHAOS)

chaos-kafka: setup kafka ## The same over three Kafka brokers
	@$(BIN)/python -m tests.chaos --kafka $(CHAOS)

lock: setup ## Resolve all dependencies again: versions and hashes
	@tools/lock.sh

release-check: ## Clone into an empty folder and run the README's two commands
	@tests/fresh_clone.sh
