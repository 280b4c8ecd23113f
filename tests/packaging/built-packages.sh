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

# has_files LIST FILE...: says which files a package lacks, those first that both packages have. LIST has a line each.
has_files() (
    list=$1
    shift
    data=/usr/share/greend
    lacks=0
    for file in /etc/greend/greend.conf /usr/bin/greend /usr/bin/greend-ctl /usr/lib/sysusers.d/greend.conf \
        /usr/lib/tmpfiles.d/greend.conf $data/taskstats.conf $data/hidepid.conf $data/factors/ademe.csv \
        $data/factors/boavizta.csv $data/factors/defaults.csv $data/factors/hardware.csv $data/factors/numecoeval.csv \
        $data/prometheus/greend.rules.yml $data/prometheus/greend.alerts.yml $data/prometheus/prometheus.example.yml \
        $data/prometheus/federation.example.yml $data/grafana/greend.json $data/grafana/greend.fr.json \
        /usr/share/bash-completion/completions/greend /usr/share/bash-completion/completions/greend-ctl \
        /usr/share/locale/fr/LC_MESSAGES/greend.mo /usr/share/man/man1/greend-ctl.1.gz \
        /usr/share/man/man5/greend.conf.5.gz /usr/share/man/man8/greend.8.gz "$@"; do
        grep -qx "$file" "$list" || {
            echo "the package lacks $file"
            lacks=1
        }
    done
    return $lacks
)
