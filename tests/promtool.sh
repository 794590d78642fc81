#!/usr/bin/env bash
# Prints where promtool is: HOUSEKEEP_PROMTOOL, or one on PATH, or that of Debian's package, which is
# put below the target folder the first time. That needs apt-get and dpkg, and no root.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -n "${HOUSEKEEP_PROMTOOL:-}" ]; then
    echo "$HOUSEKEEP_PROMTOOL"
    exit
fi
if command -v promtool; then
    exit
fi

target="$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")/promtool"
if [ ! -x "$target/usr/bin/promtool" ]; then
    if ! command -v apt-get > /dev/null || ! command -v dpkg > /dev/null; then
        echo "there is no promtool: install Prometheus 2.42 or newer, or name one in HOUSEKEEP_PROMTOOL" >&2
        exit 1
    fi
    mkdir -p "$target"
    # Beside its place first, so that it is there whole or not at all.
    new="$(mktemp -d "$target/new.XXXXXX")"
    trap 'rm -rf "$new"' EXIT
    # Where the system has no lists of packages yet: those are root's, so there are some of our own.
    mkdir -p "$new/lists/partial" "$new/cache/archives/partial"
    own=(-o "Dir::State::Lists=$new/lists" -o "Dir::Cache=$new/cache")
    get() { (cd "$new" && apt-get -o APT::Sandbox::User= "$@" download prometheus); }
    update() { apt-get -o APT::Sandbox::User= "${own[@]}" update; }
    if ! { { get || { update && get "${own[@]}"; }; } && dpkg --extract "$new"/prometheus_*.deb "$new/files"; } > "$new/log" 2>&1; then
        cat "$new/log" >&2
        echo "Debian's package prometheus cannot be had: install Prometheus 2.42 or newer, or name a promtool in HOUSEKEEP_PROMTOOL" >&2
        exit 1
    fi
    mkdir -p "$target/usr/bin"
    mv "$new/files/usr/bin/promtool" "$target/usr/bin/promtool"
fi
echo "$target/usr/bin/promtool"
