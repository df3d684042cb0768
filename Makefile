GO       ?= go
ARGS     ?=
FUZZTIME ?= 10s
ROUNDS   ?= 3
MUTANTS  ?= 8

AUTOSCALING ?= true

# What gin and gRPC would bring along and nothing here uses.
TAGS := nomsgpack,grpcnotrace

# The servers that are built here, once, each from its own module in tools/.
SERVERS := bin/prometheus bin/alertmanager

# What a throwaway cluster of Kubernetes runs: built here, each from a module of its own, or packages of Debian.
KUBERNETES       := $(addprefix bin/,kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet kubectl)
CLUSTER          := bin/etcd $(KUBERNETES) bin/coredns
SCALERS          := bin/metrics-server bin/keda-operator bin/keda-adapter bin/keda
CLUSTER_PACKAGES := containerd=containerd runc=runc nft=nftables ip=iproute2 redis-server=redis-server \
	/usr/lib/cni/bridge=containernetworking-plugins

# The dashboard's page, which bin/deals brings along.
WEB  := services/slodashboard/web
PAGE := $(WEB)/dist/index.html

# The platform's own packages that k6's extension is made with.
K6_SOURCES := $(filter-out %_test.go,$(wildcard $(addsuffix /*.go,k6/xk6-deals k6/xk6-deals/cmd/k6 internal/platform internal/tenant internal/queue internal/queue/schema internal/purchase internal/card internal/money internal/redisclient lab/timeline)))

# The race detector needs a C compiler.
RACE := $(if $(shell command -v $$($(GO) env CC)),-race)

# Packages with benchmarks of their own; those of the whole platform are in test/bench.
BENCHMARKED = $(sort $(dir $(shell grep -rl --include='*_test.go' '^func Benchmark' cmd internal k6 observability services workers)))

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: build ## Build if need be, and run the whole platform on this machine (ARGS="--only a,b" for parts)
	@bin/deals up $(ARGS)

.PHONY: build
build: $(SERVERS) bin/k6 $(PAGE) ## Build bin/deals, the one program, and k6 and the servers beside it
	@GO=$(GO) CGO_ENABLED=0 tools/build.sh . ./cmd/deals -trimpath -tags=$(TAGS) -o bin/deals

.PHONY: load-deals load-enqueue load-mixed
load-deals: build ## Load a running platform with lists (ARGS="--duration=1m --rate=500")
load-enqueue: build ## Load it with batches of jobs
load-mixed: build ## Load it with lists, batches and hashes
load-deals load-enqueue load-mixed:
	@bin/deals load --mode=$(@:load-%=%) $(ARGS)

.PHONY: flame
flame: build ## Compare profiles of a running platform under bad and good hashes (ARGS="--open")
	@bin/deals flame $(ARGS)

.PHONY: test
test: build grafana/node_modules k6/node_modules ## Run all tests, those in Go with the race detector
	@tools/packages.sh redis-server=redis-server chromium=chromium ip=iproute2 pkill=procps
	@$(if $(RACE),:,echo 'no C compiler: running without the race detector')
	npm --prefix grafana test --silent
	npm --prefix k6 run --silent check
	npm --prefix $(WEB) test --silent
	$(GO) -C k6/xk6-deals test $(RACE) ./...
	$(GO) -C tools/kubernetes test ./...
	$(GO) test $(RACE) -timeout=20m ./...
	TEST_REDIS_SLOTS=1 $(GO) test ./internal/queue ./internal/card ./internal/purchase # on a Redis Cluster of one node
	tools/with-browser.sh npm --prefix $(WEB) run --silent test:page
	tools/with-browser.sh npm --prefix $(WEB) run --silent test:platform

.PHONY: contracts
contracts: $(SERVERS) bin/k6 ## Run each scenario of k6 and see that it does what it says (some minutes)
	@tools/packages.sh redis-server=redis-server
	$(GO) test -count=1 -timeout=15m -v ./test/contracts -contracts

.PHONY: experiments
experiments: build ## Run each experiment and see that it keeps what it promises (ROUNDS=1: halved times; three rounds take over an hour)
	@tools/packages.sh redis-server=redis-server
	$(GO) test -count=1 -timeout=150m -v ./test/contracts -experiments -rounds=$(ROUNDS)

.PHONY: mutants
mutants: $(SERVERS) ## Change one thing at a time in Prometheus' rules and see that their tests notice (MUTANTS=1: all, not one in 8)
	$(GO) test -count=1 -timeout=30m -v -run='^TestMutants$$' ./slo -mutants=$(MUTANTS)

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME
	@tools/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: ## Measure speed and memory; the table of ratios comes last
	@tools/packages.sh redis-server=redis-server wrk=wrk
	$(GO) test -run='^$$' -bench=. -benchmem $(BENCHMARKED:%=./%)
	$(GO) test -run='^$$' -bench=. -benchtime=1x -timeout=30m ./test/bench

.PHONY: lint
lint: bin/golangci-lint ## Check the rules of .golangci.yml
	bin/golangci-lint run ./...
	cd k6/xk6-deals && $(CURDIR)/bin/golangci-lint run ./...
	cd tools/kubernetes && $(CURDIR)/bin/golangci-lint run ./...

.PHONY: fmt
fmt: bin/golangci-lint ## Format the code
	bin/golangci-lint fmt ./...

.PHONY: generate
generate: grafana/node_modules $(WEB)/node_modules ## Regenerate what is made from other files
	$(GO) generate ./...
	$(GO) generate ./deploy/kubernetes # again, since it is made of what others make
	npm --prefix grafana run --silent build
	npm --prefix $(WEB) run --silent types

.PHONY: dashboards-export
dashboards-export: grafana/node_modules ## Bring edits made in Grafana back (FILES="x.json" as saved; else of a running one)
	npm --prefix grafana run --silent export -- $(abspath $(FILES))
	git --no-pager diff --stat grafana/dashboards

.PHONY: manifests
manifests: ## Check the manifests for Kubernetes, and write each overlay as one file to bin/
	@mkdir -p bin
	$(GO) -C tools/kubernetes test -count=1 ./manifests -run=TestOverlays -render=$(CURDIR)/bin
	@ls bin/deals-kubernetes-*.yaml

.PHONY: kubernetes
kubernetes: bin/cluster ## Run the platform on Kubernetes: a throwaway cluster that is made here, or the one that KUBECONFIG names
	@bin/cluster check
	@$(MAKE) --no-print-directory $(if $(KUBECONFIG),bin/kubectl,build $(CLUSTER) $(SCALERS))
	@$(if $(KUBECONFIG),:,tools/packages.sh $(CLUSTER_PACKAGES))
	@bin/cluster up $(ARGS)

.PHONY: kubernetes-test
kubernetes-test: bin/cluster ## Run the platform on a throwaway cluster: scenarios, updates, faults, scaling (AUTOSCALING=false: all but that)
	@bin/cluster check
	@tools/packages.sh $(CLUSTER_PACKAGES)
	@$(MAKE) --no-print-directory build $(CLUSTER) $(if $(filter true,$(AUTOSCALING)),$(SCALERS))
	$(GO) -C tools/kubernetes test -count=1 -v -timeout=40m ./cluster -cluster -autoscaling=$(AUTOSCALING)

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin
	find $(WEB)/dist -mindepth 1 ! -name .gitkeep -delete

bin/prometheus: tools/prometheus/go.mod tools/prometheus/build.sh
	@echo 'building Prometheus with its page, and promtool: once, some minutes'
	@GO=$(GO) tools/prometheus/build.sh $(CURDIR)/bin

bin/alertmanager: tools/alertmanager/go.mod tools/alertmanager/cors/cors.go
	@echo 'building Alertmanager and amtool: once, a minute or two'
	@GO=$(GO) tools/build.sh tools/alertmanager tool -trimpath -ldflags='-s -w' -o $(CURDIR)/bin/

bin/etcd: tools/kubernetes/etcd/go.mod tools/kubernetes/etcd/main.go
	@echo 'building etcd: once, a minute or two'
	@GO=$(GO) CGO_ENABLED=0 tools/build.sh tools/kubernetes/etcd . -trimpath -ldflags='-s -w' -o $(CURDIR)/$@

# The first of them is the longest, as it compiles what they share.
$(KUBERNETES): tools/kubernetes/binaries/go.mod tools/kubernetes/binaries/build.sh
	@echo 'building $(@F) of Kubernetes: once, up to some minutes'
	@GO=$(GO) tools/kubernetes/binaries/build.sh $(CURDIR)/bin $(@F)

bin/coredns: tools/kubernetes/coredns/go.mod tools/kubernetes/coredns/main.go
	@echo 'building CoreDNS: once, a minute or two'
	@GO=$(GO) CGO_ENABLED=0 tools/build.sh tools/kubernetes/coredns . -trimpath -ldflags='-s -w' -o $(CURDIR)/$@

bin/metrics-server: tools/kubernetes/metrics-server/go.mod
	@echo 'building the metrics server: once, some minutes'
	@GO=$(GO) CGO_ENABLED=0 tools/build.sh tools/kubernetes/metrics-server sigs.k8s.io/metrics-server/cmd/metrics-server -trimpath -ldflags='-s -w' -o $(CURDIR)/$@

bin/keda-operator bin/keda-adapter: tools/kubernetes/keda/go.mod
	@echo 'building $(@F): once, some minutes'
	@GO=$(GO) CGO_ENABLED=0 tools/build.sh tools/kubernetes/keda github.com/kedacore/keda/v2/cmd/$(@F:keda-%=%) -trimpath -ldflags='-s -w' -o $(CURDIR)/$@

# KEDA's own manifests.
bin/keda: tools/kubernetes/keda/go.mod
	@rm -rf $@
	@cp -R "$$($(GO) -C tools/kubernetes/keda list -m -f '{{.Dir}}' github.com/kedacore/keda/v2)/config" $@
	@chmod -R u+w $@
	@touch $@

.PHONY: bin/cluster
bin/cluster:
	@CGO_ENABLED=0 $(GO) -C tools/kubernetes build -trimpath -ldflags='-s -w' -o $(CURDIR)/$@ ./cluster

bin/k6: k6/xk6-deals/go.mod $(K6_SOURCES)
	@echo 'building k6 with its extension: once, a minute or two'
	@GO=$(GO) CGO_ENABLED=0 tools/build.sh k6/xk6-deals ./cmd/k6 -trimpath -ldflags='-s -w' -o $(CURDIR)/$@

bin/golangci-lint: tools/lint/go.mod
	@echo 'building the linter: once, a minute or two'
	@GO=$(GO) tools/build.sh tools/lint tool -trimpath -ldflags='-s -w' -o $(CURDIR)/bin/

$(PAGE): $(WEB)/node_modules $(shell find $(WEB)/src $(WEB)/public $(WEB)/index.html $(WEB)/vite.config.ts -type f)
	@echo 'building the page of the dashboard'
	npm --prefix $(WEB) run --silent build

%/node_modules: %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund
	@touch $@
