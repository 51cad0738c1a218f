# Every target prints its options with ARGS=--help, for example: make demo ARGS=--help
BOOTSTRAP := python3 deploy/local/bootstrap.py
PYTHON := .venv/bin/python
WITHIN := $(PYTHON) -m deploy.local.within --

.DEFAULT_GOAL := help
.PHONY: help run reset demo year check-county county dry-run verify parked deliveries code bench test lint unit integration browser faults lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## install what is missing and run everything in the foreground (PORT, BIND, MONGODB_URI, AMQP_URI)
	@exec $(BOOTSTRAP) run $(ARGS)

reset: ## forget the data of the local run
	@exec $(PYTHON) -m deploy.local.reset $(ARGS)

demo: ## play a working day against the running system
	@exec $(WITHIN) $(PYTHON) -m deploy.demo.day $(ARGS)

code: ## the six digits that a demo account signs in with now (ARGS=leader-1)
	@exec $(PYTHON) -m deploy.demo.signing_in $(ARGS)

check-county: ## check a county's files (ARGS=FOLDER; without one, the demo county's)
	@exec $(PYTHON) -m deploy.county.check $(ARGS)

county: ## make the running system what a county's files say (ARGS="FOLDER --dry-run" only shows it)
	@exec $(WITHIN) $(PYTHON) -m deploy.county.load $(ARGS)

dry-run: ## where past requests would have gone by the rules of a county's files (ARGS=FOLDER)
	@exec $(WITHIN) $(PYTHON) -m deploy.county.dry_run $(ARGS)

year: ## fill an empty local county with a year of 15,000 requests, while nothing runs
	@$(BOOTSTRAP) setup
	@exec $(PYTHON) -m deploy.demo.year $(ARGS)

verify: ## check the log and every view of the running system
	@exec $(WITHIN) $(PYTHON) -m deploy.verify $(ARGS)

parked: ## look at, retry or discard what subscriptions have set aside
	@exec $(WITHIN) $(PYTHON) -m deploy.parked $(or $(ARGS),list)

deliveries: ## what other systems have not taken; ARGS="retry ENDPOINT POSITION", "replay ENDPOINT --from POSITION"
	@exec $(WITHIN) $(PYTHON) -m deploy.deliveries $(or $(ARGS),list)

rotate-keys: ## a new epoch of the vault's keys; what was erased opens nowhere any more
	@exec $(PYTHON) -m deploy.keys rotate $(ARGS)

backup-keys: ## every key of the vault in one file under a passphrase (ARGS=FILE)
	@exec $(PYTHON) -m deploy.keys backup $(ARGS)

restore-keys: ## the keys of such a file, where there are none (ARGS=FILE)
	@exec $(PYTHON) -m deploy.keys restore $(ARGS)

bench: ## measure, each figure beside its physical limit
	@$(BOOTSTRAP) setup-tests
	@exec $(PYTHON) -m tests.bench $(ARGS)

test: ## lint, then all test tiers
	@exec $(BOOTSTRAP) test $(ARGS)

lint: ## ruff, mypy, import contracts
	@exec $(BOOTSTRAP) test lint $(ARGS)

unit: ## rules, architecture and contracts: no server needed
	@exec $(BOOTSTRAP) test unit $(ARGS)

integration: ## against a private MongoDB and RabbitMQ
	@exec $(BOOTSTRAP) test integration $(ARGS)

browser: ## pages in Chromium
	@exec $(BOOTSTRAP) test browser $(ARGS)

faults: ## kill -9 in the middle of load
	@exec $(BOOTSTRAP) test faults $(ARGS)

lock: ## write the lock files anew (ARGS=--upgrade for newer versions)
	@$(BOOTSTRAP) setup
	@exec $(PYTHON) -m deploy.local.lock $(ARGS)
