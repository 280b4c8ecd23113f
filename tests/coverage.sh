#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# How much of the core and of the footprint their own tests run (unit and sim): lines and branches, by gcov
# and gcovr.
#
#   sh tests/coverage.sh            builds in build-coverage; below 90 % of lines or 80 % of branches it fails
#
# What is left is explained in docs/reliability.md. Lines of assert() are not counted: their other branch
# never runs in a program that is right.
set -eu
cd "$(dirname "$0")/.."
build=$PWD/build-coverage
command -v gcovr >/dev/null || {
    echo "coverage.sh: gcovr is missing: sh packaging/dependencies.sh coverage" >&2
    exit 1
}
mkdir -p "$build"
if [ ! -f "$build/build.ninja" ]; then
    meson setup "$build" -Db_coverage=true -Dbuildtype=debug >"$build/build.log" 2>&1 || {
        cat "$build/build.log"
        exit 1
    }
fi
# Counts of an earlier run would be added to.
find "$build" -name '*.gcda' -delete
meson test -C "$build" --suite unit --suite sim --timeout-multiplier 4 --quiet >"$build/build.log" 2>&1 || {
    tail -n 40 "$build/build.log"
    exit 1
}

# measure NAME FOLDER: prints the table and the sums; false below the bars.
measure() {
    gcovr --root . --object-directory "$build" --filter "$2/" --exclude-unreachable-branches \
        --exclude-lines-by-pattern '.*\bassert\(.*' --exclude-branches-by-pattern '.*\bassert\(.*' \
        --txt "$build/$1-lines.txt" --csv "$build/$1.csv" --print-summary \
        --fail-under-line 90 --fail-under-branch 80 "$build" >"$build/$1.txt" 2>"$build/$1.log" && status=0 ||
        status=$?
    cat "$build/$1-lines.txt"
    printf '%s: ' "$1"
    sed -n 's/^\(lines\|branches\): /\1 /p' "$build/$1.txt" | tr '\n' ' '
    echo
    return "$status"
}

failed=0
measure core daemon/core || failed=1
measure footprint footprint || failed=1
exit $failed
