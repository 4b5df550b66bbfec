# Each target is short, so you can run its commands by hand if you do not have make.
.DEFAULT_GOAL := help
.PHONY: help test check fuzz demo bench

# If the machine has no Go, the tests use the Go of their Python environment.
test: ## Install what the tests need (Debian, Ubuntu), then run all tests
	.ci/install-tools
	.ci/musl-toolchain
	.ci/windows
	PATH="$$PATH:$(CURDIR)/target/tools/venv/bin" cargo test --locked --no-fail-fast

check: ## Check format, lints, documentation, and prose
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --all-targets --locked -- -D warnings
	cargo metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --document-private-items --locked
	cargo test --quiet --locked --test program prose

fuzz: ## Fuzz the parsers of untrusted files for a minute
	.ci/fuzz 60

bench: ## Compare with zip, 7z, Go, Python, and cargo-lambda; write benches/RESULTS.md (over an hour)
	.ci/install-tools
	PATH="$$PATH:$(CURDIR)/target/tools/venv/bin" cargo bench --locked --bench peers

demo: ## Pack the Rust template for this machine's architecture
	cargo run --release --quiet -- templates/rust-function --arch host

help: ## List the targets
	@sed -n 's/^\([a-z]*\): ## /\1	/p' $(MAKEFILE_LIST)
