#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Analysers over all sources: what is found is a failure, but for what tests/analyse/ excuses, with the reason.
#
#   sh tests/analyse.sh [cppcheck|gcc|scan-build|tidy|valgrind]...     all of them; builds in build-analyse
#
# Not in CI: tens of minutes on two CPUs. CI runs clang-tidy with its analyzer cut short (stage style of tests/run.sh).
set -eu
cd "$(dirname "$0")/.."
out=$PWD/build-analyse
mkdir -p "$out"
sh packaging/dependencies.sh build tests analyse
# A compiler that analyses is to be called, whatever it has seen before.
export CCACHE_DISABLE=1

run_cppcheck() {
    cppcheck --quiet -j "$(nproc)" --enable=warning,performance,portability --std=c11 --error-exitcode=1 --inline-suppr \
        --suppressions-list=tests/analyse/cppcheck.txt -D_GNU_SOURCE -DGREEND_NLS '-DGREEND_VERSION="0"' \
        -Iinclude -I. -Idaemon -Ictl footprint collectors daemon ctl
}

# configure NAME MESON_OPTIONS...: a folder of its own, made anew: a second look compiles all of it again.
configure() {
    rm -rf "${out:?}/$1"
    name=$1
    shift
    meson setup "$out/$name" -Dtests=disabled "$@" >"$out/$name.log" 2>&1 || {
        cat "$out/$name.log"
        return 1
    }
}

run_gcc() {
    configure gcc -Dwerror=true "-Dc_args=-fanalyzer $(sed -n 's/^-W/-W/p' tests/analyse/gcc.txt | tr '\n' ' ')" || return 1
    ninja -k 0 -C "$out/gcc" >"$out/gcc.log" 2>&1 || {
        grep -A 12 'error:' "$out/gcc.log"
        return 1
    }
}

run_scan_build() {
    rm -rf "$out/scan-build" "$out/reports"
    # It does not know memory that is given back when its variable ends (CLEANUP), as .clang-tidy says; what leaks
    # is found by LeakSanitizer and valgrind.
    scan="scan-build -o $out/reports --status-bugs --use-cc=clang -disable-checker unix.Malloc
        -disable-checker valist.Uninitialized"
    # shellcheck disable=SC2086
    if $scan meson setup "$out/scan-build" -Dtests=disabled >"$out/scan-build.log" 2>&1; then
        $scan ninja -k 0 -C "$out/scan-build" >"$out/scan-build.log" 2>&1 && return 0
    fi
    grep -E 'error:|warning:|scan-build:' "$out/scan-build.log"
    return 1
}

run_tidy() {
    configure tidy || return 1
    # What is made from SQL is included.
    ninja -C "$out/tidy" -t targets all | sed -n 's/^\(.*\.inc\):.*/\1/p' | xargs ninja -C "$out/tidy" >"$out/tidy.log" || return 1
    find footprint collectors daemon ctl -name '*.c' >"$out/sources"
    xargs -P "$(nproc)" -n 4 -a "$out/sources" clang-tidy --quiet -p "$out/tidy"
}

run_valgrind() {
    [ -f "$out/valgrind/build.ninja" ] || meson setup "$out/valgrind" >"$out/valgrind.log" 2>&1 || {
        cat "$out/valgrind.log"
        return 1
    }
    python3 tests/totals.py targets "$out/valgrind" --suite unit >"$out/targets"
    xargs ninja -C "$out/valgrind" >"$out/valgrind.log" 2>&1 <"$out/targets" || {
        grep -E 'error|FAILED' "$out/valgrind.log"
        return 1
    }
    # It has long doubles of 64 bits, in which numbers are not right to the last bit: not for decimal.
    # shellcheck disable=SC2046 # names of tests hold no blanks
    meson test -C "$out/valgrind" --no-rebuild --timeout-multiplier 40 --print-errorlogs \
        $(meson test -C "$out/valgrind" --list --suite unit | sed -n 's,.* / ,,p' | grep -vx decimal) \
        --wrapper 'valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible'
}

[ $# -gt 0 ] || set -- cppcheck gcc scan-build tidy valgrind
failed=0
for name in "$@"; do
    begin=$(date +%s)
    found=nothing
    case $name in
    cppcheck) run_cppcheck || found=something ;;
    gcc) run_gcc || found=something ;;
    scan-build) run_scan_build || found=something ;;
    tidy) run_tidy || found=something ;;
    valgrind) run_valgrind || found=something ;;
    *) printf 'analyse.sh: unknown analyser %s\n' "$name" >&2 && exit 2 ;;
    esac
    [ $found = nothing ] || failed=1
    printf '%s: found %s, %s s\n' "$name" "$found" "$(($(date +%s) - begin))"
done
exit $failed
