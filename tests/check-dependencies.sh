#!/bin/sh
# Core stays small and pure: at most 40 crates without features, and chrono without its clock.
set -eu
crates=$(cargo tree --package housekeep --no-default-features --edges normal --prefix none | awk '{print $1}' | sort -u | wc -l)
echo "core without features: $crates crates (at most 40)"
test "$crates" -le 40
for features in "" "documents"; do
    if cargo tree --package housekeep --no-default-features --features "$features" --edges normal,features --prefix none | grep -q 'chrono feature "clock"'; then
        echo "chrono has its clock with features '$features'"
        exit 1
    fi
done
