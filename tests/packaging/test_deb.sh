#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# The .deb: built twice, from two folders, it is the same to the byte; it has what it should, and lintian finds nothing.
#
#   test_deb.sh SOURCE_FOLDER BUILD_FOLDER
set -eu
# shellcheck source=tests/packaging/built-packages.sh
. "$1/tests/packaging/built-packages.sh"
for program in dpkg-buildpackage dh lintian; do
    command -v $program >/dev/null || {
        echo "$program is not installed"
        exit 77
    }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

first=$(built_packages deb "$2/packages" "$1")
# The second from an archive without .git, with another umask, time zone and locale.
(
    cd "$1"
    # shellcheck source=packaging/source-tree.sh
    . packaging/source-tree.sh
    source_tree "$scratch/a longer name/unpacked"
)
(
    umask 077
    CCACHE_DISABLE=1 TZ=Pacific/Marquesas LC_ALL=C.UTF-8 sh "$scratch/a longer name/unpacked/packaging/build-deb.sh" "$scratch/second"
)
same=0
for package in "$first"/*.deb "$first"/*.dsc "$first"/*.tar.*; do
    [ -e "$package" ] || continue
    cmp "$package" "$scratch/second/$(basename "$package")"
    same=$((same + 1))
done
[ $same -ge 4 ] # the package, its symbols, the source in two files
sha256sum "$first"/greend_*.deb
# systemd and udev have moved to /usr/lib in newer releases.
dpkg-deb -c "$first"/greend_*.deb | sed 's/.* \.//; s,^/usr/lib/\(systemd\|udev\)/,/lib/\1/,' >"$scratch/files"
has_files "$scratch/files" /lib/systemd/system/greend.service /lib/systemd/system/greend.socket \
    /lib/udev/rules.d/60-greend.rules /usr/share/zsh/vendor-completions/_greend /usr/share/zsh/vendor-completions/_greend-ctl
[ "$(dpkg-deb -I "$first"/greend_*.deb conffiles)" = /etc/greend/greend.conf ]

lintian --pedantic --display-info --tag-display-limit 0 \
    --suppress-tags unused-override --fail-on pedantic,info,warning,error \
    "$first"/*.changes
