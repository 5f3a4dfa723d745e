# Lineshaft: `make help` lists what there is. Each target sets up what is missing by itself.
DEVICE ?=
ARGS ?=
GUEST ?=
VENV := $(or $(LINESHAFT_VENV),.venv)
# Run with the chosen device: DEVICE=vulkan, DEVICE=vulkan:0,cpu, ...
ON := $(if $(DEVICE),LINESHAFT_DEVICES=$(DEVICE))

.DEFAULT_GOAL := help
.PHONY: help setup setup-run train evaluate test test-all test-models fuzz fuzz-torch bench lint tidy format wheels clean

help:  ## show this list
	@echo 'make TARGET [DEVICE=vulkan] [ARGS="--flag value ..."]'
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 14
	@echo 'Environment: LINESHAFT_VENV (virtual environment), PYTHON (its interpreter), JOBS (build processes).'

setup:  ## install what is missing and build
	@scripts/setup.sh

setup-run:  # what programs take that run on the device, without tests and linters
	@scripts/setup.sh run

train: setup-run  ## the main job: train a CNN on Fashion-MNIST (ARGS="--help" lists its flags; GUEST=container or vm)
	@$(ON) $(if $(GUEST),scripts/train_guest.sh $(GUEST),$(VENV)/bin/python examples/train.py) $(ARGS)

evaluate: setup-run  ## check the last checkpoint in stock PyTorch, on its own CPU device
	@$(VENV)/bin/python examples/evaluate.py $(ARGS)

test: setup  ## unit, conformance and PyTorch tests; CPU operators never stand in for missing ones
	@scripts/test.sh $(ARGS)

test-all: setup  ## test, then the suite under sanitizers, clang-tidy, and the long runs
	@OPINFO_EVERY=1 TORCH_FUZZ_TIMES=5 scripts/test.sh
	@scripts/test_all.sh

test-models: setup  ## train models of other people's packages on the device and compare (ARGS="--only 'peft: LoRA'"; about 4 minutes)
	@$(ON) scripts/test_models.sh $(ARGS)

fuzz: setup  ## fuzz what guests send and the C++ API, a minute each (ARGS="--minutes 60 session vulkan"; docs/fuzzing.md)
	@scripts/fuzz.sh $(ARGS)

fuzz-torch: setup  ## fuzz the PyTorch device against PyTorch's CPU (ARGS="--minutes 60 --device vulkan"; docs/fuzzing.md)
	@$(ON) $(VENV)/bin/python frontends/torch/tests/fuzz/run.py $(ARGS)

bench: setup-run  ## measure side by side with PyTorch's CPU kernels: a table and a picture
	@$(ON) $(VENV)/bin/python bench/run.py $(ARGS)

lint: setup  ## formatting, import arrows, file lengths, exports, ruff
	@scripts/lint.sh

tidy: setup  ## clang-tidy over src (slow)
	@scripts/tidy.sh $(ARGS)

format: setup  ## format C++ and Python in place
	@scripts/format.sh

wheels: setup  ## build wheels into dist/, oneDNN bundled
	@scripts/wheels.sh

clean:  ## remove the build and the virtual environment
	rm -rf build dist $(VENV) .venv-models
