#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# The .rpm: it builds, rpmlint finds nothing, it has what it should, and asks for nothing that RHEL 9 lacks.
#
#   test_rpm.sh SOURCE_FOLDER [BUILD_FOLDER]
set -eu
for program in rpmbuild rpmlint; do
    command -v $program >/dev/null || {
        echo "$program is not installed"
        exit 77
    }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# shellcheck source=tests/packaging/built-packages.sh
. "$1/tests/packaging/built-packages.sh"
packages=$(built_packages rpm "$2/packages" "$1")
package=$(find "$packages" -name 'greend-[0-9]*.rpm' ! -name '*.src.rpm')

rpmlint --config "$1/packaging/rpm/rpmlint.toml" "$package" "$1/packaging/rpm/greend.spec" >"$scratch/lint" 2>&1 || {
    cat "$scratch/lint"
    exit 1
}
grep -q ' 0 errors, 0 warnings' "$scratch/lint" || {
    cat "$scratch/lint"
    exit 1
}
rpm -qp --qf '[%{FILENAMES} %{FILEFLAGS:fflags}\n]' "$package" >"$scratch/files"
sed 's/ .*//' "$scratch/files" >"$scratch/names"
has_files "$scratch/names" /usr/lib/systemd/system/greend.service /usr/lib/systemd/system/greend.socket \
    /usr/lib/udev/rules.d/60-greend.rules /usr/share/zsh/site-functions/_greend /usr/share/zsh/site-functions/_greend-ctl
grep -q '^/etc/greend/greend.conf .*c.*n' "$scratch/files"
known=$(sed -n 's/.*STORE_SCHEMA_VERSION = \([0-9]*\).*/\1/p' "$1/include/greend/store.h")
rpm -qp --scripts "$package" | grep -q "^if \[ \"\${schema:-0}\" -gt $known \]" || {
    echo "the package does not refuse a history that is newer than schema $known"
    exit 1
}
newer=$(rpm -qp --requires "$package" | sed -n 's/^libc\.so\.6(GLIBC_\([0-9.]*\)).*/\1/p' | sort -V | tail -n 1)
echo "glibc $newer at least"
[ "$(printf '%s\n2.34\n' "$newer" | sort -V | tail -n 1)" = 2.34 ]
