# The one interface: people and CI run the same targets. `make help` lists them.
# Kept to what GNU make 3.81 knows, the version that comes with macOS.

GO ?= go
FUZZTIME ?= 10s

# The packages that take longest go first, so that no core waits for the last of them.
ORDER = ./verify ./cmd/handrail ./verify/schema ./...

# Pinned, so that a new release of a tool never breaks a build that did not change.
GOFUMPT = mvdan.cc/gofumpt@v0.12.0
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0

.DEFAULT_GOAL := help
.PHONY: help verify test exhaustive fast lint race bench fuzz vuln clean image

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

verify: ## verify the event store's migrations on every engine this machine has
	@$(GO) run ./cmd/handrail check

# `go test` hides what passing packages print, so the engines are listed before it.
test: ## list the engines, then run every test
	@$(GO) run ./cmd/handrail engines
	$(GO) test -count=1 -timeout=30m $(ORDER)

exhaustive: ## every test, and those that go through all there is: minutes more
	@$(GO) run ./cmd/handrail engines
	HANDRAIL_EXHAUSTIVE=1 $(GO) test -count=1 -timeout=40m $(ORDER)

fast: ## the short tests, starting no container
	HANDRAIL_POSTGRES=local $(GO) test -short -count=1 $(ORDER)

lint: ## formatting, go vet for three systems, staticcheck, tidiness of go.mod
	@files=$$("$$($(GO) env GOROOT)/bin/gofmt" -l .) || exit 1; \
	if [ -n "$$files" ]; then echo "gofmt wants to change:"; echo "$$files"; exit 1; fi
	@files=$$($(GO) run $(GOFUMPT) -l .) || exit 1; \
	if [ -n "$$files" ]; then echo "gofumpt wants to change:"; echo "$$files"; exit 1; fi
	GOOS=linux $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) mod tidy -diff

# The race detector makes SQLite's pure Go code about 55 times slower: go test's own limit
# of ten minutes a package is too short.
race: ## every test under the race detector (slow, needs a C compiler)
	$(GO) test -race -count=1 -timeout=60m ./...

bench: ## every benchmark
	$(GO) test -run='^$$' -bench=. -benchmem ./...

# `go test -fuzz` takes one target of one package at a time.
fuzz: ## each fuzz target for FUZZTIME (10s)
	@list=$$($(GO) test -list='^Fuzz' ./...) || { echo "$$list"; exit 1; }; \
	echo "$$list" | \
	awk '/^Fuzz/ { found[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print found[i], $$2; n = 0 }' | \
	while read -r target package; do \
		echo "$$package $$target"; \
		$(GO) test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) "$$package" </dev/null || exit 1; \
	done

# Apart from lint: it needs the vulnerability database, which may be out of reach.
vuln: ## known vulnerabilities in what is called
	$(GO) run $(GOVULNCHECK) ./...

clean: ## stop the shared Postgres server, remove build output
	@$(GO) run ./cmd/handrail engines --stop
	rm -f handrail handrail.exe coverage.out *.test *.prof

image: ## build postgres:17 from Debian's packages, where none can be pulled (needs root)
	@.ci/image/build
