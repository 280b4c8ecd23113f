#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# What greend costs beside others that watch processes, all on this machine in the same minutes, with
# 200, 1,000 and 5,000 processes; tells which bars are met, and writes the table of docs/performance.md
# and docs/peers.svg anew. Some 20 minutes; needs root, for control groups.
#
#   sh tests/bench/peers.sh [BUILD]       measures; BUILD is the build folder (build)
#   sh tests/bench/peers.sh --from FILE   writes both from the figures of an earlier run, BUILD/peers.json
#
# Peers, each left out where it is not there: Debian's prometheus-node-exporter, prometheus-process-exporter, netdata-core
# (apps.plugin), sysstat (pidstat), atop. GREEND_ROUNDS (5) rounds of GREEND_SECONDS (60) each; exit
# status 1 where a bar is not met.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
export PYTHONDONTWRITEBYTECODE=1
if [ "${1:-}" = --from ]; then
    exec python3 "$bench/peers.py" --from "$2"
fi
build=$(cd "${1:-build}" && pwd)
ninja -C "$build" daemon/greend ctl/greend-ctl tests/e2e/crowd tests/e2e/hybrid
GREEND=$build/daemon/greend GREEND_CTL=$build/ctl/greend-ctl CROWD=$build/tests/e2e/crowd HYBRID=$build/tests/e2e/hybrid \
    exec python3 "$bench/peers.py" --to "$build/peers.json"
