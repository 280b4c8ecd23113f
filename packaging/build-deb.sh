#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Builds the .deb from this source tree: a git checkout or an unpacked archive.
#
#   sh packaging/build-deb.sh [FOLDER]     where the packages go (build-deb)
#
# Needs what `sh packaging/dependencies.sh build deb` installs. Asks nothing, leaves nothing but FOLDER.
set -eu
umask 022

mkdir -p "${1:-"$(dirname "$0")/../build-deb"}"
out=$(cd "${1:-"$(dirname "$0")/../build-deb"}" && pwd)
cd "$(dirname "$0")/.."
# shellcheck source=packaging/source-tree.sh
. packaging/source-tree.sh

version=$(sed -n '1s/^greend (\([^)]*\)).*/\1/p' packaging/debian/changelog)
[ "$version" = "$(source_version)" ] || {
    echo "build-deb.sh: packaging/debian/changelog says $version, meson.build says $(source_version)" >&2
    exit 1
}
for program in dpkg-buildpackage dh; do
    command -v $program >/dev/null || {
        echo "build-deb.sh: there is no $program: sh packaging/dependencies.sh build deb" >&2
        exit 1
    }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source_tree "$work/greend-$version"
# Debian wants its folder at the top.
mv "$work/greend-$version/packaging/debian" "$work/greend-$version/debian"
(cd "$work/greend-$version" && dpkg-buildpackage -us -uc) >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
mv "$work"/greend*_"$version"*.* "$out"
ls "$out"/greend_"$version"_*.deb
