# shellcheck shell=sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Stands before what runs inside the booted machine whose packages live.

# A meter of our own, reached through a link as the kernel's are; only root may read it.
mount -t tmpfs -o mode=755 tmpfs /sys/class
zone=/sys/class/machine/intel-rapl:0
mkdir -p /sys/class/hwmon /sys/class/powercap "$zone"
ln -s ../machine/intel-rapl:0 /sys/class/powercap/intel-rapl:0
echo package-0 >"$zone/name"
echo 262143328850 >"$zone/max_energy_range_uj"
echo 205000000 >"$zone/constraint_0_max_power_uw"
printf '%013d\n' 0 >"$zone/energy_uj"
chmod 0400 "$zone/energy_uj"

stat_of() { stat -c '%U %G %a' "$1"; }
pid() { systemctl show -p MainPID --value greend; }
scrape() {
    bash -c 'exec 3<>/dev/tcp/127.0.0.1/9841 && printf "GET /metrics HTTP/1.0\r\n\r\n" >&3 && cat <&3' 2>/dev/null
}
# Waits until a scrape answers with a measurement.
measuring() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        scrape | grep -q '^greend_energy_joules_total{domain="package-0"' && return 0
        sleep 0.5
    done
    journalctl -u greend -u greend.socket --no-pager | tail -n 40
    return 1
}
is_other_than() { [ "$(pid)" != "$1" ] && [ "$(systemctl is-active greend.service)" = active ]; }
says() { journalctl -u greend --no-pager | grep -i "$1"; }
stored() { sqlite3 -readonly /var/lib/greend/greend.db 'SELECT coalesce(sum(energy_uj), 0) FROM day_energy'; }

# What the unit bounds, as systemd has it.
limited() {
    systemctl show greend.service -p Type -p WatchdogUSec -p MemoryMax -p TasksMax -p RuntimeDirectoryPreserve |
        sort >/tmp/limits
    printf '%s\n' MemoryMax=134217728 RuntimeDirectoryPreserve=yes TasksMax=16 Type=notify WatchdogUSec=1min |
        diff /tmp/limits -
    [ "$(ps -o ni= -p "$(pid)" | tr -d ' ')" = 5 ]
}

# The meter turns until meter_stops; then all that went through it is in /mnt/e2e/truth.
meter_turns() {
    perl /mnt/e2e/meter.pl "$zone/energy_uj" /mnt/e2e/truth &
    meter=$!
}
meter_stops() {
    kill "$meter"
    wait "$meter"
}

# A member of the group reads reports; somebody else is told why not.
people() {
    useradd -G greend-read reader
    sleep 3
    runuser -u reader -- greend-ctl report
    if runuser -u nobody -- greend-ctl report 2>/tmp/refused; then
        return 1
    fi
    cat /tmp/refused
    grep -q 'greend-read' /tmp/refused
}

no_joule_lost() {
    meter_stops
    sleep 2
    systemctl stop greend
    [ "$(stored)" = "$(cat /mnt/e2e/truth)" ]
    systemctl start greend
}
