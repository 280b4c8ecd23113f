#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors

# Builds greend with ThreadSanitizer in a build directory of its own, build-tsan, and runs its tests:
#
#     sh tests/tsan.sh          every test but the unit tests, which have no threads
#     sh tests/tsan.sh --long   only the long stress: 10^8 records (minutes)
#
# A race that ThreadSanitizer reports fails the test that has it.
set -eu
cd "$(dirname "$0")/.."
build="build-tsan"
[ -f "$build/build.ninja" ] || meson setup "$build" -Db_sanitize=thread -Db_lundef=false
ninja -C "$build"
TSAN_OPTIONS="halt_on_error=1 exitcode=66"
export TSAN_OPTIONS
case "${1-}" in
"") exec meson test -C "$build" --no-suite unit --timeout-multiplier 4 --print-errorlogs ;;
--long) exec meson test -C "$build" --suite long --verbose ;;
*)
    echo "usage: sh tests/tsan.sh [--long]" >&2
    exit 2
    ;;
esac
