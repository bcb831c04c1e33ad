# facebench: `make run` runs the study, `make test` the tests. Both set up .venv first.
PYTHON ?= python3
CORES ?= all
# An archive of LFW to use instead of downloading one; data sets without it are not affected.
LFW_ARCHIVE ?= $(firstword $(wildcard ../shared/datasets/lfw*.tgz))
# The study that `make dashboard` shows; empty: results/default, or else the newest in results/.
RESULTS ?= $(if $(STUDY),results/$(basename $(notdir $(STUDY))))
BIN := .venv/bin
# Snakemake with its plugins for Slurm, and the settings of a cluster.
CLUSTER := .venv/slurm
PROFILE ?= profiles/slurm
# PyTorch's build, `cpu` or `cuda`; empty: the one that was chosen the last time, or else `cuda`.
TORCH ?=
# Names and texts are in UTF-8, whatever the language of this machine.
export PYTHONUTF8 := 1
# What Python compiles is kept, also where a machine is set up not to: a run starts many processes,
# each of which would compile its libraries again, and a step would take twice as long to start.
unexport PYTHONDONTWRITEBYTECODE
# Snakemake, which Ctrl-C ends with a sentence from the start.
SNAKEMAKE := LFW_ARCHIVE="$(LFW_ARCHIVE)" $(BIN)/python -P scripts/facebench/terminal/start.py
# Before all else: what `ARGS` asks for may be a file, which would be read as a configuration.
CONFIGFILE = $(if $(STUDY),--configfile $(STUDY))
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url \
	--no-annotate --no-header --quiet
STAMP := .venv/installed$(if $(TORCH),-$(TORCH))
# A worker a core, each with the tests of whole files and one thread.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

.PHONY: run cluster milvus plan models dashboard screenshots report verify golden audit rehearsal test quick \
  check registry lock docs help

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12
	@echo
	@echo "Settings, before or after make:"
	@echo "  STUDY=studies/lfw.yaml  which study; there are: $(notdir $(wildcard studies/*.yaml))"
	@echo "  TORCH=cpu               the first time: PyTorch without what NVIDIA GPUs need, from download.pytorch.org: 3 GB instead of 7"
	@echo "  CORES=2                 how many cores a run may use; all by default"
	@echo "  ARGS=-n                 more arguments of Snakemake (run), Streamlit (dashboard), pytest (test), models or rehearsal"
	@echo "  PROFILE=profiles/mine   the settings of your cluster (cluster)"
	@echo "  RESULTS=results/lfw     which results dashboard and verify look at"
	@echo "  PYTHON=python3.12       the Python that .venv is made of: 3.11 or newer"

run: $(STAMP) ## run the study in config.yaml (another: make run STUDY=studies/lfw.yaml)
	@PYTHONPATH=scripts $(BIN)/python -m facebench.study.start $(STUDY)
	@$(SNAKEMAKE) $(CONFIGFILE) --cores $(CORES) $(ARGS)

cluster: $(CLUSTER)/installed ## run the study as jobs of Slurm (docs/cluster.md)
	@PYTHONPATH=scripts $(BIN)/python -m facebench.study.start $(STUDY)
	@LFW_ARCHIVE="$(LFW_ARCHIVE)" $(CLUSTER)/bin/python -m snakemake $(CONFIGFILE) \
	  --workflow-profile $(PROFILE) $(ARGS)

milvus: .venv/milvus ## add what an index of the kind milvus needs (docs/cluster.md)

plan: $(STAMP) ## what a study would do: steps, downloads, work (another: make plan STUDY=studies/lfw.yaml)
	@PYTHONPATH=scripts $(BIN)/python -m facebench.study.start $(STUDY)
	@$(SNAKEMAKE) $(CONFIGFILE) --quiet rules --dry-run $(ARGS)

models: $(STAMP) ## list the models that exist (which: make models ARGS="siglip2 --smaller-than 500")
	@$(BIN)/python -m tools.list_models $(ARGS)

dashboard: $(STAMP) ## look at the results (another study: make dashboard STUDY=studies/lfw.yaml)
	@PYTHONPATH=scripts $(BIN)/python -m facebench.study.start $(STUDY)
	FACEBENCH_RESULTS="$(RESULTS)" FACEBENCH_STUDY="$(STUDY)" $(BIN)/streamlit run dashboard/app.py $(ARGS)

screenshots: $(STAMP) ## take the pictures of the dashboard in docs/img (results of invented people)
	FACEBENCH_RESULTS="$(RESULTS)" $(BIN)/python -m tools.screenshots $(ARGS)

report: $(STAMP) ## one HTML file of a study, to read and to cite (another: make report STUDY=studies/lfw.yaml)
	@$(SNAKEMAKE) $(CONFIGFILE) --cores $(CORES) report
	@$(SNAKEMAKE) $(CONFIGFILE) --cores 1 --report $(or $(RESULTS),results/default)/report.html report
	@echo "Open $(or $(RESULTS),results/default)/report.html in a browser; it needs no network."

verify: $(STAMP) ## check that results are still what their records say (one study: make verify RESULTS=results/lfw)
	@$(BIN)/python -m tools.verify $(or $(RESULTS),results) $(if $(STUDY),--configfile $(STUDY)) $(ARGS)

golden: $(STAMP) ## compare the models' vectors of ten pictures with the shipped ones (some: make golden ARGS="mini-l dlib")
	@$(BIN)/python -m tools.golden $(ARGS)

audit: $(STAMP) ## list libraries, data sets and models with their licences, and known advisories
	@$(BIN)/python -m tools.audit $(ARGS)

rehearsal: $(STAMP) ## run the paper's studies at small size, without a network, to see whether all of them would run
	@$(BIN)/python -m tools.rehearsal --cores $(CORES) $(ARGS)

test: $(STAMP) ## checks of style and types, then all tests
	$(MAKE) --no-print-directory check
	$(PYTEST) $(ARGS)

quick: $(STAMP) ## the tests that need neither Snakemake nor a browser and are not slow
	$(PYTEST) -m "not workflow and not browser and not slow" $(ARGS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/mypy scripts/facebench
	@# Snakemake puts the object `snakemake` into a script.
	$(BIN)/mypy --disable-error-code name-defined scripts/*.py
	$(BIN)/snakemake --lint

registry: $(STAMP) ## fill in what open_clip and timm know of the models in models/
	@$(BIN)/python -m tools.fill_models

docs: $(STAMP) ## rebuild docs/configuration.md and the picture of the workflow
	$(BIN)/python -m tools.document_config
	$(BIN)/python -m tools.document_dag

lock: ## compile the locks from pyproject.toml after changing a version there
	$(COMPILE) pyproject.toml --all-extras --output-file requirements.lock
	$(COMPILE) --group milvus --constraint requirements.lock --output-file requirements-milvus.lock

$(STAMP): requirements.lock
	@$(PYTHON) tools/install.py .venv $(TORCH)

.venv/milvus: requirements-milvus.lock $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-milvus.lock
	@touch $@

$(CLUSTER)/installed: envs/slurm.yaml $(STAMP)
	@$(BIN)/python -m tools.cluster_env $(CLUSTER)
	@touch $@
