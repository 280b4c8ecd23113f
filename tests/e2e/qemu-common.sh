# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
# shellcheck shell=sh
#
# What the scripts that run inside the emulated machine share. Emulation is slow: nothing here counts on a second.
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

pid() { systemctl show -p MainPID --value greend; }
stat_of() { stat -L -c '%U %G %a' "$1"; }
scrape() {
    bash -c 'exec 3<>/dev/tcp/127.0.0.1/9841 && printf "GET /metrics HTTP/1.0\r\n\r\n" >&3 && cat <&3' 2>/dev/null
}

# shows PATTERN [SECONDS]: waits until a scrape has such a line.
shows() {
    for _ in $(seq "${2:-180}"); do
        scrape >/tmp/scrape || true
        grep -a "$1" /tmp/scrape && return 0
        sleep 1
    done
    tail -n 300 /tmp/scrape
    greend-ctl status || true
    journalctl -u greend -u greend.socket --no-pager | tail -n 30
    return 1
}

# restarted: greend, anew, until it measures.
restarted() {
    systemctl daemon-reload
    systemctl restart greend
    shows '^greend_power_watts{'
}

# status: shows what it says; in one line, in /tmp/status.
status() {
    greend-ctl status >/tmp/status.lines || true
    cat /tmp/status.lines
    tr -s '[:space:]' ' ' </tmp/status.lines >/tmp/status
}

# doctor: the same, in /tmp/doctor. No fault may be among it.
doctor() {
    greend-ctl doctor >/tmp/doctor.lines || true
    cat /tmp/doctor.lines
    tr -s '[:space:]' ' ' </tmp/doctor.lines >/tmp/doctor
    if grep -a ' FAULT ' /tmp/doctor; then
        return 1
    fi
}

# cpu_used UNIT: microseconds that the kernel's own counter of its control group says.
cpu_used() {
    if [ -e "/sys/fs/cgroup/system.slice/$1/cpu.stat" ]; then
        sed -n 's/^usage_usec //p' "/sys/fs/cgroup/system.slice/$1/cpu.stat"
    else
        echo $(($(cat "/sys/fs/cgroup/cpuacct/system.slice/$1/cpuacct.usage") / 1000))
    fi
}

# storm NAME WAITING: a unit that forks 100 children of 30 ms each and waits for them (1), or ignores their
# SIGCHLD (0). The kernel's counter of it goes to /tmp/used.NAME, in microseconds.
storm() {
    # shellcheck disable=SC2016 # perl's own
    systemd-run -q --unit="$1" -p CPUAccounting=yes perl -e 'my $waits = shift; $SIG{CHLD} = "IGNORE" unless $waits;
        select(undef, undef, undef, 4);
        for (1 .. 100) {
            my $child = fork;
            if (!$child) { my $end = (times)[0] + 0.03; 1 while (times)[0] < $end; exit }
            if ($waits) { waitpid($child, 0) } else { select(undef, undef, undef, 0.08) }
        }
        open(my $file, ">", shift); close $file; sleep 3600' "$2" "/run/storm-$1"
    for _ in $(seq 600); do
        [ ! -e "/run/storm-$1" ] || break
        sleep 1
    done
    sleep 12
    cpu_used "$1.service" >"/tmp/used.$1"
    sleep 12
    systemctl stop "$1"
}

# told NAME [COMMAND]: microseconds of CPU that the report gives the unit, or one command of it.
told() {
    greend-ctl report --since -3h --by workload --top 2000 --format csv >/tmp/report.csv
    awk -F, -v unit="$1.service" -v command="${2:-}" '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        $column["unit"] == unit && (command == "" || $column["command"] == command) { sum += $column["cpu_seconds"] }
        END { printf "%d\n", sum * 1e6 }' /tmp/report.csv
}

# shares NAME: what is told of a storm in percent of what the kernel counted: all, its parent's command ($own), the
# ended ($ended). Nearly all of it must be. Each comparison is a command of its own: sh -e does not end for the first of
# two that && joins.
shares() {
    used=$(cat "/tmp/used.$1")
    all=$(($(told "$1") * 100 / used))
    own=$(($(told "$1" perl) * 100 / used))
    ended=$(($(told "$1" 'ended processes') * 100 / used))
    echo "share: $1: the kernel counted $used us; told of the unit $all %, as perl $own %, as ended processes $ended %"
    [ "$all" -ge 85 ]
    [ "$all" -le 103 ]
}

# Units without records of exits: who waits for children, and who does not.
units_without_exits() {
    storm waiting 1
    storm ignoring 0
    shares waiting
    [ "$own" -ge 80 ]
    shares ignoring
    [ "$ended" -ge 60 ]
}
