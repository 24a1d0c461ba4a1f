PYTHON ?= python3
PORT ?= 8080
N ?= 1000000
SEED ?= 1
SEEDS ?= 20
DAYS ?= 14
PEOPLE ?= 40
FOLDER ?= /tmp/cards
DATABASE ?= sqlite
VENV := .venv
PY := $(VENV)/bin/python
RUNTIME := $(VENV)/runtime
LOCKED := $(VENV)/locked
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" --upgrade

.DEFAULT_GOAL := help
.PHONY: kill-loop help demo run test everywhere check lint types contracts screenshot bench simulate fuzz literal clocks lives judge lock migration clean

help: ## what there is to make
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: $(RUNTIME) ## the playground: a sample team on this machine, no account needed
	@$(PY) -m bot demo --port $(PORT)

run: $(RUNTIME) ## everything in one process, by the settings in .env
	@$(PY) -m bot serve

test: $(LOCKED) ## every test, on SQLite and on a PostgreSQL of its own
	$(PY) -m pytest -n auto

everywhere: $(LOCKED) ## on PostgreSQL too what the everyday run has on SQLite alone
	EVERYWHERE=1 $(PY) -m pytest -n auto -k postgresql

check: $(LOCKED) lint types contracts test ## exactly what CI runs

lint: $(LOCKED)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(LOCKED)
	$(VENV)/bin/mypy

contracts: $(LOCKED)
	$(VENV)/bin/lint-imports

screenshot: $(LOCKED) ## the README's picture, taken anew
	$(PY) -m tests.playground.screenshot docs/playground.png

bench: $(LOCKED) ## costs and ratios, each beside its yardstick in one run
	$(PY) -m benchmarks.command
	$(PY) -m benchmarks.sweep
	$(PY) -m benchmarks.planning 0.1
	$(PY) -m benchmarks.serve
	$(PY) -m benchmarks.slack
	$(PY) -m benchmarks.teams
	$(PY) -m benchmarks.load
	$(PY) -m benchmarks.delivery

simulate: $(LOCKED) ## a town's weeks with all that goes wrong: make simulate SEEDS=100 DAYS=14 SEED=1 DATABASE=sqlite
	$(PY) -W ignore -m tests.simulation $(SEED) $(SEEDS) $(DAYS) $(DATABASE)

fuzz: $(LOCKED) ## signed requests broken at random, N of them: make fuzz N=1000000 SEED=2
	FUZZ=$(N) REQUESTS=$$(( $(N) / 100 )) FUZZ_SEED=$(SEED) $(PY) -m pytest -n auto \
		tests/bot/test_gate_fuzz.py tests/bot/slack/test_fuzz.py

literal: $(LOCKED) ## hostile words and any message drawn for Slack and Teams, N of them: make literal N=100000 SEED=2
	TEXTS=$(N) TEXTS_SEED=$(SEED) MESSAGES=$$(( $(N) / 100 )) $(PY) -m pytest -n auto --timeout=0 \
		tests/bot/slack/test_literal.py tests/bot/slack/test_limits.py \
		tests/bot/teams/test_literal.py tests/bot/teams/test_limits.py

clocks: $(LOCKED) ## every zone whose clocks change in two years, at every quarter-hour around every change
	CLOCKS=all $(PY) -m pytest -n auto tests/handlers/test_changing_clocks.py

lives: $(LOCKED) ## six weeks of PEOPLE who do things at random, and what they get: make lives PEOPLE=40 SEED=2
	LIVES=$(PEOPLE) LIVES_SEED=$(SEED) $(PY) -m pytest --timeout=0 tests/bot/test_six_weeks.py

kill-loop: N = 100
kill-loop: $(LOCKED) ## real processes killed under load, N times: make kill-loop N=1000 DATABASE=postgresql SEED=2
	$(PY) -m tests.kill_loop $(DATABASE) $(N) $(SEED)

judge: $(LOCKED) ## what Slack is shown, held against Slack's own types; cards drawn by Microsoft's renderer: by npm
	$(PY) -m tests.judge_blocks
	$(PY) -m tests.judge_cards

cards: $(LOCKED) ## pictures of cards as Teams draws them: make cards FOLDER=/tmp/cards
	mkdir -p $(FOLDER)
	$(PY) -m tests.judge_cards $(FOLDER)

lock: $(LOCKED) ## look for newer versions of everything and lock them
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock

migration: $(LOCKED) ## write a migration: make migration NUMBER=0002 MESSAGE="…"
	$(PY) -m tests.revise $(NUMBER) "$(MESSAGE)"

clean: ## forget the sample company
	rm -rf data/demo

$(RUNTIME): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Worthwhile needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) requirements.lock
	@touch $(RUNTIME)

$(LOCKED): $(RUNTIME) requirements-dev.lock
	$(INSTALL) requirements-dev.lock
	@touch $(LOCKED)
