#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Installs what the tests need, builds greend in every way that matters, and runs all tests.
#
#   sh tests/run.sh            everything that CI runs
#   sh tests/run.sh STAGE...   some stages: gcc sanitize thread clang minimal fuzz style; and, not in CI, coverage
#
# Prints each test, the reason of each skip, and the totals in the last line. With CI set, a skip that is
# not excused in tests/skips.txt is a failure. The exit status is 0 only if nothing failed.
set -eu

cd "$(dirname "$0")/.."
root=$PWD
out=$root/build-tests
mkdir -p "$out"
# What the tests serve is on this machine.
export no_proxy=127.0.0.1,localhost,::1 NO_PROXY=127.0.0.1,localhost,::1
: >"$out/results"

say() {
    printf '\n== %s\n' "$*"
}

# Notes one result that is not a meson test's: passed|failed NAME.
result() {
    printf '%s\t%s\t\n' "$1" "$2" >>"$out/results"
    [ "$1" = passed ] || printf 'FAILED: %s\n' "$2"
}

# check NAME COMMAND...: a test that is one command; its output is shown where it fails.
check() {
    name=$1
    shift
    if "$@" >"$out/check.log" 2>&1; then
        result passed "$name"
    else
        cat "$out/check.log"
        result failed "$name"
    fi
}

# build NAME MESON_OPTIONS...: configures and compiles in build-tests/NAME.
build() {
    dir=$out/$1
    shift
    if [ ! -f "$dir/build.ninja" ]; then
        rm -rf "$dir"
        meson setup "$dir" "$@" >"$dir.log" 2>&1 || {
            cat "$dir.log"
            return 1
        }
    fi
    ninja -C "$dir" >"$dir.log" 2>&1 || {
        grep -E 'error|warning|FAILED' "$dir.log" | head -n 40
        return 1
    }
}

# run NAME MESON_TEST_OPTIONS...: the tests of a build.
run() {
    name=$1
    shift
    log=$out/$name/meson-logs/testlog.json
    rm -f "$log"
    status=0
    meson test -C "$out/$name" --no-rebuild --print-errorlogs "$@" || status=$?
    python3 tests/totals.py collect "$name" "$log" >"$out/collected" || : >"$out/collected"
    cat "$out/collected" >>"$out/results"
    # Killed half-way, it tells of no failure: what did not run would not be missed.
    [ "$status" -eq 0 ] || grep -q '^failed' "$out/collected" ||
        result failed "$name: meson test ended with status $status"
}

stage() {
    name=$1
    shift
    if build "$name" "$@"; then
        result passed "$name: builds without a warning"
        return 0
    fi
    result failed "$name: builds without a warning"
    return 1
}

stage_gcc() {
    say "gcc, all features: every test"
    stage gcc -Dwerror=true && run gcc
}

stage_sanitize() {
    say "AddressSanitizer and UndefinedBehaviorSanitizer"
    export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    stage sanitize -Dwerror=true -Db_sanitize=address,undefined -Db_lundef=false &&
        run sanitize --suite unit --suite integration --suite sim --timeout-multiplier 4
}

stage_thread() {
    say "ThreadSanitizer: what threads share"
    export TSAN_OPTIONS=halt_on_error=1:exitcode=66
    stage thread -Dwerror=true -Db_sanitize=thread -Db_lundef=false &&
        run thread ring_stress ring_kill ring_file exporter exporter_hostile chores web_auth web agree rough kill \
            --timeout-multiplier 4
}

stage_clang() {
    say "clang"
    CC=clang stage clang -Dwerror=true && run clang --suite unit --suite integration --suite sim
}

stage_minimal() {
    say "every feature off, and each one off alone"
    stage minimal -Dauto_features=disabled
    for feature in hwmon http web_file gzip ctl nls; do
        stage "no-$feature" "-D$feature=disabled"
    done
}

# 21 targets for 10 seconds each: 100 seconds on two CPUs, and about as long to build.
stage_fuzz() {
    say "fuzzing: a look at every parser"
    status=0
    sh tests/fuzz/run.sh 10 >"$out/fuzz.log" 2>&1 || status=$?
    cat "$out/fuzz.log"
    awk -v results="$out/results" '/ ok$| FOUND: / {
        printf "%s\tfuzz: %s\t\n", / ok$/ ? "passed" : "failed", $1 >>results }' "$out/fuzz.log"
    [ "$status" -eq 0 ] || grep -q ' FOUND: ' "$out/fuzz.log" || result failed "fuzz: run.sh ended with status $status"
}

stage_coverage() {
    say "coverage of core and footprint"
    sh packaging/dependencies.sh coverage
    check "coverage" sh tests/coverage.sh
}

stage_style() {
    say "style"
    check "shell scripts" shellcheck -x packaging/*.sh packaging/debian/greend.p* packaging/completions/*.bash \
        tests/*.sh tests/bench/*.sh tests/e2e/*.sh tests/fuzz/*.sh tests/packaging/*.sh
    check "licence and folders" sh tests/style.sh
    case $(clang-format --version) in
    *"version 14."*)
        # shellcheck disable=SC2046
        check "clang-format" clang-format --dry-run -Werror $(find include footprint collectors daemon ctl \
            tests -name '*.[ch]')
        ;;
    *) printf 'skipped\tclang-format\tthe format is that of version 14\n' >>"$out/results" ;;
    esac
    if [ -f "$out/gcc/compile_commands.json" ]; then
        find footprint collectors daemon ctl -name '*.c' >"$out/sources"
        check "clang-tidy" xargs -P 2 -n 4 -a "$out/sources" clang-tidy --quiet -p "$out/gcc"
    fi
}

say "packages"
sh packaging/dependencies.sh build run tests

[ $# -gt 0 ] || set -- gcc sanitize thread clang minimal fuzz style
for name in "$@"; do
    case $name in
    gcc | sanitize | thread | clang | minimal | fuzz | coverage | style) "stage_$name" || true ;;
    *) printf 'run.sh: unknown stage %s\n' "$name" >&2 && exit 2 ;;
    esac
done

say "totals"
exec python3 tests/totals.py sum "$out/results" tests/skips.txt
