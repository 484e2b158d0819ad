# Everything a person or CI types. Each target installs what it lacks.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# What one process of Python has compiled serves those after it: tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
IMAGE ?= localhost/meetbot
BIN := .venv/bin
# The files that hold such tests: collecting all others takes as long as one of them.
ALONE = $(shell grep -rl --include='test_*.py' 'mark\.alone' tests)
# Three files at a time on two cores, two of them with whole bots: a test also waits.
PARALLEL ?= --numprocesses 3 --dist loadfile
# pytest's word for having collected nothing
NONE := 5

# Playwright's own Node is linked against libatomic.
RUNTIME_PACKAGES := chromium libatomic1
# A screen and a sound card in memory: only for a browser with a window.
DISPLAY_PACKAGES := xvfb pulseaudio
# RADOS Gateway: the S3 server the storage tests talk to.
SERVER_PACKAGES := radosgw ceph-mon ceph-osd ceph-mgr ceph-common
# Janus: a conference server and its page, which the example platform joins.
ROOM_PACKAGES := janus janus-demos
# What our peers record with: the benchmark compares.
PEER_PACKAGES := $(DISPLAY_PACKAGES) ffmpeg

.PHONY: help setup demo test lint types unit bench chaos test-servers test-player display-programs image image-base \
        image-ready image-demo image-test lock clean runtime runtime-packages ci-servers

help: ## this list
	@printf 'meetbot: joins a Google Meet meeting in a real browser, records it, and loses nothing.\n\n'
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24
	@printf '\nAfter any of them, %s/meetbot --help works too.\n' $(BIN)

demo: runtime ## record a meeting on this machine: simulator, bot, files in recordings/
	@$(BIN)/meetbot demo

test: setup ci-servers lint ## all checks: lint, types, tests (with CI=1 the real servers too)
	@.ci/beside types $(BIN)/mypy -- $(MAKE) --no-print-directory unit

# two sets of packages that have nothing in common, a processor each
setup: runtime-packages .venv/.pip-locked ## install all that demo and test need
	@$(MAKE) -s .venv/.tests-locked & runtime=0; $(MAKE) -s .venv/.installed || runtime=$$?; \
	    wait $$! && exit $$runtime

lint: .venv/.tests-locked ## ruff: rules and format
	@echo '==> lint'
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: setup ## mypy, strict
	@echo '==> types'
	@$(BIN)/mypy

unit: setup ## pytest alone; ARGS='tests/media -k ring' narrows it
	@[ -d tests/__pycache__ ] || .ci/step 'compiling the tests, once for all processes' $(BIN)/pytest --collect-only -qq
	@echo '==> tests'
	@code=0; $(BIN)/pytest $(PARALLEL) -m 'not alone' $(ARGS) || code=$$?; \
	    [ $$code -eq 0 ] || [ $$code -eq $(NONE) ] || exit $$code; \
	    echo '==> tests that need the machine for themselves'; \
	    alone=0; $(BIN)/pytest -m alone $(or $(ARGS),$(ALONE)) || alone=$$?; \
	    [ $$alone -eq 0 ] || [ $$alone -eq $(NONE) ] || exit $$alone; \
	    [ $$code -eq 0 ] || [ $$alone -eq 0 ] || { \
	        echo '==> no test was collected, which counts as a failure' >&2; exit $(NONE); }

test-servers: ## install the real S3 server and conference server that tests use
	@.ci/packages 'S3 server for tests' $(SERVER_PACKAGES)
	@.ci/packages 'conference server for tests' $(ROOM_PACKAGES)

test-player: ## install the hls.js player that a test plays the live stream with
	@.ci/hls-player

display-programs: ## install what recording a display takes (MEETBOT_CAPTURE=display)
	@.ci/packages 'screen and sound card in memory' $(DISPLAY_PACKAGES)

bench: setup ## measure cores, frames, memory, time to finish, and our peers' pipelines beside ours
	@.ci/packages 'pipelines to compare with' $(PEER_PACKAGES)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

chaos: setup test-servers ## kill, cut off and starve bots at random moments; ARGS='80 20 SEED'
	@$(BIN)/python -m tests.chaos $(ARGS)

image: ## build the container image with docker, podman or buildah
	@.ci/image build $(IMAGE)

image-demo: image ## record the demo meeting inside the image
	@.ci/image demo $(IMAGE)

image-test: setup test-servers image-ready image ## jobs in containers of the image: hardened, stopped, out of memory; secrets, size
	@MEETBOT_IMAGE_TEST=$(IMAGE) $(BIN)/pytest tests/image $(ARGS)

image-ready:
	@.ci/image ready

image-base: ## an engine, and the base image from Debian packages: root on Debian, no registry
	@.ci/image base

lock: setup ## write the lock files again; UPGRADE=1 takes the newest versions
	@.ci/step 'resolving the lock files' .ci/lock $(if $(UPGRADE),--upgrade)

clean: ## remove the virtual environment and every cache
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage dist
	@find bot media platforms tests -name __pycache__ -prune -exec rm -rf {} +

# With CI=1 the tests that need these servers run; elsewhere pytest lists them as skipped.
ci-servers:
ifneq ($(filter 1 true,$(CI)),)
	@.ci/packages 'S3 server for tests' $(SERVER_PACKAGES)
	@.ci/packages 'conference server for tests' $(ROOM_PACKAGES)
	@.ci/hls-player
	@.ci/packages 'screen and sound card in memory' $(DISPLAY_PACKAGES)
else
	@[ -x /usr/bin/radosgw ] || echo '==> no S3 server here: its tests are skipped (make test-servers installs it)'
	@compgen -G '.cache/hls.js-*' >/dev/null || echo '==> no hls.js here: its test is skipped (make test-player installs it)'
	@[ -x /usr/bin/janus ] || echo '==> no Janus here: its test is skipped (make test-servers installs it)'
	@[ -x /usr/bin/Xvfb ] && [ -x /usr/bin/pulseaudio ] || \
	    echo '==> no Xvfb or no PulseAudio here: what needs a display is skipped (make display-programs)'
endif

runtime: runtime-packages .venv/.installed

runtime-packages:
	@.ci/packages 'browser' $(RUNTIME_PACKAGES)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "==> Python 3.11 or newer is needed; PYTHON=... names one")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/packages 'virtual environment' python3-venv
	@.ci/step 'virtual environment .venv' $(PYTHON) -m venv --clear .venv

# Nothing unpinned gets in: hashes for all that is downloaded, and no build environment apart.
# The lock files name all there is to install: nothing is looked for besides.
# Most of what is installed is never imported: what is, compiles when it is.
PIP_INSTALL := $(BIN)/pip install --disable-pip-version-check --no-compile --no-deps --only-binary :all:

# Python's own pip may be years old; what it finds to install takes it twice as long.
.venv/.pip-locked: .venv/bin/python .ci/pip.lock
	@.ci/step 'pip' $(PIP_INSTALL) --require-hashes -r .ci/pip.lock
	@touch $@

.venv/.locked: .venv/.pip-locked requirements.lock
	@.ci/step 'Python packages of requirements.lock' \
	    $(PIP_INSTALL) --require-hashes -r requirements.lock
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	@.ci/step 'meetbot itself, editable' \
	    $(PIP_INSTALL) --no-build-isolation --no-index --editable .
	@touch $@

.venv/.tests-locked: .venv/.pip-locked tests/requirements.lock
	@.ci/step 'Python packages of tests/requirements.lock' \
	    $(PIP_INSTALL) --require-hashes -r tests/requirements.lock
	@touch $@
