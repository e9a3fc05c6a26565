# Everything that a developer calls. `make help` lists it.
# ref: CONTRIBUTING.md

SHELL := /bin/sh
.DEFAULT_GOAL := help
# The steps of a target follow one another even under -j; the Go tool uses all cores by itself.
.NOTPARALLEL:

TAGS    := goolm
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -X main.version=$(VERSION)

LINT_VERSION := v2.15.0
LINT_DIR     := $(CURDIR)/.tools/golangci-lint-$(LINT_VERSION)
LINT         := $(LINT_DIR)/golangci-lint

VULN_VERSION := v1.9.0
VULN_DIR     := $(CURDIR)/.tools/govulncheck-$(VULN_VERSION)
VULN         := $(VULN_DIR)/govulncheck
# The database of vulnerabilities, as a version of golang.org/x/vulndb; "go list -m golang.org/x/vulndb@latest" has the newest.
VULN_DB      := v0.0.0-20261105234957-e22db6528018

FUZZTIME ?= 10s

SYNAPSE_DIR := $(CURDIR)/.cache/synapse
CLIENT_DIR  := $(CURDIR)/.cache/webclient
DEMO_DIR    := .demo

# What `make bench` measures: full or quick, and further flags (bin/bench -h), such as BENCH_FLAGS='-only core'.
BENCH       := full
BENCH_FLAGS :=
TESTSUM     := go run -tags $(TAGS) ./scripts/testsum

# Packages that run once on SQLite and once on PostgreSQL: those whose tests are too slow to take both by themselves, as the
# tests of all others do. The slowest come first, so that no processor waits for them at the end. ref: core/testkit/db
SLOW_UNITS   := ./core/hub $(patsubst %/,./%,$(dir $(wildcard bridges/*/conformance_test.go))) ./cmd/puente ./core/app
SLOWEST      := ./test/crash ./test/e2e ./test/desk
SLOW_SYSTEMS := $(SLOWEST) $(filter-out $(SLOWEST) ./test/arch ./test/company,$(patsubst %/,./%,$(sort $(wildcard test/*/))))
QUICK        := go list -tags $(TAGS) ./core/... ./bridges/... ./cmd/... ./scripts/... ./test/arch ./test/company \
	| grep -v -x $(patsubst ./%,-e puente/%,$(SLOW_UNITS))
# One more package at once than there are processors: they wait much.
TESTS_AT_ONCE := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: help build demo demo-reset test test-short test-crash test-load fuzz lint generate check-generated freeze bench bench-micro clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/puente
	@scripts/prereq.sh build
	go build -tags $(TAGS) -ldflags '$(LDFLAGS)' -o bin/puente ./cmd/puente

demo: ## try Puente: Synapse, Puente and emulated networks on this machine (Ctrl-C ends it)
	@scripts/prereq.sh demo
	@$(MAKE) --no-print-directory build
	@exec bin/puente demo --dir $(DEMO_DIR)

demo-reset: ## throw the demo's data away and start afresh
	@scripts/prereq.sh demo
	@$(MAKE) --no-print-directory build
	@exec bin/puente demo --dir $(DEMO_DIR) --reset

# -count=1: some of the systems' tests build Puente by themselves, of which Go's cache of results does not know.
test: ## set up what the tests need, lint, and run all tests
	@scripts/prereq.sh test
	@echo "== Synapse"
	@go run -tags $(TAGS) ./scripts/getsynapse $(SYNAPSE_DIR)
	@echo "== web client"
	@go run -tags $(TAGS) ./scripts/getwebclient $(CLIENT_DIR)
	@$(MAKE) --no-print-directory lint
	@echo "== tests"
	@$(TESTSUM) -tags $(TAGS) -p $(TESTS_AT_ONCE) -race -timeout 15m $$($(QUICK)) \
		-- PUENTE_TEST_DATABASE=sqlite -tags $(TAGS) -p $(TESTS_AT_ONCE) -race -timeout 15m $(SLOW_UNITS) \
		-- PUENTE_TEST_DATABASE=sqlite -tags $(TAGS) -p $(TESTS_AT_ONCE) -count=1 -timeout 30m $(SLOW_SYSTEMS) \
		-- PUENTE_TEST_DATABASE=postgres -tags $(TAGS) -p $(TESTS_AT_ONCE) -count=1 -timeout 30m $(SLOW_SYSTEMS) \
		-- PUENTE_TEST_DATABASE=postgres -tags $(TAGS) -p $(TESTS_AT_ONCE) -timeout 15m $(SLOW_UNITS)

test-short: ## run the tests that need no Synapse
	@scripts/prereq.sh test-short
	@$(TESTSUM) -tags $(TAGS) -timeout 15m $$(go list -tags $(TAGS) \
		-f '{{.ImportPath}} {{join .TestImports " "}} {{join .XTestImports " "}}' ./... \
		| grep -v -e 'core/testkit/synapse' -e 'puente/bridges/bridgetest' | cut -d ' ' -f 1)

fuzz: ## run each fuzz target for FUZZTIME (10s)
	@scripts/prereq.sh build
	@scripts/fuzz.sh $(FUZZTIME)

# CRASH adds flags, such as CRASH="-crash.database=postgres"; test/crash/README.md lists them.
test-crash: ## kill Puente 200 times while 10,000 messages are written (a quarter of an hour)
	@scripts/prereq.sh test
	@go run -tags $(TAGS) ./scripts/getsynapse $(SYNAPSE_DIR)
	go test -tags $(TAGS) -count=1 -timeout 6h -v -run TestNothingIsLostWhenPuenteIsKilled ./test/crash/ \
		-crash.long -crash.results $(CURDIR)/test/crash/results-$(if $(findstring postgres,$(CRASH)),postgres,sqlite).json $(CRASH)

# LOAD adds flags, such as LOAD="-load.keep .cache/load"; test/load/README.md lists them.
test-load: ## let 50 agents work on 5,000 conversations at once, and measure what an action costs (an hour or more)
	@scripts/prereq.sh test
	@go run -tags $(TAGS) ./scripts/getsynapse $(SYNAPSE_DIR)
	go test -tags $(TAGS) -count=1 -timeout 12h -v -run TestTheDeskUnderLoad ./test/load/ \
		-load.long -load.results $(CURDIR)/test/load/results.json $(LOAD)

lint: $(LINT) $(VULN) check-generated ## check style, floors, generated files and known vulnerabilities
	@echo "== lint"
	@$(LINT) run ./...
	@echo "== known vulnerabilities"
	@go run -tags $(TAGS) ./scripts/vulncheck $(VULN) $(VULN_DB) ./...

$(LINT):
	@scripts/prereq.sh build
	@echo "== building golangci-lint $(LINT_VERSION), once; this takes a minute or two"
	GOBIN=$(LINT_DIR) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

$(VULN):
	@scripts/prereq.sh build
	@echo "== building govulncheck $(VULN_VERSION), once"
	GOBIN=$(VULN_DIR) go install golang.org/x/vuln/cmd/govulncheck@$(VULN_VERSION)

generate: ## rewrite config.example.yaml, registration.yaml.example and what else is generated
	go run -tags $(TAGS) ./cmd/puente generate

check-generated: ## check that generated files are up to date
	@echo "== generated files"
	@scripts/unchanged.sh "make generate" $(MAKE) --no-print-directory generate

freeze: ## keep the database of a release for the upgrade tests: make freeze RELEASE=v0.2.0
	@scripts/prereq.sh test-short
	go run -tags $(TAGS) ./scripts/freeze $(FREEZE) $(RELEASE)

bench: ## measure Puente against the bare homeserver and plain bridgev2; BENCH=quick is shorter
	@scripts/prereq.sh test
	@$(MAKE) --no-print-directory build
	@mkdir -p bin && go build -tags $(TAGS) -o bin/bench ./test/bench
	@bin/bench -size $(BENCH) -synapse $(SYNAPSE_DIR) $(BENCH_FLAGS)

bench-micro: ## run the benchmarks of single packages
	go test -tags $(TAGS) -run '^$$' -bench . ./core/... ./bridges/...

clean: ## remove what was built; the demo's data and the caches stay
	rm -rf bin
