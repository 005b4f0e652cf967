# The front door. `make` alone explains itself; every target can be run in a fresh clone.
.DEFAULT_GOAL := help
.PHONY: help demo mutants torture test run scenarios bench bench-calls bench-voice fuzz soak lint format install deps build asan tsan
MAKEFLAGS += --no-print-directory

JOBS    ?= $(shell nproc)
PREFIX  ?= /usr/local
TIME    ?= 30
TARGETS ?=
ROUNDS  ?= 20
SEEDS   ?= 50000
FLOOD_S ?= 60
NAMES   ?=
ARGS    ?=
FILES   ?=
SKIP_DEPS ?=
sidetone := build/release/apps/sidetone/sidetone

# $(call built,PRESET[,--target ...]): configured and built
define built
@cmake --preset $(1) > build/$(1).log 2>&1 || { cat build/$(1).log; exit 1; }
@cmake --build --preset $(1) -j $(JOBS) $(2)
endef
# $(call needs,OPTION): packages; SKIP_DEPS=1 for machines where they come another way
needs = $(if $(SKIP_DEPS),@true,@tools/deps $(1))

help: ## this list
	@echo "Sidetone: agent softphone and SIP endpoint SDK"
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'
	@echo "variables: JOBS=$(JOBS) PREFIX=$(PREFIX) TIME=$(TIME) TARGETS= ROUNDS=$(ROUNDS) SEEDS=$(SEEDS) FLOOD_S=$(FLOOD_S) ARGS FILES SKIP_DEPS SIDETONE_SKIP"

demo: ## install what is needed, build, and hear a call between two phones in the embedded lab
	$(call needs,--build-only)
	@mkdir -p build
	$(call built,release)
	@$(sidetone) demo $(ARGS)

test: ## build and run all tests; SIDETONE_SKIP=baresip,... leaves peers out
	$(call needs)
	@mkdir -p build
	$(call built,release)
	@tools/run-tests build/release -j $(JOBS) $(ARGS)

run: build ## build and run a phone in the embedded lab, or sidetone with ARGS="..."
	@$(sidetone) $(or $(ARGS),phone)

build: ## build everything, optimised
	$(call needs,--build-only)
	@mkdir -p build
	$(call built,release)

asan: ## all tests under AddressSanitizer and UndefinedBehaviorSanitizer
	$(call needs)
	@mkdir -p build
	$(call built,asan)
	@tools/run-tests build/asan -j $(JOBS) $(ARGS)

tsan: ## all tests under ThreadSanitizer
	$(call needs)
	@mkdir -p build
	$(call built,tsan)
	@tools/run-tests build/tsan -j $(JOBS) $(ARGS)

bench: ## build and run the benchmarks, beside other SIP libraries where they are installed
	$(call needs)
	@mkdir -p build
	$(call built,bench,--target bench/all)
	@set -e; for program in $$(find build/bench/bench -type f -executable -name 'bench_*' ! -name '*_uas' | sort); do \
	  echo "== $$program"; $$program $(ARGS); done
	@set -e; for script in bench/*/*.sh; do echo "== $$script"; $$script build/bench; done

scenarios: ## play every scenario of third-party call control, print who hears whom, and write docs/ladders
	$(call needs)
	@mkdir -p build
	$(call built,release,--target ladders)
	@build/release/tests/ladders/ladders --write docs/ladders $(ARGS)

bench-calls: ## what a call costs, beside Debian's baresip: CPU, how many at once, memory (ARGS="cpu": only that); mouth to ear
	$(call needs)
	@mkdir -p build
	$(call built,bench,--target many_calls opus_cost sidetone_program)
	@bench/call_cost/call_cost.sh build/bench $(ARGS)
	@$(if $(ARGS),true,bench/mouth_to_ear/mouth_to_ear.py build/bench)

bench-voice: ## speech over bad networks, beside Debian's baresip: score and delay (ARGS="--no-peer": only ours, in seconds)
	$(call needs)
	@mkdir -p build
	$(call built,bench,--target voice_quality_cell ideal_sound_card)
	@bench/voice_quality/voice_quality.py build/bench $(ARGS)

fuzz: ## run every fuzz target for TIME seconds each (TARGETS="dialog sdp": only these)
	$(call needs,--all)
	@mkdir -p build
	$(call built,fuzz,--target fuzz/all)
	@tools/run-fuzz build/fuzz $(TIME) $(TARGETS)

soak: ## SEEDS simulated contact centres, floods of FLOOD_S seconds, all tests ROUNDS times, until one fails
	$(call needs)
	@mkdir -p build
	$(call built,release)
	@build/release/sim --seeds $(SEEDS) --jobs $(JOBS)
	@tools/run-floods build/release --seconds $(FLOOD_S)
	@tools/run-tests build/release -j $(JOBS) --repeat until-fail:$(ROUNDS) $(ARGS)

torture: ## the tables of RFC 4475 and RFC 5118: message, expected, got
	$(call needs)
	@mkdir -p build
	$(call built,release,--target torture)
	@build/release/tests/torture/torture --table

mutants: ## make the code ignore each option, and see that its test notices (NAMES="log_level": only these)
	$(call needs)
	@mkdir -p build
	@tools/option-mutants --jobs $(JOBS) $(NAMES)

lint: ## clang-format and clang-tidy; FILES="..." for some files only
	$(call needs,--all)
	@mkdir -p build
	@cmake --preset clang > build/clang.log 2>&1 || { cat build/clang.log; exit 1; }
	@tools/lint build/clang $(FILES)

format: ## let clang-format lay out all files
	$(call needs,--all)
	@git ls-files '*.cpp' '*.h' | xargs clang-format-19 -i

install: build ## install below PREFIX
	@cmake --install build/release --prefix $(PREFIX)

deps: ## install the packages that are missing
	@tools/deps
