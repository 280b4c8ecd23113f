#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# The units and the drop-ins say nothing that systemd does not understand, and the units leave the daemon an exposure of
# at most 1.0.
#
#   test_units.sh SOURCE_FOLDER UNIT...
set -eu
command -v systemd-analyze >/dev/null || {
    echo "systemd-analyze is not installed"
    exit 77
}
dropins=$1/packaging/systemd
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$@" "$folder"

# The program is not installed where tests run; everything else must be right.
sed -i 's|^ExecStart=.*|ExecStart=/bin/true|' "$folder/greend.service"
understood() {
    complaints=$(SYSTEMD_UNIT_PATH=$folder: systemd-analyze verify --man=no "$folder/greend.service" \
        "$folder/greend.socket" 2>&1 | grep -F "$folder" || true)
    [ -z "$complaints" ] || {
        echo "$complaints"
        exit 1
    }
}
understood
for dropin in "$dropins"/*.conf; do
    install -D -m 644 "$dropin" "$folder/greend.service.d/dropin.conf"
    understood
done
rm -r "$folder/greend.service.d"
systemd-analyze security --help 2>&1 | grep -q -- --offline || {
    echo "this systemd-analyze cannot judge a unit that is not loaded"
    exit 77
}
# In tenths.
SYSTEMD_UNIT_PATH=$folder: systemd-analyze security --no-pager --offline=true --threshold=10 \
    "$folder/greend.service" >"$folder/verdict" 2>&1 || {
    cat "$folder/verdict"
    exit 1
}
tail -n 1 "$folder/verdict"
