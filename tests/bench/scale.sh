#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# How the cost of each part grows with processes, groups, workloads, domains and years (tests/bench/scale.c),
# written into docs/performance.md. Exit status 1 where something grows faster than it should. Minutes.
#
#   sh tests/bench/scale.sh [BUILD]   BUILD is the build folder (build)
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-build}" && pwd)
ninja -C "$build" tests/bench/bench_scale
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
status=0
"$build/tests/bench/bench_scale" >"$rows" || status=$?
cat "$rows"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$bench python3 - "$rows" <<'END'
import sys
import document
with open(sys.argv[1], encoding="utf-8") as file:
    rows = file.read()
head = "| what | more and more | CPU, the least of some runs | order | of the last three |\n|---|---|---|---|---|\n"
document.replace_section(document.PERFORMANCE, "scale", head + rows)
END
exit $status
