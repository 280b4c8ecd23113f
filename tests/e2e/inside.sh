# shellcheck shell=sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Stands before what runs inside the booted machine.

# eventually COMMAND...: waits until it is true, at most half a minute: machines are slow at times.
eventually() {
    for _ in $(seq 60); do
        "$@" && return 0
        sleep 0.5
    done
    return 1
}

# What greend and its manager said, where something failed.
tell() {
    [ "$1" -eq 0 ] || journalctl -b --no-pager -o short-precise | grep -E 'greend|systemd\[1\]' | tail -n 60
}
trap 'tell $?' EXIT
