# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
# shellcheck shell=sh
#
# Runs inside the booted machine, behind life-common.sh: sh -eux run.sh.
# shellcheck disable=SC2154 # zone is set there
export DEBIAN_FRONTEND=noninteractive

# udev understands the rule, which makes late meters readable. No device appears in a container.
install -d /tmp/rule && dpkg-deb -x /mnt/e2e/greend.deb /tmp/rule
cp /tmp/rule/lib/udev/rules.d/60-greend.rules /run/udev/rules.d/ 2>/dev/null ||
    install -D -t /run/udev/rules.d /tmp/rule/lib/udev/rules.d/60-greend.rules
udevadm test /sys/class/mem/null >/tmp/udev 2>&1 || true
grep -q '60-greend.rules' /tmp/udev
if grep -i '60-greend.rules.*\(invalid\|unknown\|failed\|ignor\)' /tmp/udev; then
    exit 1
fi
rm /run/udev/rules.d/60-greend.rules

# ---- Installed: it runs, and asks nothing ----
mkdir -p /etc/greend/greend.conf.d
printf '[store]\nflush=2s\n[model]\nrest=off\n' >/etc/greend/greend.conf.d/test.conf
dpkg -i /mnt/e2e/older.deb </dev/null
systemctl is-active greend.service
systemctl is-active greend.socket
systemctl is-enabled greend.service
measuring
[ "$(stat_of "$zone/energy_uj")" = 'root greend 440' ]
[ "$(stat_of /var/lib/greend/greend.db)" = 'greend greend-read 640' ]
[ "$(stat_of /run/greend/ring)" = 'greend greend-read 640' ]
grep -q '^CapEff:[[:space:]]*0*$' "/proc/$(pid)/status"
[ "$(ps -o user= -p "$(pid)")" = greend ]
[ "$(readlink "/proc/$(pid)/ns/net")" != "$(readlink /proc/self/ns/net)" ]
greend --check-config

limited
meter_turns

# ---- People ----
people
# In nspawn the boot id is a mount that the daemon's sandbox does not show it, so status calls it not running.
runuser -u reader -- greend-ctl status >/tmp/status || true
grep -a package-0 /tmp/status | grep -aq working

# ---- Killed, reloaded ----
before=$(pid)
kill -KILL "$before"
eventually is_other_than "$before"
systemctl is-active greend.socket
measuring
before=$(pid)
echo '[log]
level=debug' >/etc/greend/greend.conf.d/level.conf
systemctl reload greend
eventually says 'configuration read again'
[ "$(pid)" = "$before" ]
rm /etc/greend/greend.conf.d/level.conf
measuring

# ---- Upgraded: the history and what the operator wrote are kept ----
echo '# mine' >>/etc/greend/greend.conf
kept=$(stored)
[ "$kept" -gt 0 ]
dpkg -i /mnt/e2e/greend.deb </dev/null
systemctl is-active greend.service
systemctl is-active greend.socket
[ "$(pid)" != "$before" ]
measuring
[ "$(stored)" -ge "$kept" ]
tail -n 1 /etc/greend/greend.conf | grep -qx '# mine'

# ---- Stopped is stopped: a scrape does not start it again ----
systemctl stop greend
if scrape; then
    exit 1
fi
sleep 1
[ "$(systemctl is-active greend.service)" = inactive ]

# ---- A history of a newer greend: not touched, told ----
sqlite3 /var/lib/greend/greend.db 'PRAGMA user_version' >/tmp/schema
sqlite3 /var/lib/greend/greend.db 'PRAGMA user_version = 99'
if dpkg -i /mnt/e2e/older.deb </dev/null 2>/tmp/refusal; then
    exit 1
fi
cat /tmp/refusal
grep -q 'written by a newer greend (schema 99, this version knows up to' /tmp/refusal
[ "$(dpkg-query -W -f '${db:Status-Status}' greend)" = installed ]
[ "$(dpkg-query -W -f '${Version}' greend)" != 0.0.9 ]
# dpkg starts the one that stays: it measures, and leaves the history alone.
measuring
[ "$(sqlite3 -readonly /var/lib/greend/greend.db 'PRAGMA user_version')" = 99 ]
journalctl -u greend --no-pager | grep 'a newer greend wrote it'
systemctl stop greend
sqlite3 /var/lib/greend/greend.db "PRAGMA user_version = $(cat /tmp/schema)"

# ---- The port is taken: measured all the same, and told ----
perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:9841", Listen => 1, ReuseAddr => 1) or die; sleep 60' &
thief=$!
sleep 0.5
systemctl start greend
systemctl is-active greend.service
[ "$(systemctl is-active greend.socket)" = failed ]
journalctl -u greend --no-pager | grep -q 'systemctl status greend.socket'
kill "$thief"
wait "$thief" || true
systemctl restart greend
measuring

# ---- Hanging: the watchdog ends it, and it is started again ----
mkdir -p /etc/systemd/system/greend.service.d
printf '[Service]\nWatchdogSec=2s\n' >/etc/systemd/system/greend.service.d/dropin.conf
systemctl daemon-reload
systemctl restart greend
measuring
before=$(pid)
kill -STOP "$before"
eventually is_other_than "$before"
measuring

# ---- Drop-ins: each gives its own right and no other ----
for dropin in hidepid:0000000000080000 taskstats:0000000000001000; do
    install -D -m 644 "/usr/share/greend/${dropin%:*}.conf" /etc/systemd/system/greend.service.d/dropin.conf
    systemctl daemon-reload
    systemctl restart greend
    grep -q "^CapEff:[[:space:]]*${dropin#*:}\$" "/proc/$(pid)/status"
    measuring
done

rm -r /etc/systemd/system/greend.service.d
systemctl daemon-reload

# ---- hidepid=: systemd gives the sandbox a /proc of its own, so greend sees all without a drop-in ----
mount -o remount,hidepid=invisible /proc
if runuser -u nobody -- test -d /proc/1; then
    exit 1
fi
systemctl restart greend
systemd-run -q --unit=seen perl -e '1 while 1'
sleep 5
greend-ctl report --format csv --top 1000 | grep 'seen\.service.*perl'
systemctl stop seen
mount -o remount,hidepid=off /proc
systemctl restart greend
measuring

# ---- Through all of that no joule was lost ----
no_joule_lost

# ---- Removed: the history stays ----
kept=$(stored)
dpkg -r greend
[ ! -e /usr/bin/greend ]
[ "$(systemctl is-active greend.service)" != active ]
[ "$(systemctl is-active greend.socket)" != active ]
[ "$(stored)" = "$kept" ]
[ -e /etc/greend/greend.conf ]
[ "$(stat_of "$zone/energy_uj")" = 'root root 400' ]

# ---- Purged: the history is put away ----
rm -r /etc/greend/greend.conf.d
dpkg -P greend 2>/tmp/purge
grep 'history is kept in /var/backups/greend-' /tmp/purge
[ ! -e /var/lib/greend ]
[ ! -e /run/greend ]
[ ! -e /etc/greend ]
[ "$(stat_of /var/backups/greend-*)" = 'root root 700' ]
[ "$(sqlite3 -readonly /var/backups/greend-*/greend.db 'SELECT sum(energy_uj) FROM day_energy')" = "$kept" ]

# ---- Installed anew, and purged where the history finds no room ----
dpkg -i /mnt/e2e/greend.deb </dev/null
measuring
mount -t tmpfs -o size=4k tmpfs /var/backups
dpkg -P greend 2>/tmp/purge
grep 'stays there' /tmp/purge
sqlite3 -readonly /var/lib/greend/greend.db 'PRAGMA integrity_check' | grep -qx ok

# ---- Hardship: installed where the disk is full. It measures, and writes when there is room ----
umount /var/backups
rm -rf /var/lib/greend
mkdir -p /var/lib/greend /etc/greend/greend.conf.d
printf '[store]\nflush=2s\n[model]\nrest=off\n' >/etc/greend/greend.conf.d/test.conf
printf '%013d\n' 0 >"$zone/energy_uj"
mount -t tmpfs -o size=32k,mode=0755 tmpfs /var/lib/greend
head -c 32768 /dev/zero >/var/lib/greend/filler
dpkg -i /mnt/e2e/greend.deb </dev/null
systemctl is-active greend.service
measuring
meter_turns
sleep 4
eventually says 'no space left'
rm /var/lib/greend/filler
mount -o remount,size=16m /var/lib/greend
meter_stops
is_whole() { [ "$(stored)" = "$(cat /mnt/e2e/truth)" ]; }
eventually is_whole

# ---- /var is read-only: it starts all the same, and says so ----
systemctl stop greend
kept=$(stored)
mount -o remount,ro /var/lib/greend
systemctl start greend
measuring
journalctl -u greend --no-pager -n 20 | grep -i 'read-only'
mount -o remount,rw /var/lib/greend
sleep 5
[ "$(stored)" -ge "$kept" ]

# ---- No /sys/class/powercap: estimated, and never called measured ----
systemctl stop greend
mv /sys/class/powercap /sys/class/none
systemctl start greend
for _ in $(seq 90); do
    scrape | grep '^greend_power_watts' >/tmp/watts && break
    sleep 1
done
grep -q 'source="model"' /tmp/watts
if grep -v 'source="model"' /tmp/watts; then
    exit 1
fi
mv /sys/class/none /sys/class/powercap
