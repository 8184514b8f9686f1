# What a person does here, one verb a line: make help.
ENVIRONMENT ?= .venv
# quoted, since a clone may lie in a folder with a space in its name
BIN := "$(ENVIRONMENT)/bin"
PYTHON := $(BIN)/python
HOMEOSTAT := $(PYTHON) -m homeostat
# the folder for all that the platform writes on this machine; .homeostat/demo is the demo's
STATE ?=
export HOMEOSTAT_STATE := $(or $(STATE),$(HOMEOSTAT_STATE))
# where the tests start
TESTS ?= tests model-source
# what the pipeline's stages hand to each other, and where: people, the local runner and GitHub set them differently
RESULTS ?= $(or $(HOMEOSTAT_STATE),.homeostat)/results
BASE ?=
# a model that 'make ct' trains although nothing of it changed
RETRAIN ?=
REMOTE ?= origin
RUN ?=
GO_TOOLS := gitleaks actionlint act alertmanager amtool prometheus promtool node_exporter kustomize conftest kubectl \
  kube-apiserver etcd argocd traefik sops age age-keygen
# where the cluster runs: local is a real one on this machine, proxmox the one of cluster.yaml (and meant where there is one)
PROVIDER ?=
IN := $(if $(PROVIDER),--provider $(PROVIDER))
REQUIRED := $(if $(REQUIRE_ALL),--require-all)

.DEFAULT_GOAL := help
.PHONY: help setup doctor demo up down status test eval-triage bench-triage bench-proxmox bench-serving soak-serving cluster cluster-status cluster-stop cluster-down test-cluster test-homelab check lint types security format lock tools check-changes ct package model-image handoff rollout image

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make the locked environment (bootstraps uv; needs only Python 3.11 to 3.13)
	@scripts/bootstrap.sh "$(ENVIRONMENT)"

doctor: setup ## look for what is missing: configuration, tools, keys, space, hosts
	@$(HOMEOSTAT) doctor

demo: setup ## play the whole story on this machine, then stop
	@$(HOMEOSTAT) demo run

up: setup ## start the platform as processes on loopback
	@$(HOMEOSTAT) process up

status: setup ## what runs, where, and since when
	@$(HOMEOSTAT) process status

down: setup ## stop it and leave nothing behind
	@$(HOMEOSTAT) process down

test: setup ## all tests that need no root
	@$(PYTHON) -m pytest -n 2 --dist loadfile --ignore=tests/cluster --ignore=tests/homelab $(TESTS)

eval-triage: setup ## how good the reports are, on incidents whose causes are known
	@$(HOMEOSTAT) triage evaluate

bench-triage: setup ## triage under load: how fast, how much memory, and that nothing is lost
	@$(PYTHON) -m tests.benchmarks.triage

bench-proxmox: setup ## planning and applying machines: how long, against the simulator
	@$(PYTHON) -m tests.benchmarks.proxmox

bench-serving: setup ## how fast models are served, against kserve, MLServer, MLflow, BentoML, FastAPI (20 minutes)
	@$(PYTHON) -m tests.benchmarks.serving run

soak-serving: setup ## a model server under full load, then mistreated: is memory flat, are others answered
	@$(PYTHON) -m tests.benchmarks.serving soak
	@$(PYTHON) -m tests.benchmarks.serving abuse

cluster: setup ## a Kubernetes cluster that follows git: of cluster.yaml, or on this machine (as root on Linux)
	@$(HOMEOSTAT) cluster up $(IN)

cluster-status: setup ## what runs in it, and what this provider leaves out
	@$(HOMEOSTAT) cluster status $(IN)

cluster-stop: setup ## stop it and keep its data; 'make cluster' goes on
	@$(HOMEOSTAT) cluster stop $(IN)

cluster-down: setup ## delete it with all its data, after asking
	@$(HOMEOSTAT) cluster down $(IN)

test-cluster: setup ## the tests on the local cluster (needs root on Linux; makes the cluster when there is none)
	@$(PYTHON) -m pytest tests/cluster

test-homelab: setup ## the tests on real Linux hosts, booted here without virtual machines (needs root on Debian)
	@$(PYTHON) -m pytest tests/homelab

check: lint types security ## everything that is checked without running the code

lint: setup ## style, imports and layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/yamllint --strict .
	@$(BIN)/shellcheck scripts/*.sh .ci/run
	@$(BIN)/zizmor --offline --no-progress --quiet .github
	@ANSIBLE_CONFIG=ansible/ansible.cfg $(BIN)/ansible-lint --offline -q ansible
	@$(HOMEOSTAT) config check --quiet

types: setup ## pyright, strict on our packages
	@$(BIN)/pyright --pythonpath $(PYTHON)

security: setup ## Bandit, pip-audit, Gitleaks (what is not installed is named)
	@$(HOMEOSTAT) delivery scan $(REQUIRED)

check-changes: setup ## check what changed since BASE, as a push does
	@$(HOMEOSTAT) delivery check --base "$(BASE)" --results "$(RESULTS)" $(REQUIRED)

ct: setup ## train, gate and record the models whose inputs changed
	@$(HOMEOSTAT) delivery ct --results "$(RESULTS)" --run "$(RUN)" $(if $(RETRAIN),--model "$(RETRAIN)")

package: setup ## package the models that passed
	@$(HOMEOSTAT) delivery package --results "$(RESULTS)"

model-image: setup ## build their images by buildah, where the local cluster runs them
	@$(HOMEOSTAT) delivery image --results "$(RESULTS)"

handoff: setup ## commit their releases to REMOTE, which deploys them
	@$(HOMEOSTAT) delivery handoff --results "$(RESULTS)" --remote "$(REMOTE)" --run "$(RUN)"

rollout: setup ## wait until they serve here
	@$(HOMEOSTAT) delivery rollout --results "$(RESULTS)"

image: setup ## build, scan and push the images of what was packaged (needs Docker and Trivy)
	@PYTHON=$(PYTHON) scripts/image.sh "$(RESULTS)" "$${HOMEOSTAT_STATE:-.homeostat}/store/bentos" $(IMAGE_REGISTRY)

tools: setup ## build the pinned Go tools into the user's cache (needs Go; minutes, once)
	@for program in $(GO_TOOLS); do $(HOMEOSTAT) process program $$program --source go || exit; done

format: setup ## rewrite the code in the project's style
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: setup ## make requirements/*.txt anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade --extra dev pyproject.toml -o requirements/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements/bootstrap.in -o requirements/bootstrap.txt
	@for image in serving triage mlflow api-keys kserve-stand-in; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --constraint requirements/dev.txt requirements/$$image.in -o requirements/$$image.txt || exit; done
