# facebench: `make run` runs the study, `make test` the tests. Both set up .venv first.
PYTHON ?= python3
CORES ?= all
# An archive of LFW to use instead of downloading one; data sets without it are not affected.
LFW_ARCHIVE ?= $(firstword $(wildcard ../shared/datasets/lfw*.tgz))
# The study that `make dashboard` shows; empty: results/default, or else the newest in results/.
RESULTS ?= $(if $(STUDY),results/$(basename $(notdir $(STUDY))))
BIN := .venv/bin
# Names and texts are in UTF-8, whatever the language of this machine.
export PYTHONUTF8 := 1
STAMP := .venv/installed

.PHONY: run dashboard screenshots test quick check lock docs help

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(STAMP) ## run the study in config.yaml (another: make run STUDY=studies/lfw.yaml)
	@test -z "$(STUDY)" || test -f "$(STUDY)" || { echo "There is no study $(STUDY); there are: $(wildcard studies/*.yaml)"; exit 2; }
	@PYTHONPATH=scripts $(BIN)/python -m facebench.study.start $(STUDY)
	@LFW_ARCHIVE="$(LFW_ARCHIVE)" $(BIN)/snakemake --cores $(CORES) $(ARGS) \
	  $(if $(STUDY),--configfile $(STUDY))

dashboard: $(STAMP) ## look at the results (another study: make dashboard RESULTS=results/lfw)
	FACEBENCH_RESULTS="$(RESULTS)" FACEBENCH_STUDY="$(STUDY)" $(BIN)/streamlit run dashboard/app.py $(ARGS)

screenshots: $(STAMP) ## take the pictures of the dashboard in docs/img (results of invented people)
	FACEBENCH_RESULTS="$(RESULTS)" $(BIN)/python -m tools.screenshots $(ARGS)

test: $(STAMP) ## checks of style and types, then all tests
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest $(ARGS)

quick: $(STAMP) ## the tests that need neither Snakemake nor a browser and are not slow
	$(BIN)/python -m pytest -m "not workflow and not browser and not slow" $(ARGS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/mypy scripts/facebench
	@# Snakemake puts the object `snakemake` into a script.
	$(BIN)/mypy --disable-error-code name-defined scripts/*.py
	$(BIN)/snakemake --lint

docs: $(STAMP) ## rebuild docs/configuration.md and the picture of the workflow
	$(BIN)/python -m tools.document_config
	$(BIN)/python -m tools.document_dag

lock: ## compile requirements.lock from pyproject.toml after changing a version there
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras \
	  --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("facebench needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11 ...") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@
