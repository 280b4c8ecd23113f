#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Builds the .rpm from this source tree: a git checkout or an unpacked archive. Build it on the release that
# it is for: Fedora and RHEL have libsensors.so.4, Debian has libsensors.so.5.
#
#   sh packaging/build-rpm.sh [FOLDER]     where the packages go (build-rpm)
#
# Needs what `sh packaging/dependencies.sh build rpm` installs. Asks nothing, leaves nothing but FOLDER.
set -eu
umask 022

mkdir -p "${1:-"$(dirname "$0")/../build-rpm"}"
out=$(cd "${1:-"$(dirname "$0")/../build-rpm"}" && pwd)
cd "$(dirname "$0")/.."
# shellcheck source=packaging/source-tree.sh
. packaging/source-tree.sh

version=$(sed -n 's/^Version: *//p' packaging/rpm/greend.spec)
[ "$version" = "$(source_version)" ] || {
    echo "build-rpm.sh: packaging/rpm/greend.spec says $version, meson.build says $(source_version)" >&2
    exit 1
}
command -v rpmbuild >/dev/null || {
    echo "build-rpm.sh: rpmbuild is needed: sh packaging/dependencies.sh build rpm" >&2
    exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/SOURCES"
source_tree "$work/greend-$version"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner -czf "$work/SOURCES/greend-$version.tar.gz" \
    "greend-$version"
rpmbuild --quiet --define "_topdir $work" -ba packaging/rpm/greend.spec >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
find "$work/RPMS" "$work/SRPMS" -name '*.rpm' -exec mv {} "$out" \;
ls "$out"/greend-"$version"-*.rpm
