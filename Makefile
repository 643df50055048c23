# The targets of crmhub. `make` alone explains them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
GO ?= go
BIN := bin/crmhub
TOOLS := build/tools
# Packages whose code is concurrent: they run under the race detector too.
RACE := ./mdm ./hub ./connectors/file ./pipelines/... ./governance/... ./mdm/cluster ./mdm/match ./record ./fault
# The packages whose tests take longest begin first, so that none of them runs on alone at the end.
LONGEST := ./store/storetest ./cmd/crmhub ./connectors/tryton ./mdm/linkage ./connectors/vendure ./mdm ./connectors/email ./store/backup
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
# What the compiler is told of which code is hot (make pgo records it).
PROFILE := tools/crmhub.pgo

.PHONY: help build demo test race lint fmt fuzz bench bench-match bench-peers pgo golden docs clean tools .tests

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/crmhub
	@mkdir -p bin
	$(GO) build -trimpath -pgo=$(PROFILE) -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/crmhub

demo: build ## build, then run six bundled source systems to golden customers in build/demo
	@mkdir -p build
	@$(BIN) demo build/demo

test: tools ## all that is checked: lint, every test against real servers, the race detector
	@$(MAKE) --no-print-directory lint
	@$(TOOLS)/testenv $(MAKE) --no-print-directory .tests

.tests:
	$(GO) test -timeout 20m $(LONGEST) ./...
	$(GO) test -timeout 20m -race $(RACE)
	cd tools && $(GO) vet ./... && cd servers && $(GO) vet ./ferretdb

race: tools ## every test under the race detector, against real servers
	@$(TOOLS)/testenv $(GO) test -timeout 60m -race ./...

lint: tools ## gofumpt, go vet and staticcheck
	@unformatted=$$($(TOOLS)/gofumpt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(TOOLS)/staticcheck ./...

fmt: tools ## format every file
	$(TOOLS)/gofumpt -w $$(git ls-files '*.go')

fuzz: ## run every fuzz target for FUZZTIME (10s)
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(or $(FUZZTIME),10s) $$p || exit 1; \
	  done; \
	done

bench: tools ## measure: records/s, pairs/s and memory, side by side in one run
	@$(TOOLS)/testenv $(GO) test -trimpath -pgo=$(PROFILE) -run '^$$' -bench . -benchmem -timeout 60m $(or $(PKG),./...)

bench-match: build ## F1, time and memory of match dedupe --auto on labelled sets: make bench-match DATA=FOLDER
	@test -n "$(DATA)" || { echo "DATA=FOLDER: a folder of sets, each with records.csv and truth.csv"; exit 2; }
	@ONLY=crmhub python3 tools/peers/peers.py $(BIN) $(DATA)/*/

bench-peers: build ## the same beside Splink, recordlinkage, GoldenMatch and dedupe, in one run: make bench-peers DATA=FOLDER
	@test -n "$(DATA)" || { echo "DATA=FOLDER: a folder of sets, each with records.csv and truth.csv"; exit 2; }
	@test -x build/peers/bin/python || python3 -m venv build/peers
	@while read -r p; do case $$p in ''|\#*) ;; *) build/peers/bin/pip install -q $$p || echo "$$p cannot be had here";; esac; done < tools/peers/requirements.txt
	@build/peers/bin/python tools/peers/peers.py $(BIN) $(DATA)/*/

pgo: tools ## record anew which code is hot while customers are landed, resolved and matched
	@mkdir -p build/pgo
	@$(TOOLS)/testenv -only PostgreSQL env GODEBUG=asyncpreemptoff=1 CRMHUB_BENCH_ROWS=150000 \
	  $(GO) test -run '^$$' -bench Golden -benchtime 1x -o build/pgo/hub.test -cpuprofile $(CURDIR)/build/pgo/hub.prof ./hub
	@GODEBUG=asyncpreemptoff=1 $(GO) test -run '^$$' -bench Dedupe -benchtime 1x -o build/pgo/linkage.test -cpuprofile $(CURDIR)/build/pgo/linkage.prof ./mdm/linkage
	$(GO) tool pprof -proto build/pgo/hub.prof build/pgo/linkage.prof > $(PROFILE)

golden: tools ## rewrite golden files; read the difference before you commit it
	@$(TOOLS)/testenv $(GO) test ./schemas ./mappings ./pipelines/... ./governance/... ./cmd/... -update

docs: ## rewrite the generated pages of docs/reference
	$(GO) test ./cmd/crmhub -run Generated -update

tools: ## build the pinned linters and the test environment
	@mkdir -p $(TOOLS)
	@cd tools && GOBIN=$(CURDIR)/$(TOOLS) $(GO) install tool ./testenv

clean: ## remove what was built here
	rm -rf bin build
