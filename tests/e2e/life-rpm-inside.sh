# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
# shellcheck shell=sh
#
# Runs inside the booted machine, behind life-common.sh: sh -eux run.sh.
# shellcheck disable=SC2154 # zone is set there

# ---- Installed: what the machine's preset says of services is done, here nothing; then it is started ----
mkdir -p /etc/greend/greend.conf.d
printf '[store]\nflush=2s\n[model]\nrest=off\n' >/etc/greend/greend.conf.d/test.conf
rpm -ivh --nodeps /mnt/e2e/greend.rpm </dev/null
systemctl enable --now greend.service
systemctl is-active greend.socket
measuring
[ "$(stat_of "$zone/energy_uj")" = 'root greend 440' ]
[ "$(stat_of /var/lib/greend/greend.db)" = 'greend greend-read 640' ]
[ "$(stat_of /run/greend/ring)" = 'greend greend-read 640' ]
grep -q '^CapEff:[[:space:]]*0*$' "/proc/$(pid)/status"
[ "$(ps -o user= -p "$(pid)")" = greend ]
greend --check-config
# Modes of meters and of its folders are set by tmpfiles and at run time.
rpm -V --nodeps greend

limited
meter_turns

# ---- People ----
people

# ---- Killed, reloaded ----
before=$(pid)
kill -KILL "$before"
eventually is_other_than "$before"
measuring
before=$(pid)
systemctl reload greend
eventually says 'configuration read again'
[ "$(pid)" = "$before" ]
measuring

# ---- Upgraded: the history and what the operator wrote are kept, and it is started anew ----
echo '# mine' >>/etc/greend/greend.conf
kept=$(stored)
[ "$kept" -gt 0 ]
rpm -Uvh --nodeps --replacepkgs /mnt/e2e/greend.rpm </dev/null
eventually is_other_than "$before"
systemctl is-active greend.socket
systemctl is-enabled greend.service
measuring
[ "$(stored)" -ge "$kept" ]
tail -n 1 /etc/greend/greend.conf | grep -qx '# mine'
[ "$(stat_of "$zone/energy_uj")" = 'root greend 440' ]

# ---- A history of a newer greend: not touched, told ----
systemctl stop greend
sqlite3 /var/lib/greend/greend.db 'PRAGMA user_version' >/tmp/schema
sqlite3 /var/lib/greend/greend.db 'PRAGMA user_version = 99'
if rpm -Uvh --nodeps --replacepkgs /mnt/e2e/greend.rpm </dev/null >/tmp/refusal 2>&1; then
    exit 1
fi
cat /tmp/refusal
grep -q 'written by a newer greend (schema 99, this version knows up to' /tmp/refusal
rpm -q greend
[ "$(sqlite3 -readonly /var/lib/greend/greend.db 'PRAGMA user_version')" = 99 ]
sqlite3 /var/lib/greend/greend.db "PRAGMA user_version = $(cat /tmp/schema)"
systemctl start greend
measuring

# ---- Through all of that no joule was lost ----
no_joule_lost
measuring

# ---- Removed: the history stays, and what the operator wrote ----
kept=$(stored)
rpm -e greend
[ ! -e /usr/bin/greend ]
[ "$(systemctl is-active greend.service)" != active ]
[ "$(systemctl is-active greend.socket)" != active ]
[ "$(stored)" = "$kept" ]
[ -e /etc/greend/greend.conf.rpmsave ]
[ "$(stat_of "$zone/energy_uj")" = 'root root 400' ]
