#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# What no compiler checks: licence lines, lengths, left-overs. Prints what is wrong; exit status 1 then.
set -eu
cd "$(dirname "$0")/.."
wrong=0

complain() {
    printf '%s\n' "$*"
    wrong=1
}

sources() {
    find include footprint collectors daemon ctl po tests packaging \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' \
        -o -name 'meson.build' -o -name '*.in' -o -name '*.sql' -o -name '*.po' \) -type f
}

for file in $(sources) meson.build meson_options.txt; do
    head -n 4 "$file" | grep -q 'SPDX-License-Identifier: EUPL-1.2' || complain "$file: no licence line"
done

big=$(find include footprint collectors daemon ctl -name '*.[ch]' -exec awk '
    FNR == 501 { print FILENAME ": more than 500 lines, split it" }' {} +)
[ -z "$big" ] || complain "$big"

long=$(find footprint collectors daemon ctl -name '*.c' -exec awk '
    FNR == 1 { start = 0 }
    /^\{/ { start = FNR }
    /^\}/ { if (start && FNR - start > 80) print FILENAME ":" start ": a function of " FNR - start " lines"; start = 0 }
    ' {} +)
[ -z "$long" ] || complain "$long"

left=$(grep -rnwE 'TODO|FIXME|XXX|#if 0' include footprint collectors daemon ctl packaging || true)
[ -z "$left" ] || complain "left over: $left"

impure=$(grep -nE '#include <(fcntl|pthread|stdatomic|sqlite3|microhttpd|sys/socket|systemd)' daemon/core/*.[ch] daemon/core/*/*.[ch] footprint/*.[ch] footprint/*/*.[ch] |
    grep -v 'daemon/core/ring/ring.c:.*stdatomic' || true)
[ -z "$impure" ] || complain "core and footprint are pure: $impure"

# An excuse for a file that has moved excuses nothing.
moved=$(sed -n 's/^[a-zA-Z]*:\([^:]*\).*/\1/p' tests/analyse/cppcheck.txt | while read -r path; do
    [ -f "$path" ] || echo "$path"
done)
[ -z "$moved" ] || complain "tests/analyse/cppcheck.txt: no such file: $moved"

# A document names files that exist; foo stands for any.
# shellcheck disable=SC2016 # backticks of Markdown
lost=$(grep -ohE '`(daemon|collectors|ctl|footprint|include|tests|packaging|docs|po)/[A-Za-z0-9_./-]*`' ./*.md docs/*.md | tr -d '`' | sort -u |
    grep -v foo | while read -r path; do
    [ -e "$path" ] || echo "$path"
done)
[ -z "$lost" ] || complain "documents name what does not exist: $lost"

# A test that nobody builds passes for ever.
unbuilt=$(find tests -name 'test_*.c' | while read -r test; do
    name=${test##*/test_}
    name=${name%.c}
    grep -qE "['/]$name'|test_$name\\.c'" tests/*/meson.build || printf '%s: no meson.build has it\n' "$test"
done)
[ -z "$unbuilt" ] || complain "$unbuilt"

exit $wrong
