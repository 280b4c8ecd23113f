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
for name in advise carbon configuration doctor doctor_fr top top_fr inventory report report_footprint report_reserved status targets html html_fr \
  inventory_fr report_fr report_footprint_fr report_reserved_fr status_fr targets_fr; do
  env GREEND_GOLDEN=write meson test -C "$build" --no-rebuild "$name"
done
python3 packaging/manual.py "$build/daemon/greend" "$build/ctl/greend-ctl" --write
git diff --stat -- tests/golden docs packaging || true
