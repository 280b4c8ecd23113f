# shellcheck shell=sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# For build-deb.sh and build-rpm.sh, which source it from the root of the source tree.

# The version in meson.build.
source_version() {
    sed -n "s/^  version: '\([^']*\)',\$/\1/p" meson.build
}

# source_tree FOLDER: copies the sources there, as they are in the working tree. In a git checkout those are
# the files that git knows, else (an archive without .git) all but what builds leave behind. Modes do not
# depend on the umask that they were unpacked with.
source_tree() {
    mkdir -p "$1"
    if [ -e .git ] && git rev-parse --git-dir >/dev/null 2>&1; then
        # A file that was deleted and not committed is none: tar says so and goes on.
        git ls-files -z --cached --others --exclude-standard |
            tar --null --no-recursion -T - -cf - 2>/dev/null | tar -xf - -C "$1"
    else
        tar --exclude='./build*' --exclude=./.git -cf - . | tar -xf - -C "$1"
    fi
    chmod -R u=rwX,go=rX "$1"
}
