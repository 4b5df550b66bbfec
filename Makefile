# Each target is short enough to run by hand on a machine without make.
.DEFAULT_GOAL := help
.PHONY: help test check fuzz demo bench

# The tests' own Python environment includes Go if the machine has none.
test: ## Installs what the tests need (Debian, Ubuntu), then runs every test
	.ci/install-tools
	.ci/musl-toolchain
	.ci/windows
	PATH="$$PATH:$(CURDIR)/target/tools/venv/bin" cargo test --locked --no-fail-fast

check: ## Looks without running: format, lints, documentation
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --document-private-items --locked

fuzz: ## Feeds the parsers of foreign files what nobody would make, for a minute
	.ci/fuzz 60

bench: ## Compares with zip, 7z, Go, Python and cargo-lambda; writes benches/RESULTS.md (an hour)
	.ci/install-tools
	PATH="$$PATH:$(CURDIR)/target/tools/venv/bin" cargo bench --locked --bench peers

demo: ## Packs the Rust template for this machine's own architecture
	cargo run --release --quiet -- templates/rust-function --arch host

help: ## Lists the targets
	@sed -n 's/^\([a-z]*\): ## /\1	/p' $(MAKEFILE_LIST)
