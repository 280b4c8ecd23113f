#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
#   sh tests/bench/accuracy.sh [BUILD]            judges the attribution, writes docs/accuracy.md anew
#   sh tests/bench/accuracy.sh --limits [BUILD]   writes tests/sim/limits.txt anew, which meson test
#                                                 holds the attribution to: after it got better
#
# BUILD is the build folder, `build` unless said.
set -eu
cd "$(dirname "$0")/../.."
limits=
if [ "${1:-}" = --limits ]; then
    limits=yes
    shift
fi
build=${1:-build}
ninja -C "$build" tests/bench/accuracy >&2
accuracy=$build/tests/bench/accuracy

if [ -n "$limits" ]; then
    # As in tests/bench/meson.build.
    exec "$accuracy" --set tuning --seeds 2 --hours 1 --write-limits tests/sim/limits.txt
fi

doc=docs/accuracy.md
new=$(mktemp)
results=$(mktemp)
trap 'rm -f "$new" "$results"' EXIT
status=0
{
    "$accuracy" --list --markdown
    printf '\n'
    "$accuracy" --markdown || status=$?
} >"$results"
[ "$status" -le 1 ] || exit "$status"
awk -v results="$results" '
    /^<!-- results -->$/ { print; print ""; while ((getline line < results) > 0) print line; print ""; skip = 1 }
    /^<!-- end of results -->$/ { skip = 0 }
    !skip || /^<!-- end/ { if ($0 != "<!-- results -->") print }
' "$doc" >"$new"
cat "$new" >"$doc"
exit "$status"
