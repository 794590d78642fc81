# Two commands do everything on a fresh machine: `make demo` and `make test`.

DEMO = tests/scenarios/elruso

.PHONY: demo test lint doc bench

# The main job, on data in the repository: which runs are duplicates, and why. Nothing is deleted.
demo:
	cargo run --quiet --package housekeep-cli -- plan runs \
		--policy $(DEMO)/policy.toml --input $(DEMO)/run_logs.json --now 2026-02-13T03:00:00Z

# Every test there is. Golden data of other projects is read where HOUSEKEEP_GOLDEN points.
test:
	cargo test --workspace --exclude housekeep-benches --all-features
	cargo test --package housekeep --no-default-features
	tests/check-dependencies.sh

lint:
	cargo fmt --check
	cargo clippy --workspace --all-targets --all-features -- --deny warnings
	cargo clippy --package housekeep --no-default-features -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" cargo doc --package housekeep --all-features --no-deps

doc:
	cargo doc --package housekeep --all-features --no-deps --open

# The kernels alone; benches/peers/README.md says how to run the peers beside them.
bench:
	cargo bench --package housekeep-benches
