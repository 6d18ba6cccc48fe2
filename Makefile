# What is done to this project is done through make.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.PHONY: build demo test check bench fuzz train eval conformance install-man install-completions clean tools
.DEFAULT_GOAL := build
MAKEFLAGS += --no-print-directory

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
BIN := bin/onrecord
MAX_BINARY := 60000000
TIMEOUT ?= 20m
FUZZTIME ?= 60s
FUZZPKG ?= ./...
DEMO := demo.dossier
STORY := testdata/story
# Programs for development. They lie under testdata, so ./... does not name them.
PROGRAMS := $(patsubst %/main.go,./%,$(wildcard testdata/*/main.go testdata/*/*/main.go))

# The last tag, or what cli.go says and the commit; without git what cli.go says.
BASE := $(shell sed -n 's/^var version = "\(.*\)"/\1/p' cmd/onrecord/cli.go)
COMMIT := $(shell git describe --always --dirty --exclude '*' 2>/dev/null)
VERSION ?= $(or $(patsubst v%,%,$(shell git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null)),$(BASE)$(addprefix +,$(COMMIT)))

build: ## bin/onrecord, one static file
	@mkdir -p bin
	@CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $(BIN) ./cmd/onrecord

demo: build ## the story in testdata into a dossier, and check it
	@$(BIN) build --force --case $(STORY)/case.yaml --keys $(STORY)/dkim-keys.zone -o $(DEMO) $(STORY)/thread.mbox
	@$(BIN) verify $(DEMO) | sed -n 1p
	@echo "The page for the table: $(DEMO)/dossier.pdf"

tools: ## what the tests call, installed where it is missing
	@bash .ci/tools

test: tools build ## all tests; skipped ones are listed with their reasons
	@size=$$(wc -c <$(BIN)); if [ "$$size" -gt $(MAX_BINARY) ]; then echo "$(BIN) has $$size bytes, more than $(MAX_BINARY)" >&2; exit 1; fi
	@go version -m $(BIN) | grep -q CGO_ENABLED=0 || { echo "$(BIN) is not static" >&2; exit 1; }
	@go test -json -vet=off -timeout $(TIMEOUT) ./... | go run ./testdata/testreport

check: ## format, vet, staticcheck, layers, go.mod
	@unformatted=$$(gofmt -l cmd pkg testdata); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi >&2
	go vet ./... $(PROGRAMS)
	go run $(STATICCHECK) ./... $(PROGRAMS)
	go mod tidy -diff
	go test ./pkg

bench: build ## ratios to openssl and to Python, measured in one run (BENCH_SIZE=100M, BENCH_BIG=1)
	@python3 testdata/bench/bench.py $(BIN)
	@python3 testdata/bench/thread.py $(BIN)
	@python3 testdata/bench/archive.py $(BIN)

train: ## the sentence model anew from testdata/training, and what it reaches on threads held out (some minutes on two cores)
	@go run ./testdata/train

eval: ## acts found, beside a word list and "every sentence": labelled threads, our held-out ones, ordinary mail (ONRECORD_SHARED)
	@go run ./testdata/evaluate

fuzz: ## each fuzz test (of FUZZPKG) for FUZZTIME
	@for pkg in $$(go list $(FUZZPKG)); do \
	  for name in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$name"; \
	    go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg; \
	  done; \
	done

conformance: tools demo ## what others' programs say: sha256sum, openssl, qpdf, veraPDF, bagit-python; dkimpy where the corpora are
	@bash testdata/conformance/run $(BIN) $(DEMO)

PREFIX ?= /usr/local
install-man: build ## manual pages into PREFIX/share/man/man1
	@mkdir -p $(DESTDIR)$(PREFIX)/share/man/man1
	@$(BIN) man $(DESTDIR)$(PREFIX)/share/man/man1

install-completions: build ## for bash, zsh and fish, below PREFIX/share
	@d=$(DESTDIR)$(PREFIX)/share; mkdir -p $$d/bash-completion/completions $$d/zsh/site-functions $$d/fish/vendor_completions.d; \
	$(BIN) completion bash >$$d/bash-completion/completions/onrecord; \
	$(BIN) completion zsh >$$d/zsh/site-functions/_onrecord; \
	$(BIN) completion fish >$$d/fish/vendor_completions.d/onrecord.fish

clean: ## what make made
	rm -rf bin $(DEMO)
