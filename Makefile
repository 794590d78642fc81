# Two commands do everything on a fresh machine: `make demo` and `make test`.

DEMO = tests/scenarios/elruso
PYTHON ?= python3
VENV = bindings-python/.venv
SPARK = bindings-python/.venv-spark
WHEEL = bindings-python/dist
# Rust's own traces of panics that the tests cause on purpose help nobody.
export RUST_BACKTRACE = 0

.PHONY: demo test test-python test-spark test-node lint doc bench wheel package

# The main job, on data in the repository: which runs are duplicates, and why. Nothing is deleted.
demo:
	cargo run --quiet --package housekeep-cli -- plan runs \
		--policy $(DEMO)/policy.toml --input $(DEMO)/run_logs.json --now 2026-02-13T03:00:00Z

# Every test there is. Golden data of other projects is read where HOUSEKEEP_GOLDEN points.
test: $(VENV)/ready bindings-node/node_modules/ready
	tests/postgres.sh tests/suites.sh
	tests/check-dependencies.sh

test-python: wheel
	cd bindings-python && .venv/bin/python -m mypy.stubtest housekeep --mypy-config-file pyproject.toml --allowlist stubtest-allow.txt
	cd bindings-python && .venv/bin/pytest --quiet

# The rules on Spark itself, where `make test` has Sail. Needs Java 17, and fetches half a gigabyte once.
test-spark: wheel $(SPARK)/ready
	@java -version 2>&1 | grep --quiet 'version "17' || { echo "Spark needs Java 17: install it, and put its java in PATH" >&2; exit 1; }
	$(SPARK)/bin/pip install --quiet --force-reinstall --no-deps --no-index $(WHEEL)/*.whl
	cd bindings-python && .venv-spark/bin/pytest --spark --durations 3 tests/test_engine.py

test-node: package
	cd bindings-node && npm test

# Node's types are checked against what is built of it.
lint: $(VENV)/ready package
	cargo fmt --check
	cargo clippy --workspace --all-targets --all-features -- --deny warnings
	cargo clippy --package housekeep --no-default-features -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" cargo doc --package housekeep --all-features --no-deps
	cd bindings-python && .venv/bin/ruff check . && .venv/bin/ruff format --check .
	cd bindings-python && .venv/bin/mypy python tests examples bench
	cd bindings-node && npm run lint

doc:
	cargo doc --package housekeep --all-features --no-deps --open

# The kernels alone; benches/peers/README.md says how to run the peers beside them.
bench:
	cargo bench --package housekeep-benches

# What the bindings' tests test: built as all else here is, so that nothing is built twice.
wheel: $(VENV)/ready
	rm -rf $(WHEEL)
	cd bindings-python && .venv/bin/maturin build --quiet --profile dev --out dist
	$(VENV)/bin/pip install --quiet --force-reinstall --no-deps --no-index $(WHEEL)/*.whl

package: bindings-node/node_modules/ready
	cd bindings-node && npm run build

$(VENV)/ready: bindings-python/pyproject.toml
	$(call environment,$(VENV),test)

$(SPARK)/ready: bindings-python/pyproject.toml
	$(call environment,$(SPARK),test-spark)

# An environment of Python's, with a group of what the tests need.
define environment
	$(PYTHON) -m venv $(1)
	$(1)/bin/pip install --quiet --disable-pip-version-check "pip>=25.1"
	cd bindings-python && $(notdir $(1))/bin/pip install --quiet --group $(2)
	touch $(1)/ready
endef

bindings-node/node_modules/ready: bindings-node/package-lock.json
	cd bindings-node && npm ci --no-fund --no-audit
	touch $@
