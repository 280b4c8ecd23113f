#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Counts the instructions of what greend does over and over (valgrind --tool=callgrind), and fails
# where one takes over 5 % more than tests/bench/instructions.txt says: the same count each time,
# whatever else the machine does.
#
#   sh tests/bench/instructions.sh INSTRUCTIONS GREEND_CTL           holds them to the file
#   sh tests/bench/instructions.sh --write INSTRUCTIONS GREEND_CTL   writes the file anew: on purpose
#
# INSTRUCTIONS is the program tests/bench/instructions.c, GREEND_CTL is greend-ctl, both of a plain
# build (meson's default, gcc).
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
file=$bench/instructions.txt
write=
if [ "$1" = --write ]; then
    write=yes
    shift
fi
program=$1
ctl=$2
command -v valgrind >/dev/null || {
    echo "valgrind is not installed"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What is counted is the compiler's and the libraries' too.
with="gcc $(gcc -dumpversion), $(dpkg-query -W -f '${source:Package} ${source:Upstream-Version}\n' libc6 libsqlite3-0 2>/dev/null ||
    rpm -q glibc sqlite-libs 2>/dev/null)"
with=$(printf '%s' "$with" | paste -s -d ' ')
known=$(sed -n 's/^# with //p' "$file" 2>/dev/null || true)
if [ -z "$write" ] && [ "$known" != "$with" ]; then
    echo "counted with $known; here is $with"
    exit 77
fi

# count VALGRIND_OPTION... -- COMMAND...: prints the instructions.
count() {
    valgrind --tool=callgrind --callgrind-out-file="$work/out" "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        return 1
    }
    sed -n 's/^totals: //p' "$work/out"
}

"$program" history "$work/greend.db"
export TZ=UTC LC_ALL=C.UTF-8
unset LANGUAGE LANG MALLOC_PERTURB_
{
    for what in sweep ledger scrape; do
        total=$(count --toggle-collect=count_this "$program" "$what")
        printf '%s %s\n' "$what" "$((total / 100))"
    done
    total=$(count --toggle-collect=count_this "$program" commit "$work/written.db")
    printf 'commit %s\n' "$((total / 100))"
    for by in workload day; do
        total=$(count "$ctl" report --database "$work/greend.db" --by "$by" \
            --since 2026-11-01 --until 2026-11-15)
        printf 'report-by-%s %s\n' "$by" "$total"
    done
} >"$work/counts"

if [ -n "$write" ]; then
    {
        printf '# SPDX-License-Identifier: EUPL-1.2\n# SPDX-FileCopyrightText: 2026 The greend authors\n'
        printf '# Instructions of one sweep, ledger tick, scrape and commit, and of a whole greend-ctl report.\n'
        printf '# with %s\n' "$with"
        cat "$work/counts"
    } >"$file"
    cat "$file"
    exit 0
fi
status=0
while read -r what now; do
    before=$(sed -n "s/^$what //p" "$file")
    [ -n "$before" ] && [ "$((now * 100))" -le "$((before * 105))" ] || status=1
    printf '%-20s %12s, in the file %12s\n' "$what" "$now" "${before:-nothing}"
done <"$work/counts"
[ "$status" -eq 0 ] || echo "over 5 % more: make it cheaper, or write the file anew (--write) and say why"
exit "$status"
