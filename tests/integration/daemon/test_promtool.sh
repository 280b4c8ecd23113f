#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors

# promtool has nothing to say about the metrics of a busy machine, and they are under 100 KB.
# Usage: test_promtool.sh PRINT_METRICS
set -u
if ! command -v promtool >/dev/null 2>&1; then
    echo "skipped: promtool (Debian package prometheus) is not installed"
    exit 77
fi
metrics=$("$1") || { echo "$1 failed"; exit 1; }
said=$(printf '%s\n' "$metrics" | promtool check metrics 2>&1)
status=$?
if [ "$status" -ne 0 ] || [ -n "$said" ]; then
    printf 'promtool check metrics: exit %s\n%s\n' "$status" "$said"
    exit 1
fi
bytes=$(printf '%s\n' "$metrics" | wc -c)
echo "$bytes bytes"
[ "$bytes" -lt 100000 ]
