#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Installs what the tests need, builds greend in every way that matters, and runs all tests.
#
#   sh tests/run.sh            everything that CI runs
#   sh tests/run.sh STAGE...   some stages: gcc sanitize thread clang minimal fuzz style; and, not in CI, coverage
#
# Prints each test, the reason of each skip, the seconds of each stage, and the totals in the last line. With CI
# set, a skip that is not excused in tests/skips.txt is a failure. The exit status is 0 only if nothing failed.
set -eu

cd "$(dirname "$0")/.."
root=$PWD
out=$root/build-tests
mkdir -p "$out"
# What the tests serve is on this machine.
export no_proxy=127.0.0.1,localhost,::1 NO_PROXY=127.0.0.1,localhost,::1
: >"$out/results"
: >"$out/seconds"
begin=$(date +%s)
tidy=
# Tests build packages too, and those are to be compiled as anywhere: only builds of one compiler and the same
# flags take objects from one another, see shared().
export CCACHE_DISABLE=1 CCACHE_DIR="$out/ccache" CCACHE_NOHASHDIR=1

say() {
    printf '\n== %s\n' "$*"
}

# took STAGE PART COMMAND...: notes how long it took.
took() {
    stage_of=$1
    part_of=$2
    shift 2
    begin_of=$(date +%s)
    status_of=0
    "$@" || status_of=$?
    printf '%s\t%s\t%s\n' "$stage_of" "$part_of" "$(($(date +%s) - begin_of))" >>"$out/seconds"
    return $status_of
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

# build NAME TARGETS MESON_OPTIONS...: configures build-tests/NAME and compiles what of it is named, or all.
build() {
    dir=$out/$1
    targets=$2
    shift 2
    if [ ! -f "$dir/build.ninja" ]; then
        rm -rf "$dir"
        meson setup "$dir" "$@" >"$dir.log" 2>&1 || {
            cat "$dir.log"
            return 1
        }
    elif [ "$*" != "$(cat "$dir.options")" ]; then
        meson configure "$dir" "$@" || return 1
    fi
    echo "$*" >"$dir.options"
    if [ -n "$targets" ]; then
        # What was configured before a test was added knows nothing of it.
        ninja -C "$dir" build.ninja >"$dir.log" 2>&1 || {
            cat "$dir.log"
            return 1
        }
        # shellcheck disable=SC2086 # options and names of tests hold no blanks
        python3 tests/totals.py targets "$dir" $targets >"$out/targets" || return 1
    else
        echo all >"$out/targets"
    fi
    xargs ninja -C "$dir" >"$dir.log" 2>&1 <"$out/targets" || {
        grep -E 'error|warning|FAILED' "$dir.log" | head -n 40
        return 1
    }
}

# shared COMMAND...: where ccache is there, with what the other builds that are shared have compiled.
shared() {
    unset CCACHE_DISABLE
    status=0
    "$@" || status=$?
    export CCACHE_DISABLE=1
    return $status
}

# run NAME MESON_TEST_OPTIONS...: the tests of a build.
run() {
    name=$1
    shift
    log=$out/$name/meson-logs/testlog.json
    rm -f "$log"
    status=0
    took "$name" tests meson test -C "$out/$name" --no-rebuild --print-errorlogs "$@" || status=$?
    python3 tests/totals.py collect "$name" "$log" >"$out/collected" || : >"$out/collected"
    cat "$out/collected" >>"$out/results"
    # Killed half-way, it tells of no failure: what did not run would not be missed.
    [ "$status" -eq 0 ] || grep -q '^failed' "$out/collected" ||
        result failed "$name: meson test ended with status $status"
}

# stage NAME TARGETS MESON_OPTIONS...
stage() {
    name=$1
    shift
    if took "$name" build build "$name" "$@"; then
        result passed "$name: builds without a warning"
        return 0
    fi
    result failed "$name: builds without a warning"
    return 1
}

# Two more at a time than there are CPUs: many wait for time to pass. Those that would not be true beside others are
# alone and come first; beside them clang-tidy has what they leave.
stage_gcc() {
    say "gcc, all features: every test"
    shared stage gcc "" -Dwerror=true || return 0
    case " $stages " in *" style "*) begin_tidy ;; esac
    run gcc --num-processes $(($(nproc) + 2)) --timeout-multiplier 3
}

stage_sanitize() {
    say "AddressSanitizer and UndefinedBehaviorSanitizer"
    export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    # Of debugging information, what names a line.
    suites="--suite unit --suite integration --suite sim"
    # shellcheck disable=SC2086
    stage sanitize "$suites" -Dwerror=true -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 \
        -Ddebug=false -Dc_args=-g1 && run sanitize $suites --timeout-multiplier 4
}

stage_thread() {
    say "ThreadSanitizer: what threads share"
    export TSAN_OPTIONS=halt_on_error=1:exitcode=66
    tests="ring_stress ring_kill ring_file exporter exporter_hostile chores helper log target_watch web_auth web agree rough kill"
    # shellcheck disable=SC2086
    stage thread "$tests" -Dwerror=true -Db_sanitize=thread -Db_lundef=false &&
        run thread $tests --num-processes $(($(nproc) + 2)) --timeout-multiplier 4
}

stage_clang() {
    say "clang"
    CC=clang stage clang "" -Dwerror=true -Ddebug=false && run clang --suite unit --suite integration --suite sim
}

# One folder for each one off alone: what a feature does not change is not made again.
stage_minimal() {
    say "every feature off, and each one off alone"
    shared stage minimal "" -Dwerror=true -Dauto_features=disabled
    features="hwmon gzip ctl web_file http nls"
    for feature in $features; do
        options=
        for other in $features; do
            [ "$other" = "$feature" ] && options="$options -D$other=disabled" || options="$options -D$other=auto"
        done
        # shellcheck disable=SC2086
        if shared took minimal "no $feature" build features "" -Dwerror=true $options; then
            result passed "no-$feature: builds without a warning"
        else
            result failed "no-$feature: builds without a warning"
        fi
    done
}

# 21 targets for 30 seconds each: five minutes on two CPUs, and some two to build.
stage_fuzz() {
    say "fuzzing: a look at every parser"
    status=0
    took fuzz "build, tests" sh tests/fuzz/run.sh 30 >"$out/fuzz.log" 2>&1 || status=$?
    cat "$out/fuzz.log"
    awk -v results="$out/results" '/ ok$| FOUND: / {
        printf "%s\tfuzz: %s\t\n", / ok$/ ? "passed" : "failed", $1 >>results }' "$out/fuzz.log"
    [ "$status" -eq 0 ] || grep -q ' FOUND: ' "$out/fuzz.log" || result failed "fuzz: run.sh ended with status $status"
}

stage_coverage() {
    say "coverage of core and footprint"
    sh packaging/dependencies.sh coverage
    took coverage "build, tests" check "coverage" sh tests/coverage.sh
}

# Begins clang-tidy over all sources, once, beside what is tested meanwhile and behind it in the line for the CPUs.
# Where the kernel groups tasks by session, it is the session's niceness that counts. The analyzer's paths are
# cut at a fifth of its own limit, for a quarter of the time; tests/analyse.sh goes all the way.
begin_tidy() {
    [ -z "$tidy" ] || return 0
    find footprint collectors daemon ctl -name '*.c' >"$out/sources"
    # shellcheck disable=SC2016
    setsid sh -c 'echo 19 2>/dev/null >/proc/self/autogroup || :
        exec nice -n 19 xargs -P "$(nproc)" -n 4 -a "$1/sources" clang-tidy --quiet -p "$1/gcc" --extra-arg=-Xclang \
            --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes=50000' tidy "$out" \
        >"$out/tidy.log" 2>&1 &
    tidy=$!
    trap 'kill -- "-$tidy" 2>/dev/null || :' EXIT
    trap 'exit 130' INT TERM
}

end_tidy() {
    begin_tidy
    status=0
    wait "$tidy" || status=$?
    trap - EXIT
    if [ "$status" -eq 0 ]; then
        result passed clang-tidy
    else
        cat "$out/tidy.log"
        result failed clang-tidy
    fi
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
        took style "clang-tidy" end_tidy
    fi
}

say "packages"
took packages "" sh packaging/dependencies.sh build run tests

[ $# -gt 0 ] || set -- gcc sanitize thread clang minimal fuzz style
stages=$*
for name in "$@"; do
    case $name in
    gcc | sanitize | thread | clang | minimal | fuzz | coverage | style) "stage_$name" || true ;;
    *) printf 'run.sh: unknown stage %s\n' "$name" >&2 && exit 2 ;;
    esac
done

say "seconds"
printf '%s\t\t%s\n' all "$(($(date +%s) - begin))" >>"$out/seconds"
awk -F '\t' '{ printf "%-10s %-14s %5d\n", $1, $2, $3 }' "$out/seconds"

say "totals"
python3 tests/totals.py sum "$out/results" tests/skips.txt
