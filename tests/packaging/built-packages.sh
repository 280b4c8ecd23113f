# shellcheck shell=sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# For the tests that need the .deb or the .rpm, which source it.

# built_packages deb|rpm CACHE_FOLDER SOURCE_FOLDER: prints the folder with the packages of these sources. Built by
# whoever comes first; the others wait. What is kept is known by the files and by the packages that are installed here.
built_packages() (
    set -eu
    kind=$1
    mkdir -p "$2/$kind"
    cache=$(cd "$2/$kind" && pwd)
    exec 9>"$cache/lock"
    flock 9
    cd "$3"
    # shellcheck source=packaging/source-tree.sh
    . packaging/source-tree.sh
    rm -rf "$cache/tree"
    source_tree "$cache/tree"
    made_of=$(cd "$cache/tree" && {
        find . -type f -exec sha256sum {} +
        dpkg-query -W
    } | sort | sha256sum | cut -c 1-16)
    rm -rf "$cache/tree"
    if [ ! -d "$cache/$made_of" ]; then
        rm -rf "$cache/new" "$cache"/[0-9a-f]*
        CCACHE_DISABLE=1 sh "packaging/build-$kind.sh" "$cache/new" >&2
        mv "$cache/new" "$cache/$made_of"
    fi
    echo "$cache/$made_of"
)
