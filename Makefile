# Every target does its own set-up; `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PEERS ?= ../shared/peers
DENY_VERSION := 0.20.2
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/thalweg-tools
DENY := $(CACHE)/deny-$(DENY_VERSION)/bin/cargo-deny
ARGS ?=

export PEERS := $(abspath $(PEERS))

.PHONY: help build run test sim lint format deny parity debug-build fuzz bench docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the release binary, target/release/thalweg
	cargo build --release --package thalweg

run: build ## build and run a throwaway broker (ARGS="serve …" runs another command)
	target/release/thalweg $(or $(ARGS),dev)

test: ## every test that needs Rust alone
	cargo build --package thalweg --quiet
	cargo test --workspace --quiet

sim: ## the group machine on virtual time, from many seeds (SEEDS=5000 FROM=1)
	SEEDS=$(or $(SEEDS),5000) FROM=$(or $(FROM),1) cargo test --release --package thalweg-broker --lib -- --nocapture coordinator::group::sim

lint: deny ## rustfmt, clippy with warnings denied, cargo-deny
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- --deny warnings
	cargo clippy --package thalweg-tests --test clients --quiet -- --deny warnings

format: ## rewrite the sources as rustfmt wants them
	cargo fmt --all

deny: $(DENY)
	$(DENY) --all-features --locked check --hide-inclusion-graph bans licenses sources

$(DENY):
	cargo install cargo-deny --quiet --locked --version $(DENY_VERSION) --root $(CACHE)/deny-$(DENY_VERSION) \
	  --config profile.release.lto=false --config profile.release.opt-level=1 --config profile.release.codegen-units=16

debug-build:
	cargo build --package thalweg

parity: debug-build ## foreign clients, Kafka's tools, the comparison with Kafka (FULL=1: all data, all suites)
	FULL=$(FULL) cargo test --package thalweg-tests --test clients -- --test-threads=1

fuzz: ## a minute for each fuzz target (SECONDS_EACH=60)
	tests/fuzz/run $(or $(SECONDS_EACH),60)

bench: build ## speed and size beside Apache Kafka, one JSON line a figure
	cargo bench --package thalweg-tests --bench broker

docs: ## the API documentation, target/doc
	cargo doc --workspace --no-deps

clean: ## throw away what was built
	cargo clean
