#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Writes the golden files anew from what the programs say now: sh tests/golden/regenerate.sh [BUILD]
# Read the difference (git diff) before you commit it.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build}
ninja -C "$build"
for name in advise carbon configuration doctor doctor_fr html html_fr inventory inventory_fr report report_fr report_footprint \
  report_footprint_fr report_reserved report_reserved_fr report_rows report_rows_fr status status_fr targets_shown \
  targets_shown_fr top top_fr; do
  env GREEND_GOLDEN=write meson test -C "$build" --no-rebuild "$name"
done
python3 packaging/manual.py "$build/daemon/greend" "$build/ctl/greend-ctl" --write
git diff --stat -- tests/golden docs packaging || true
