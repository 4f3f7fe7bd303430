# Every target sets up what it needs by itself. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: report pdf picture test check strip bench lab lock doctor audit release clean help
BIN := .venv/bin
# What was given is text: neither make nor the shell reads it again.
override MONTH := $(value MONTH)
override PARAMS := $(value PARAMS)
override VERSION := $(value VERSION)
export MONTH PARAMS VERSION

report: ## make the report: make report MONTH=2026-05 PARAMS="currency=CNY window=33"
	@tools/set_up.sh runner
	@set -f; set --; for assignment in $$PARAMS; do set -- "$$@" -p "$$assignment"; done; \
		exec $(BIN)/diversion report $(if $(MONTH),--month "$$MONTH") "$$@"

pdf: ## print the latest report, or MONTH, to PDF through Chromium
	@tools/set_up.sh runner
	@$(BIN)/python tools/pdf.py "$$MONTH"

picture: ## take the picture of the first screen that the README shows
	@tools/set_up.sh runner
	@$(BIN)/python tools/first_screen.py "$$MONTH"

test: ## run the tests; ARGS="-m ''" adds the slow ones
	@tools/set_up.sh dev
	@tools/test_needs.sh
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: ## hold code, notebooks and documents against the house rules, in seconds
	@tools/set_up.sh dev
	@$(BIN)/python tools/check.py

strip: ## take outputs and counts out of the notebooks, as every commit does
	@tools/set_up.sh dev
	@$(BIN)/nbstripout --keep-id --extra-keys "metadata.papermill cell.metadata.papermill" notebooks/*.ipynb

trials: ## try to break it, whole (an hour or more), and write what held to docs/reliability.md
	@tools/set_up.sh dev
	@for trial in killed together starved mutated hostile same_bytes replayed; do \
		$(BIN)/python tests/trials/$$trial.py || exit 1; done
	@$(BIN)/python tests/trials/reliability.py

bench: ## measure speed side by side with the alternatives, in minutes; FULL=1 repeats more often and adds sizes
	@tools/set_up.sh $(if $(FULL),scale,dev)
	@tools/set_up.sh lab
	@FULL=$(FULL) $(BIN)/python benchmarks/bench.py
	@$(if $(FULL),$(BIN)/python benchmarks/scale.py)

lab: ## open JupyterLab on the notebooks, and make the report again at every save; ARGS=--no-watch does not
	@tools/set_up.sh runner
	@tools/set_up.sh lab
	@$(BIN)/python tools/lab.py $(ARGS)

lock: ## choose the newest versions and write them, with hashes, to requirements/
	@tools/set_up.sh runner
	@tools/lock.sh

doctor: ## say what is missing or odd on this machine, and what cures it
	@PYTHONPATH=src $(if $(wildcard $(BIN)/python),$(BIN)/python,python3) -m helpers.cli doctor $(ARGS)

audit: ## ask whether a package of the locks has a known vulnerability; needs a network
	@tools/set_up.sh dev
	@$(BIN)/python tools/audit.py $(ARGS)

release: ## tag what is committed and bundle it: make release VERSION=0.2.0
	@tools/set_up.sh dev
	@$(BIN)/python tools/release.py "$$VERSION"

clean: ## take away the environments, the tables and the working folders; reports stay
	rm -rf .venv .venv-lab .pytest_cache .ruff_cache reports/.building-* reports/.failed reports/.steps reports/.state
	find data/processed -name '*.parquet' -delete
	find src tests -name __pycache__ -prune -exec rm -rf {} +

help: ## show this list
	@sed -n 's/^\([a-z]*\): ## /\1|/p' Makefile | awk -F '|' '{ printf "make %-7s %s\n", $$1, $$2 }'
