#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# The life of the .rpm on a booted systemd: installed, killed, reloaded, upgraded, not downgraded, removed. What
# happens inside is in life-rpm-inside.sh. The machine is a Debian with rpm's own program, without its
# dependencies: neither Fedora nor RHEL. Needs root, systemd-nspawn, mmdebstrap and rpmbuild.
#
#   life-rpm.sh BUILD_FOLDER SOURCE_FOLDER
set -eu
build=$1
source=$2
# shellcheck source=tests/e2e/nspawn-machine.sh
. "$source/tests/e2e/nspawn-machine.sh"
# shellcheck source=tests/packaging/built-packages.sh
. "$source/tests/packaging/built-packages.sh"
command -v rpmbuild >/dev/null || skip "rpmbuild is not installed"
machine_new "$build"

packages=$(built_packages rpm "$build/packages" "$source")
find "$packages" -name 'greend-[0-9]*.rpm' ! -name '*.src.rpm' -exec cp {} "$scratch/media/greend.rpm" \;
cp "$source/tests/e2e/nspawn-meter.pl" "$scratch/media/meter.pl"
machine_run "$source/tests/e2e/life-common.sh" "$source/tests/e2e/life-rpm-inside.sh"
