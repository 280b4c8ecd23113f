#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Control groups that come and go by the thousand a minute, and forks as fast as the machine can: the books balance
against a meter that is kept independently of greend, nothing grows, and who works beside is given nothing of it."""

import os
import random
import re
import subprocess
import threading
import time

from kill import turn
from machine import Machine, skip
from rough import descriptors

GROUPS = 200  # in 10 s: 1,200 a minute
GROUPS_S = 10
# For three intervals of greend.
WORK = "for life in 1 2 3; do i=0; while [ $i -lt 1500 ]; do i=$((i + 1)); done; sleep 0.1; done"
STORM_S = 5
WORKERS = 2
SLICE = f"greendchurn{os.getpid()}.slice"


def hierarchies():
    """Where a group is made: where processes are named by, and where their time is counted."""
    with open("/proc/mounts", encoding="ascii", errors="replace") as file:
        mounts = [line.split() for line in file]
    roots = [mount[1] for mount in mounts if mount[2] == "cgroup2"]
    roots += [mount[1] for mount in mounts
              if mount[2] == "cgroup" and {"name=systemd", "cpuacct"} & set(mount[3].split(","))]
    roots = [root for root in roots if os.access(root, os.W_OK)]
    if not roots or os.geteuid() != 0:
        skip("needs root and control groups that may be made")
    return roots


class Unit:
    def __init__(self, roots, name):
        self.folders = [os.path.join(root, SLICE, name) for root in roots]
        for folder in self.folders:
            os.makedirs(folder)

    def work(self):
        """A child that enters it, as those of systemd do before they become what they are, works now and then for
        some intervals, and ends."""
        self.child = os.fork()
        if self.child == 0:
            try:
                for folder in self.folders:
                    with open(os.path.join(folder, "cgroup.procs"), "w", encoding="ascii") as file:
                        file.write("0")
                os.execv("/bin/sh", ["sh", "-c", WORK])
            finally:
                os._exit(1)

    def ended(self):
        """Whether it has, and its group is gone."""
        if self.child and os.waitpid(self.child, os.WNOHANG)[0]:
            self.child = 0
        if self.child:
            return False
        self.folders = [folder for folder in self.folders if not removed(folder)]
        return not self.folders


def removed(folder):
    try:
        os.rmdir(folder)
        return True
    except OSError:  # its last process is not gone altogether
        return False


def size_of(pid):
    """Open files, without the stats that are kept open, and kilobytes of memory that are its own."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        anonymous = int(re.search(r"RssAnon:\s+(\d+) kB", file.read()).group(1))
    return descriptors(pid), anonymous


def churn(roots, number, seconds):
    begin = time.monotonic()
    units = []
    for i in range(number):
        units.append(Unit(roots, f"churn-{i}.service"))
        units[-1].work()
        time.sleep(max(0.0, begin + (i + 1) * seconds / number - time.monotonic()))
        units = [unit for unit in units if not unit.ended()]
    while units:
        time.sleep(0.05)
        units = [unit for unit in units if not unit.ended()]


def test_churn(machine, roots):
    time.sleep(2)
    files, memory = size_of(machine.daemon.pid)
    churn(roots, GROUPS, GROUPS_S)
    for _ in range(20):  # sweeps of a busy machine are late
        time.sleep(0.5)
        after, grown = size_of(machine.daemon.pid)
        if after <= files + 10:
            break
    print(f"{GROUPS} groups in {GROUPS_S} s: {files} and {after} open files, {memory} and {grown} kB")
    assert after <= files + 10, (files, after)
    # A name and a workload each, in the daemon's tables and in those of the exporter.
    assert grown <= memory + 4 * GROUPS + 1024, (memory, grown)


def told_s(machine, command):
    """CPU seconds in the history, of who is called so in any unit."""
    return machine.query("SELECT coalesce(sum(cpu_ns), 0) FROM day_cpu AS c JOIN workload AS w ON w.id = c.workload "
                         "WHERE w.command = ?", command)[0][0] / 1e9


def test_storm(machine):
    """Who forks is told all that its children used; who works beside is told what it used."""
    beside = subprocess.Popen([os.environ["BURNER"], "beside"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    storm = None
    try:
        assert beside.stdout.readline() == b"ready\n"
        beside.stdin.write(bytes([20]))
        beside.stdin.flush()
        time.sleep(0.5)
        begin_s = time.monotonic()
        storm = subprocess.Popen([os.environ["STORM"], "storm", str(WORKERS)], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        time.sleep(STORM_S)
        forks, used_ns = map(int, storm.communicate()[0].split())
        elapsed_s = time.monotonic() - begin_s
        beside.stdin.write(bytes([0]))
        beside.stdin.flush()
        time.sleep(2.5)  # until all is in the history
        with open(f"/proc/{beside.pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        used_beside = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        told, told_beside = told_s(machine, "storm"), told_s(machine, "beside")
        print(f"{forks / elapsed_s:.0f} forks a second: told {told:.2f} s of {used_ns / 1e9:.2f}, "
              f"beside {told_beside:.2f} s of {used_beside:.2f}")
        assert forks / elapsed_s > 500, "no storm"
        # What it used in its last interval is told with who waited for it: this test.
        assert 0.98 * used_ns / 1e9 - 0.2 <= told <= used_ns / 1e9 + 0.02
        assert abs(told_beside - used_beside) <= 0.05, (told_beside, used_beside)
    finally:
        beside.kill()
        beside.wait()
        if storm:
            storm.kill()
            storm.wait()


def main():
    roots = hierarchies()
    with Machine({"store": {"flush": "1s"}}) as machine:
        zones = [machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)]
        # The groups of this kernel, the meters of the made machine.
        del machine.options["sampling"]["sysfs"]
        machine.write_config()
        machine.prefix = ["unshare", "--mount", "sh", "-c",
                          'mount --bind "$1" /sys/class && shift && exec "$@"', "sh",
                          os.path.join(machine.sysfs, "class")]
        machine.start_measuring()
        stop = threading.Event()
        turner = threading.Thread(target=turn, args=(zones, stop, random.Random(1)))
        turner.start()
        try:
            test_storm(machine)
            test_churn(machine, roots)
        finally:
            stop.set()
            turner.join()
            for root in roots:
                try:
                    os.rmdir(os.path.join(root, SLICE))
                except OSError:
                    pass
        time.sleep(0.3)
        assert machine.stop() == 0, machine.log_text()
        stored = machine.stored_uj()
        print(f"meter {zones[0].true_uj} uJ, database {stored} uJ")
        assert stored == zones[0].true_uj
        units = machine.query("SELECT count(DISTINCT unit) FROM workload WHERE unit LIKE 'churn-%.service'")[0][0]
        gaps = machine.query("SELECT sum(gap_ns) FROM day_span")[0][0]
        print(f"{units} units of {GROUPS} in the database, {gaps} ns of gaps")
        assert units >= 0.8 * GROUPS
        assert gaps == 0


if __name__ == "__main__":
    main()
