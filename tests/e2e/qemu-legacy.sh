# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
# shellcheck shell=sh
#
# Runs inside the emulated machine, booted with cgroup v1 alone, without IPv6, in FIPS mode and without any
# meter: sh -eux qemu-legacy.sh.
# shellcheck source=tests/e2e/qemu-common.sh
. /mnt/qemu-common.sh

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
storm waiting 1
storm ignoring 0
shares waiting
[ "$all" -ge 85 ] && [ "$all" -le 103 ] && [ "$own" -ge 80 ]
shares ignoring
[ "$all" -ge 85 ] && [ "$all" -le 103 ] && [ "$ended" -ge 60 ]

# ---- TLS and a password, by libraries that see the FIPS mode ----
asked() {
    curl -s -m 60 -o /dev/null -w '%{http_code}' --cacert /mnt/tls.crt -u "prometheus:$1" https://127.0.0.1:9841/metrics || true
}
install -m 0644 /mnt/tls.crt /etc/greend/tls.crt
install -g greend -m 0640 /mnt/tls.key /etc/greend/tls.key
install -g greend -m 0640 /dev/null /etc/greend/web.yml
cat >/etc/greend/web.yml <<'END'
tls_server_config:
  cert_file: tls.crt
  key_file: tls.key
basic_auth_users:
  prometheus: $2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u
END
printf '[http]\nweb_file=/etc/greend/web.yml\n' >/etc/greend/greend.conf.d/web.conf
systemctl restart greend
for _ in $(seq 60); do
    [ "$(asked secret)" != 200 ] || break
    sleep 1
done
[ "$(asked secret)" = 200 ]
[ "$(asked wrong)" = 401 ]
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
