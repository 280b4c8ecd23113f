#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Builds the fuzz targets with clang and lets libFuzzer look for inputs that break them.
#
#   sh tests/fuzz/run.sh [SECONDS [JOBS [TARGET...]]]     10 seconds each, as many at a time as CPUs, all
#
# Works in build-fuzz: what it learns stays in build-fuzz/corpus for the next run, reproducers are in
# build-fuzz/found. Prints a table; the exit status is 0 only if nothing was found. A reproducer goes
# into tests/fuzz/corpus/TARGET with the change that mends it: then each test run replays it.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-10}
jobs=${2:-$(nproc)}
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift
build=$PWD/build-fuzz
seeds=$PWD/tests/fuzz
export ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1:quarantine_size_mb=16:malloc_context_size=8:${ASAN_OPTIONS:-}"
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"

mkdir -p "$build/logs" "$build/found"
if [ ! -f "$build/build.ninja" ]; then
    CC=clang meson setup "$build" -Dfuzz=true -Dwerror=true >"$build/logs/build" 2>&1 || {
        cat "$build/logs/build"
        exit 1
    }
fi
ninja -C "$build" fuzz >"$build/logs/build" 2>&1 || {
    tail -n 40 "$build/logs/build"
    exit 1
}

all=$(cd "$build/tests/fuzz" && find . -maxdepth 1 -name 'fuzz_*' -type f -perm -u+x | sed 's,./fuzz_,,' | sort)
targets=${*:-$all}

# One target: what xargs calls.
cat >"$build/one.sh" <<'ONE'
name=$1
mkdir -p "$BUILD/corpus/$name"
set -- "-max_total_time=$SECONDS_EACH" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
    "-artifact_prefix=$BUILD/found/$name-"
[ ! -f "$SEEDS/dictionaries/$name.dict" ] || set -- "$@" "-dict=$SEEDS/dictionaries/$name.dict"
"$BUILD/tests/fuzz/fuzz_$name" "$@" "$BUILD/corpus/$name" "$SEEDS/corpus/$name" \
    >"$BUILD/logs/$name.log" 2>&1 && echo 0 >"$BUILD/logs/$name.status" || echo $? >"$BUILD/logs/$name.status"
ONE
begin=$(date +%s)
# shellcheck disable=SC2086 # names of targets hold no blanks
printf '%s\n' $targets |
    BUILD=$build SEEDS=$seeds SECONDS_EACH=$seconds xargs -P "$jobs" -n 1 sh "$build/one.sh"

status=0
printf '%-14s %12s %8s %8s  %s\n' target executions edges inputs result
for name in $targets; do
    log=$build/logs/$name.log
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    inputs=$(find "$build/corpus/$name" -type f | wc -l)
    result=ok
    if [ "$(cat "$build/logs/$name.status")" -ne 0 ]; then
        result="FOUND: $(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)"
        status=1
    fi
    printf '%-14s %12s %8s %8s  %s\n' "$name" "${executions:--}" "${edges:--}" "$inputs" "$result"
done
printf '%s seconds each, %s at a time: %s seconds\n' "$seconds" "$jobs" "$(($(date +%s) - begin))"
exit $status
