#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# The life of the .deb on a booted systemd: installed, killed, reloaded, upgraded, not downgraded, removed,
# purged. What happens inside is in life-inside.sh. Needs root, systemd-nspawn, mmdebstrap and what builds a
# package; GREEND_DEB names a package that is built already.
#
#   life.sh BUILD_FOLDER SOURCE_FOLDER
set -eu
build=$1
source=$2
# shellcheck source=tests/e2e/nspawn-machine.sh
. "$source/tests/e2e/nspawn-machine.sh"
# shellcheck source=tests/packaging/built-packages.sh
. "$source/tests/packaging/built-packages.sh"
for program in dpkg-buildpackage dh dpkg-deb; do
    command -v $program >/dev/null || skip "$program is not installed"
done
machine_new "$build"

deb=${GREEND_DEB:-}
if [ -z "$deb" ]; then
    packages=$(built_packages deb "$build/packages" "$source")
    deb=$(ls "$packages"/greend_*.deb)
fi
cp "$deb" "$scratch/media/greend.deb"
# The version before: no other was released yet, so it is this one under an older number.
dpkg-deb -R "$deb" "$scratch/older"
sed -i 's/^Version: .*/Version: 0.0.9/' "$scratch/older/DEBIAN/control"
dpkg-deb --root-owner-group -b "$scratch/older" "$scratch/media/older.deb" >/dev/null
cp "$source/tests/e2e/nspawn-meter.pl" "$scratch/media/meter.pl"
machine_run "$source/tests/e2e/life-common.sh" "$source/tests/e2e/life-inside.sh"
