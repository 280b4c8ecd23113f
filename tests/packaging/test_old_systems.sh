#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# RHEL 9 has glibc 2.34, SQLite 3.34 and libsensors.so.4: the programs ask for no function that is newer, and no SQL
# either.
#
#   test_old_systems.sh SOURCE_FOLDER GREEND GREEND_CTL
set -eu
source=$1
shift
command -v objdump >/dev/null || {
    echo "objdump is not installed"
    exit 77
}
failed=0

# "NAME VERSION" of what a program wants of glibc.
wanted_of_glibc() {
    objdump -T "$1" | sed -n 's/.*\*UND\*.*GLIBC_\([0-9.]*\))\{0,1\} *\([^ ]*\)$/\2 \1/p'
}

# Functions and SQL that came after SQLite 3.34.0.
functions='sqlite3_(changes64|total_changes64|autovacuum_pages|error_offset|vtab_(rhs_value|in|in_first|in_next|distinct)|db_name|value_encoding|is_interrupted|stmt_explain|(get|set)_clientdata|setlk_timeout|db_status64|carray_bind)'
# All that libsensors.so.4 has (lm-sensors 3.4.0).
sensors='libsensors_version|sensors_(init|cleanup|parse_chip_name|free_chip_name|snprintf_chip_name|get_adapter_name|get_label|get_value|set_value|do_chip_sets|get_detected_chips|get_features|get_all_subfeatures|get_subfeature|strerror|parse_error|parse_error_wfn|fatal_error)'
sql='\b(RETURNING|DROP COLUMN|STRICT|unixepoch *\(|AS (NOT )?MATERIALIZED|RIGHT JOIN|FULL (OUTER )?JOIN|IS (NOT )?DISTINCT FROM|sign *\(|floor *\(|ceil *\(|string_agg|concat(_ws)? *\(|timediff|octet_length|jsonb?_[a-z]+ *\()|ON CONFLICT DO UPDATE|->>'

for program in "$@"; do
    wanted=$(wanted_of_glibc "$program")
    [ -n "$wanted" ] || {
        echo "$program: objdump shows nothing of glibc"
        exit 1
    }
    # __isoc23_*: glibc 2.38's headers put these in the place of strtoul() and the like; built there they are
    # new, built on the older system they are not asked for.
    newer=$(echo "$wanted" | awk '$1 !~ /^__isoc23_/ { split($2, part, "."); if (part[2] > 34) print $1, $2 }')
    [ -z "$newer" ] || {
        echo "$program: newer than glibc 2.34: $newer"
        failed=1
    }
    newer=$(objdump -T "$program" | grep -oE "$functions" || true)
    [ -z "$newer" ] || {
        echo "$program: newer than SQLite 3.34: $newer"
        failed=1
    }
    newer=$(objdump -T "$program" | sed -n 's/.*\*UND\*.* \(\(lib\)\{0,1\}sensors_[a-z_]*\)$/\1/p' | grep -vxE "$sensors" || true)
    [ -z "$newer" ] || {
        echo "$program: not in libsensors.so.4: $newer"
        failed=1
    }
done

newer=$(grep -rnE --include='*.sql' --include='*.[ch]' "$sql" "$source/daemon/storage" "$source/tests/soak" | grep -vE '^[^:]*:[0-9]*:( \*|/\*| *//|--)' |
    grep -E "\.sql:|\"[^\"]*($sql)" || true)
[ -z "$newer" ] || {
    echo "SQL newer than 3.34:"
    echo "$newer"
    failed=1
}
newer=$(grep -rn --include='*.sql' --include='*.[ch]' 'HAVING' "$source/daemon/storage" | grep -v 'GROUP BY' || true)
[ -z "$newer" ] || {
    echo "HAVING without GROUP BY on its line came with SQLite 3.39:"
    echo "$newer"
    failed=1
}
exit $failed
