#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Counts the estimator's instructions a tick (valgrind --tool=callgrind) with 200 active workloads in
# one domain, and fails above the bar: the same count each time, whatever else the machine does.
#
#   sh tests/bench/estimator.sh PROGRAM
set -eu
bar=200000
command -v valgrind >/dev/null || {
    echo "valgrind is not installed"
    exit 77
}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
valgrind --tool=callgrind --callgrind-out-file="$out" --toggle-collect=estimator_tick \
    "$1" 200 1800 >/dev/null 2>&1
total=$(sed -n 's/^totals: //p' "$out")
each=$((total / 1800))
echo "$each instructions a tick, bar $bar"
[ "$each" -le "$bar" ]
