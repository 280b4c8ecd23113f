# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
# shellcheck shell=sh
#
# Runs inside the booted machine: sh -eux run.sh.

# A meter of our own: only /sys/class is replaced, so that /sys is still what libsensors accepts.
mount -t tmpfs -o mode=755 tmpfs /sys/class
zone=/sys/class/powercap/intel-rapl:0
mkdir -p /sys/class/hwmon "$zone"
echo package-0 >"$zone/name"
echo 262143328850 >"$zone/max_energy_range_uj"
echo 205000000 >"$zone/constraint_0_max_power_uw"
printf '%013d\n' 0 >"$zone/energy_uj"

systemd-sysusers
chgrp greend "$zone/energy_uj"
chmod 0440 "$zone/energy_uj"
mkdir -p /etc/greend
printf '[store]\nflush=2s\n[model]\nrest=off\n' >/etc/greend/greend.conf

systemctl daemon-reload
systemctl start greend
systemctl is-active greend
sleep 3
perl /mnt/e2e/meter.pl "$zone/energy_uj" /mnt/e2e/truth &
meter=$!
ring=$(stat -c %i /run/greend/ring)
sleep 4

# Killed three times: systemd starts it again, and the ring is the same one.
restarted() { [ "$(systemctl show -p NRestarts --value greend)" -ge "$1" ] && systemctl is-active greend; }
for round in 1 2 3; do
    kill -KILL "$(systemctl show -p MainPID --value greend)"
    sleep 3.3
    eventually restarted "$round"
    [ "$(stat -c %i /run/greend/ring)" = "$ring" ]
done
systemctl restart greend
[ "$(stat -c %i /run/greend/ring)" = "$ring" ]
systemctl reload greend
sleep 2
systemctl is-active greend

# Modes: the database and the ring are for the group of readers, the daemon is not root.
[ "$(stat -c '%U %G %a' /var/lib/greend)" = 'greend greend-read 750' ]
[ "$(stat -c '%U %G %a' /var/lib/greend/greend.db)" = 'greend greend-read 640' ]
[ "$(stat -c '%U %G %a' /run/greend/ring)" = 'greend greend-read 640' ]
[ "$(ps -o user= -p "$(systemctl show -p MainPID --value greend)")" = greend ]

# A member of the group reads while the daemon runs; others do not.
useradd -G greend-read reader
runuser -u reader -- greend-ctl report
runuser -u reader -- greend-ctl status || true
if runuser -u nobody -- greend-ctl report; then
    exit 1
fi

# French, though the machine has no locale but C.UTF-8; JSON is the same in every language.
if locale -a | grep -i '^fr'; then
    exit 1
fi
runuser -u reader -- env LANG=fr_FR.UTF-8 greend-ctl report | grep -a 'Énergie.*au repos'
runuser -u reader -- env -i PATH="$PATH" greend-ctl report --lang=fr | grep -a 'Énergie.*au repos'
runuser -u reader -- env LANG=fr_FR.UTF-8 greend-ctl report --lang=en | grep 'Energy.*idle'
runuser -u reader -- env LANG=fr_FR.UTF-8 greend-ctl report --format=json | grep '"energy_joules": [0-9.]*,'
LANG=fr_FR.UTF-8 greend --help | grep -a '^Usage.*: greend'

# TLS and a password on the socket of greend.socket, within the unit's restrictions: the key is readable by
# group greend, then root's alone and handed over by systemd.
web_file /mnt/e2e
runuser -u greend -- greend --check-config
systemctl reload greend
serves
chown root:root /etc/greend/tls.key
chmod 0600 /etc/greend/tls.key
sed -i 's|key_file: .*|key_file: /run/credentials/greend.service/tls.key|' /etc/greend/web.yml
mkdir -p /etc/systemd/system/greend.service.d
printf '[Service]\nLoadCredential=tls.key:/etc/greend/tls.key\n' >/etc/systemd/system/greend.service.d/key.conf
systemctl daemon-reload
systemctl restart greend
serves

kill "$meter"
wait "$meter"
sleep 2
systemctl stop greend
journalctl -u greend --no-pager | tail -n 40
truth=$(cat /mnt/e2e/truth)
stored=$(sqlite3 -readonly /var/lib/greend/greend.db "SELECT sum(energy_uj) FROM day_energy")
echo "meter $truth uJ, database $stored uJ"
[ "$truth" = "$stored" ]
