# `make help` lists the targets. They need only Go, make and git, unless their help says otherwise.

GO ?= go
BIN := $(CURDIR)/bin
TOOLS := $(CURDIR)/test/tools/bin
E2E_ENV = KUBEBUILDER_ASSETS=$(ASSETS) IPPOOL_WEBHOOK_BINARY=$(BIN)/ippool-webhook
# KUBERNETES_VERSION, such as 1.34, selects another version of kube-apiserver.
ASSETS = $(or $(KUBEBUILDER_ASSETS),$(CURDIR)/test/controlplane/bin$(KUBERNETES_VERSION:%=/%))

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Make runs git once for each variable, when it first uses the value.
VERSION ?= $(eval VERSION := $(shell git describe --tags --always --dirty 2>/dev/null))$(VERSION)
COMMIT ?= $(eval COMMIT := $(shell git rev-parse HEAD 2>/dev/null))$(COMMIT)
DATE ?= $(eval DATE := $(shell TZ=UTC0 git show -s --date=iso-strict-local --format=%cd HEAD 2>/dev/null))$(DATE)
# The binary is static and reproducible: the same source gives the same binary.
GO_BUILD = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT) -X main.date=$(DATE)"

.PHONY: build
build: ## Build bin/ippool-webhook
	@mkdir -p $(BIN)
	$(GO_BUILD) -o $(BIN)/ippool-webhook ./cmd/ippool-webhook

IMAGE ?= ippool-webhook:$(VERSION)
PLATFORMS ?= linux/amd64 linux/arm64
comma := ,
space := $(subst ,, )

.PHONY: image
image: ## Build IMAGE for PLATFORMS; with PUSH=1, also push it; needs Docker with buildx
	docker buildx build --platform $(subst $(space),$(comma),$(PLATFORMS)) --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) \
		--build-arg DATE=$(DATE) --tag $(IMAGE) $(if $(PUSH),--push) .

LAYOUT ?= $(BIN)/image

.PHONY: image-layout
image-layout: ## Build an OCI layout of IMAGE with SBOMs for PLATFORMS in bin/image, and print its digest; needs no Docker
	@rm -rf $(LAYOUT)
	@set -e; for platform in $(PLATFORMS); do \
		GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO_BUILD) -o $(BIN)/$$platform/ippool-webhook ./cmd/ippool-webhook; \
	done
	@$(GO) run -C test/tools ./image -out $(LAYOUT) -name '$(IMAGE)' -version '$(VERSION)' -commit '$(COMMIT)' -date '$(DATE)' \
		$(PLATFORMS:%=$(BIN)/%/ippool-webhook)

.PHONY: run
run: build ## Serve the webhooks on localhost:9443 with a new certificate; its CA is .run/ca.crt
	$(BIN)/ippool-webhook serve --cert-source dev --cert-dir .run --bind-address 127.0.0.1 \
		--metrics-bind-address 127.0.0.1:8080 --health-probe-bind-address 127.0.0.1:8081 --zap-encoder console

.PHONY: playground
playground: control-plane build ## Run an API server with the webhook until Ctrl-C, to try the webhook with kubectl
	@$(GO) build -C test -o $(BIN)/playground ./playground
	@cd test && exec env $(E2E_ENV) $(BIN)/playground # not with go run or in a shell: Ctrl-C would end them before the playground has stopped

.PHONY: test
test: unit e2e e2e-conformance e2e-certs e2e-deploy e2e-whereabouts e2e-node ## Run all tests; the first run builds the control plane

.PHONY: unit
unit: ## Run the tests that need no control plane
	$(GO) vet ./...
	$(GO) test ./...
	cd test && $(GO) vet ./worst/... ./documents ./markdown && $(GO) test ./worst/... ./documents ./markdown

.PHONY: e2e
e2e: control-plane build ## Run the tests of the features of the webhook against a real kube-apiserver
	cd test && $(GO) vet ./... && $(E2E_ENV) $(GO) test -count=1 -p 1 ./environment ./e2e ./doctor ./playground

.PHONY: e2e-conformance
e2e-conformance: control-plane build ## Test each row of the API documentation of IPPools against a real kube-apiserver
	@mkdir -p $(BIN)
	$(GO) test -C test -c -o $(BIN)/conformance.test ./conformance
	cd test/conformance && $(E2E_ENV) $(BIN)/conformance.test

.PHONY: e2e-certs
e2e-certs: control-plane build ## Test that cert-manager can issue, renew and rotate certificates while clients write pools
	@mkdir -p $(BIN)
	cd test/certs && $(GO) vet ./...
	$(GO) test -C test/certs -c -o $(BIN)/certs.test ./lifecycle
	cd test/certs/lifecycle && $(E2E_ENV) $(BIN)/certs.test

.PHONY: e2e-deploy
e2e-deploy: control-plane build $(TOOLS)/helm $(TOOLS)/promtool ## Test the chart, the overlays, the image and the alerts with a real kube-apiserver, helm and promtool
	@mkdir -p $(BIN)
	cd test/deploy && $(GO) vet ./...
	$(GO) test -C test/deploy -c -o $(BIN)/deploy.test .
	cd test/deploy && $(E2E_ENV) $(BIN)/deploy.test

.PHONY: e2e-policies
e2e-policies: control-plane build ## Test the ValidatingAdmissionPolicies with a real kube-apiserver
	@mkdir -p $(BIN)
	$(GO) test -C test/deploy -c -o $(BIN)/deploy.test .
	cd test/deploy && $(E2E_ENV) $(BIN)/deploy.test -test.run 'CELBaselineIsCurrent|CRDGuard$$'

.PHONY: e2e-whereabouts
e2e-whereabouts: control-plane build e2e-operations ## Test with the released Whereabouts, and validate pools that its code can create
	cd test/whereabouts && $(GO) vet ./... && $(E2E_ENV) $(GO) test -count=1 -p 1 ./oracle ./contract # one package at a time: the measurements need the whole machine

# WHEREABOUTS_VERSION, such as v0.9.2, selects another version of Whereabouts.
WHEREABOUTS_ENV = $(WHEREABOUTS_VERSION:%=GOFLAGS=-modfile=$(CURDIR)/test/whereabouts/%.mod)

.PHONY: e2e-operations
e2e-operations: control-plane build ## Test that the released Whereabouts can make all its operations, with the webhook in each mode
	@mkdir -p $(BIN)
	$(WHEREABOUTS_ENV) $(GO) test -C test/whereabouts -c -o $(BIN)/operations.test ./operations
	cd test/whereabouts/operations && $(WHEREABOUTS_ENV) $(E2E_ENV) $(BIN)/operations.test

NODE := $(CURDIR)/test/node/bin
NODE_IMAGE := ippool-webhook:node

.PHONY: e2e-node
e2e-node: ## Test real pods on a real node of this machine; needs root on Linux and some packages of Debian, which it names
	@missing=$$(test/node/missing); \
	if [ -z "$$missing" ]; then $(MAKE) --no-print-directory node-suite; else echo "node: skipped: $$missing"; fi

.PHONY: node-suite
node-suite: node-programs $(TOOLS)/helm
	cd test/node && $(GO) vet ./...
	$(GO) test -C test/node -count=1 ./sandbox
	$(GO) test -C test/node -c -o $(BIN)/node.test ./suite
	cd test/node/suite && $(E2E_ENV) $(NODE)/node -programs $(ASSETS) -images $(NODE)/images $(BIN)/node.test

.PHONY: node
node: node-programs ## Start a shell in a cluster of one real node, with KUBECONFIG set; it ends with the shell. Needs what e2e-node needs
	@$(NODE)/node -programs $(ASSETS) -images $(NODE)/images $${SHELL:-sh}

.PHONY: node-programs
node-programs: build
	@missing=$$(test/node/missing); if [ -n "$$missing" ]; then echo "node: cannot start a node: $$missing" >&2; exit 1; fi
	@test/controlplane/build node
	@test/node/build
	@$(MAKE) --no-print-directory image-layout LAYOUT=$(NODE)/layout IMAGE=$(NODE_IMAGE) PLATFORMS=linux/$$($(GO) env GOARCH)
	@tar -C $(NODE)/layout -cf $(NODE)/images/ippool-webhook.tar .

.PHONY: control-plane
control-plane: ## Build kube-apiserver, etcd and kubectl in test/controlplane/bin, unless KUBEBUILDER_ASSETS is set
	@test/controlplane/build

.PHONY: compat
compat: ## Test with each supported version of kube-apiserver and Whereabouts, and print the matrix
	@test/compat

BENCH_ROUNDS ?= 10

.PHONY: bench
bench: $(TOOLS)/benchstat ## Compare the speed of the handler with the typed validator of controller-runtime and with a token scan
	$(GO) test -c -o $(BIN)/bench.test ./webhook/server
	@: > .bench.txt # several rounds: other load of the machine then affects all implementations
	for round in $$(seq $(BENCH_ROUNDS)); do \
		$(BIN)/bench.test -test.run '^$$' -test.bench Admission -test.benchtime 0.1s >> .bench.txt || exit 1; \
	done
	$(TOOLS)/benchstat -col /impl .bench.txt
	$(GO) run -C test/tools ./ratios $(CURDIR)/.bench.txt

.PHONY: bench-cluster
bench-cluster: control-plane build ## Measure the time that the webhook adds to the PATCH of a pod start; BENCH_FLAGS=-help lists options
	$(GO) build -C test/whereabouts -o $(BIN)/cost ./cost
	cd test/whereabouts && $(E2E_ENV) $(BIN)/cost $(BENCH_FLAGS)

.PHONY: bench-worst
bench-worst: build ## Measure the cost of hostile reviews (30 minutes); exits with code 1 over budget; BENCH_FLAGS=-help lists options
	$(GO) build -C test -o $(BIN)/worst ./worst
	$(BIN)/worst -binary $(BIN)/ippool-webhook $(BENCH_FLAGS)

FUZZ_TIME ?= 30s

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZ_TIME
	@set -e; for package in $$($(GO) list ./webhook/...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test $$package -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZ_TIME) -fuzzminimizetime 10x; \
		done; \
	done

MODULES := . test test/certs test/deploy test/node test/node/certmanager test/whereabouts test/tools test/tools/prometheus-operator test/tools/promtool

.PHONY: lint
lint: $(TOOLS)/golangci-lint ## Run the linters on every module
	@set -e; for module in $(MODULES); do (cd $$module && echo "lint $$module" && $(TOOLS)/golangci-lint run ./...); done

.PHONY: tidy-check
tidy-check: ## Check that go.mod and go.sum of every module are tidy, except those of other Kubernetes versions, which are large
	@set -e; for module in $$(git ls-files '*go.mod' ':!test/controlplane/compat' | xargs dirname); do (cd $$module && echo "tidy $$module" && $(GO) mod tidy -diff); done

.PHONY: race
race: ## Run the unit tests with the race detector; needs a C compiler
	CGO_ENABLED=1 $(GO) test -race ./...

.PHONY: generate
generate: control-plane build ## Update generated documents, the dashboard, expected responses and the expected output of kubectl
	UPDATE_GOLDEN=1 $(GO) test ./webhook/admission ./webhook/baseline ./cmd/ippool-webhook -run 'Fixtures|Messages|RulesAreCurrent|ManifestsAreCurrent'
	cd test && UPDATE_GOLDEN=1 $(E2E_ENV) $(GO) test -count=1 ./e2e ./conformance ./doctor ./playground -run 'Kubectl|Text|Playground'
	cd test/whereabouts && UPDATE_GOLDEN=1 $(E2E_ENV) $(GO) test -count=1 ./contract -run Contract
	cd test/deploy && UPDATE_GOLDEN=1 $(E2E_ENV) $(GO) test -count=1 . -run IsCurrent

.PHONY: clean
clean: ## Remove all build results except the control plane and the tools
	rm -rf $(BIN) .run .bench.txt

$(TOOLS)/golangci-lint: test/tools/go.mod
	@echo "building golangci-lint (once; about 3 minutes)"
	@mkdir -p $(TOOLS)
	$(GO) build -C test/tools -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(TOOLS)/benchstat: test/tools/go.mod
	@mkdir -p $(TOOLS)
	$(GO) build -C test/tools -o $@ golang.org/x/perf/cmd/benchstat

$(TOOLS)/helm: test/tools/helm/go.mod
	@echo "building helm (once; about 3 minutes)"
	@mkdir -p $(TOOLS)
	$(GO) build -C test/tools/helm -o $@ helm.sh/helm/v4/cmd/helm

# remove_all_sd leaves out service discovery, which the tests of rules do not need.
$(TOOLS)/promtool: test/tools/promtool/go.mod
	@echo "building promtool (once; about 4 minutes)"
	@mkdir -p $(TOOLS)
	$(GO) build -C test/tools/promtool -tags remove_all_sd -o $@ github.com/prometheus/prometheus/cmd/promtool
