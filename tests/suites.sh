#!/usr/bin/env bash
# Runs the suites of every language, and says how many tests each of them ran.
set -euo pipefail
cd "$(dirname "$0")/.."
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT

suite() { # name, command
    local name="$1"
    shift
    echo "=== $name"
    "$@" 2>&1 | tee -a "$out/$name"
}

# The bindings' crates have their tests in their own languages, and the benches have none.
suite rust cargo test --workspace --all-features \
    --exclude housekeep-benches --exclude housekeep-node --exclude housekeep-python
suite rust cargo test --package housekeep --no-default-features
suite python make --no-print-directory test-python
suite node make --no-print-directory test-node

# Sums the numbers that stand before, or after, a word in a suite's summaries.
sum() { # name, pattern with one number
    grep --only-matching --perl-regexp "$2" "$out/$1" | awk '{ sum += $1 } END { print sum + 0 }'
}

say() { # name, passed, failed
    echo "$1: $2 passed, $3 failed"
    if [ "$2" -eq 0 ]; then
        echo "the $1 suite ran no test" >&2
        exit 1
    fi
}

echo
say rust "$(sum rust '\d+(?= passed;)')" "$(sum rust '\d+(?= failed;)')"
say python "$(sum python '\d+(?= passed)')" "$(sum python '\d+(?= failed)')"
say node "$(sum node '(?<=pass )\d+')" "$(sum node '(?<=fail )\d+')"
