# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
# shellcheck shell=sh
#
# Runs inside the emulated machine, booted with cgroup v1 alone, without IPv6, in FIPS mode and without any
# meter: sh -eux qemu-legacy.sh.
# shellcheck source=tests/e2e/qemu-common.sh
. /mnt/qemu-common.sh
# shellcheck source=tests/e2e/web-inside.sh
. /mnt/web-inside.sh

[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ]
if grep cgroup2 /proc/mounts; then
    exit 1
fi
[ ! -e /proc/net/if_inet6 ]
[ "$(cat /proc/sys/crypto/fips_enabled)" = 1 ]

# ---- Installed: estimated, scraped over IPv4, services told apart ----
mkdir -p /etc/greend/greend.conf.d
printf '[store]\nflush=2s\n' >/etc/greend/greend.conf.d/test.conf
# Not by apt: that of Debian 12 wants MD5, and dies where the kernel is in FIPS mode.
dpkg -i /mnt/greend.deb </dev/null
systemctl is-active greend.service
shows '^greend_power_watts{domain="platform",source="model"}'
if grep -a '^greend_power_watts' /tmp/scrape | grep -v 'source="model"'; then
    exit 1
fi
greend-ctl status || true
greend-ctl status --format json | grep -a '"why": "cgroup v1, cpuacct.usage"'
doctor
grep -aq 'control groups are of version 1' /tmp/doctor

# ---- Units by cgroup v1 ----
units_without_exits

# ---- TLS and a password, by libraries that see the FIPS mode ----
web_file /mnt
systemctl restart greend
serves
rm /etc/greend/greend.conf.d/web.conf
restarted

# ---- A listener on ::1, where there is no IPv6: measured all the same, and told ----
mkdir -p /etc/systemd/system/greend.socket.d
printf '[Socket]\nListenStream=\nListenStream=[::1]:9841\n' >/etc/systemd/system/greend.socket.d/six.conf
systemctl daemon-reload
systemctl stop greend
systemctl start greend
[ "$(systemctl is-active greend.service)" = active ]
[ "$(systemctl is-active greend.socket)" != active ]
sleep 10
status
grep -a 'greend is running' /tmp/status
journalctl -u greend --no-pager | tail -n 30
journalctl -u greend --no-pager | grep -q 'systemctl status greend.socket'
doctor
grep -a 'Prometheus sees nothing' /tmp/doctor
rm -r /etc/systemd/system/greend.socket.d
restarted
