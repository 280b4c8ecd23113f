#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# groff reads the manual pages without a warning, and each has the sections that people look for.
#
#   test_man.sh SOURCE_FOLDER
set -eu
command -v groff >/dev/null || {
    echo "groff is not installed"
    exit 77
}
failed=0
for page in "$1"/packaging/man/*.[1-9]; do
    # -ww: all warnings; lines that cannot be broken are none of greend's business
    complaints=$(groff -K utf8 -man -ww -W break -z -rLL=80n "$page" 2>&1) || failed=1
    [ -z "$complaints" ] || {
        echo "$complaints"
        failed=1
    }
    name=$(basename "$page")
    groff -K utf8 -man -Tascii "$page" 2>/dev/null | grep -q "${name%.*}" || {
        echo "$page: does not show its name"
        failed=1
    }
    for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'SEE ALSO'; do
        grep -q "^\.SH $section\$" "$page" || {
            echo "$page: no section $section"
            failed=1
        }
    done
done
exit $failed
