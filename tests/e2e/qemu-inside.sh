# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
# shellcheck shell=sh
#
# Runs inside the emulated machine, booted as Debian boots: sh -eux qemu-inside.sh.
# shellcheck source=tests/e2e/qemu-common.sh
. /mnt/qemu-common.sh
rapl=/sys/class/powercap/intel-rapl:0/energy_uj
dropin=/etc/systemd/system/greend.service.d

# ---- The whole of systemd, cgroup v2 alone, AppArmor in force ----
[ "$(systemctl show -p Version --value | cut -d. -f1)" -ge 252 ]
[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]
[ ! -e /sys/fs/cgroup/unified ]
[ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ]
aa-enabled

# ---- Sensors of the kernel's own drivers ----
modprobe acpi_power_meter
modprobe -a i2c-dev lm75
modprobe i2c-stub chip_addr=0x48
bus=$(i2cdetect -l | sed -n 's/^i2c-\([0-9]*\).*[Ss][Mm][Bb]us stub.*/\1/p')
i2cset -y "$bus" 0x48 0 0x0019 w # 25 degrees
echo lm75 0x48 >"/sys/bus/i2c/devices/i2c-$bus/new_device"
sensors
sensors | grep -q '+25.0'
sensors | grep -q 'power1: *150.00 W'

# ---- A person installs it with apt and asks a minute later: nothing is configured ----
apt-get install -y /mnt/greend.deb </dev/null
installed=$(cut -d. -f1 /proc/uptime)
systemctl is-active greend.service
systemctl is-active greend.socket
systemctl is-enabled greend.service
sleep 60
greend-ctl report
asked=$(cut -d. -f1 /proc/uptime)
greend-ctl report --by domain
greend-ctl report --by domain --format csv >/tmp/domain.csv
grep '^item,.*,platform,acpi,.*,measured,' /tmp/domain.csv
# 150 W since then, less what is not written yet: the history is written after 5 s, and then once a minute.
awk -F, -v most=$((asked - installed + 5)) '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
    $column["domain"] == "platform" { joules = $column["energy_joules"] }
    END { print "platform:", joules, "J in at most", most, "s"; exit !(joules > 150 * 2 && joules < 150 * most) }' /tmp/domain.csv
greend-ctl report --by unit | grep -a 'greend.service'
greend-ctl status || true
grep -q '^CapEff:[[:space:]]*0*$' "/proc/$(pid)/status"
[ "$(readlink "/proc/$(pid)/ns/net")" != "$(readlink /proc/self/ns/net)" ]
# What the unit bounds is in force.
[ "$(cat /sys/fs/cgroup/system.slice/greend.service/memory.max)" = 134217728 ]
[ "$(cat /sys/fs/cgroup/system.slice/greend.service/pids.max)" = 16 ]
[ "$(ps -o ni= -p "$(pid)" | tr -d ' ')" = 5 ]

# ---- What the sensors say ----
mkdir -p /etc/greend/greend.conf.d
printf '[store]\nflush=2s\n' >/etc/greend/greend.conf.d/test.conf
restarted
shows '^greend_sensor_celsius{chip="lm75-i2c-.*} 25$'
shows '^greend_sensor_watts{chip="power_meter-acpi-0",.*} 150$'
shows '^greend_power_watts{domain="platform",source="acpi"} 150$'
shows '^greend_workload_energy_joules_total{unit="greend.service",command="greend",'
status
grep -a 'hwmon platform + working' /tmp/status
grep -a 'hwmon lm75-i2c-.* + working' /tmp/status
greend-ctl status --format json | grep -a '"why": "cgroup v2, cpu.stat"'
# Another temperature, as the driver reads it.
i2cset -f -y "$bus" 0x48 0 0x0028 w # 40 degrees
shows '^greend_sensor_celsius{chip="lm75-i2c-.*} 40$'

# ---- doctor: no fault, nothing estimated; status says what the drop-in would add ----
doctor
if grep -a 'ESTIMATES' /tmp/doctor; then
    exit 1
fi
grep -a 'To mend it: install taskstats.conf' /tmp/status

# ---- Units by cgroup v2: who waits for children and who does not, without records of exits ----
units_without_exits

# ---- taskstats.conf: records of exits arrive under systemd ----
install -D -m 644 /usr/share/greend/taskstats.conf $dropin/taskstats.conf
restarted
shows '^greend_collector_item_success{collector="process",item="exits"} 1'
grep -q '^CapEff:[[:space:]]*0000000000001000$' "/proc/$(pid)/status"
[ "$(readlink "/proc/$(pid)/ns/net")" = "$(readlink /proc/self/ns/net)" ]
doctor
if grep -a taskstats.conf /tmp/doctor; then
    exit 1
fi
storm rewaiting 1
storm reignoring 0
shares rewaiting
[ "$own" -ge 80 ]
shares reignoring
[ "$own" -ge 80 ]
[ "$ended" -le 15 ]
# In a network namespace of its own none would arrive: greend finds that out, and says it.
sed -i 's/^PrivateNetwork=.*/PrivateNetwork=yes/' $dropin/taskstats.conf
restarted
status
grep -a "process exits: the kernel tells of exits only in the host's network namespace" /tmp/status
rm $dropin/taskstats.conf

# ---- hidepid=2: all processes are seen, with the drop-in and without ----
mount -o remount,hidepid=2 /proc
if setpriv --reuid=nobody --regid=nogroup --clear-groups test -d /proc/1; then
    exit 1
fi
for way in without with; do
    [ "$way" = without ] || install -D -m 644 /usr/share/greend/hidepid.conf $dropin/hidepid.conf
    restarted
    grep ' /proc ' "/proc/$(pid)/mounts"
    systemd-run -q --unit="hidden-$way" --uid=nobody perl -e '1 while 1'
    sleep 15
    systemctl stop "hidden-$way"
    sleep 5
    [ "$(told "hidden-$way" perl)" -gt 5000000 ]
done
grep -q '^CapEff:[[:space:]]*0000000000080000$' "/proc/$(pid)/status"
rm $dropin/hidepid.conf
mount -o remount,hidepid=0 /proc
restarted

# ---- A meter that comes later: udev lets group greend read it, greend finds it; else it is root's alone ----
[ ! -e $rapl ]
mkdir -p /etc/udev/rules.d
ln -s /dev/null /etc/udev/rules.d/60-greend.rules
udevadm control --reload
insmod /mnt/fake_rapl.ko
udevadm settle
[ "$(stat_of $rapl)" = 'root root 400' ]
rmmod fake_rapl
rm /etc/udev/rules.d/60-greend.rules
udevadm control --reload
insmod /mnt/fake_rapl.ko
udevadm settle
[ "$(stat_of $rapl)" = 'root greend 440' ]
shows '^greend_energy_joules_total{domain="package-0",source="rapl"}\|^greend_overlapping_energy_joules_total{domain="package-0",source="rapl"}' 300
shows '^greend_power_watts{domain="package-0",source="rapl"} \(49\|50\|51\)\(\.[0-9]*\)\?$'

# ---- What AppArmor and the log say of all that ----
grep -aqx unconfined "/proc/$(pid)/attr/current"
if journalctl --no-pager | grep -a 'apparmor="DENIED"'; then
    exit 1
fi
systemd-analyze security greend.service --no-pager | tail -n 1
journalctl -u greend --no-pager | tail -n 60
if journalctl -u greend --no-pager | grep -aiE 'watchdog|core-dump|segfault'; then
    exit 1
fi

# ---- Removed and purged by apt: the meter is root's again, the history is put away ----
apt-get remove -y greend </dev/null
[ "$(stat_of $rapl)" = 'root root 400' ]
[ -e /var/lib/greend/greend.db ]
apt-get purge -y greend </dev/null
[ ! -e /var/lib/greend ]
[ "$(sqlite3 -readonly /var/backups/greend-*/greend.db 'PRAGMA integrity_check')" = ok ]
