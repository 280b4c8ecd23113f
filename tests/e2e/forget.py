#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""A person is forgotten while greend writes: the name leaves every byte of the database and does not
come back unless the person does, no joule is lost, and the counters of /metrics never contradict
themselves: they begin anew with the next start, and go on from there."""

import os
import threading
import time

from machine import Machine

TICKS = os.sysconf("SC_CLK_TCK")


class Proc(threading.Thread):
    """A copy of /proc with a few processes, of which those in `active` use half a CPU each; a counter
    goes with them."""

    def __init__(self, folder, zone):
        super().__init__(daemon=True)
        self.folder = folder
        self.zone = zone
        own = "user.slice/user-{0}.slice/user@{0}.service/app.slice/sync-of-{0}.service"
        self.people = {100: (4242, own.format(4242), "sync"), 101: (4243, own.format(4243), "sync"),
                       102: (33, "system.slice/web.service", "web")}
        self.active = set(self.people)
        self.used = {pid: 0 for pid in self.people}
        self.stopped = threading.Event()
        for pid in self.people:
            os.makedirs(os.path.join(folder, str(pid)))
        self.write_all()

    def write(self, name, text):
        """In place and in one piece: greend keeps files open, and may read at any moment."""
        fd = os.open(os.path.join(self.folder, name), os.O_WRONLY | os.O_CREAT, 0o644)
        os.pwrite(fd, text.encode(), 0)
        os.close(fd)

    def write_all(self):
        busy = sum(self.used.values())
        self.write("uptime", f"{time.monotonic():.2f} 1.00\n")
        self.write("stat", f"cpu  {busy} 0 0 50 0 0 0 0 0 0\ncpu0 {busy} 0 0 50 0 0 0 0 0 0\n"
                           "cpu1 0 0 0 0 0 0 0 0 0 0\nintr 1\n")
        for pid, (uid, cgroup, command) in self.people.items():
            self.write(f"{pid}/stat", f"{pid} ({command}) S 1 1 1 0 -1 0 0 0 0 0 {self.used[pid]} 0 0 0 "
                                      "20 0 1 0 50 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0\n")
            self.write(f"{pid}/status", f"Name:\tx\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
            self.write(f"{pid}/cgroup", f"0::/{cgroup}\n")

    def run(self):
        while not self.stopped.wait(0.1):
            for pid in self.active:
                self.used[pid] += TICKS // 20
            self.write_all()
            self.zone.add(1_000_003 * len(self.active) + 500_001)

    def stop(self):
        self.stopped.set()
        if self.is_alive():
            self.join()


def traces(machine, name):
    """In which of the database's files the name stands."""
    found = []
    for suffix in ("", "-wal", "-shm"):
        path = machine.database + suffix
        if os.path.exists(path):
            with open(path, "rb") as file:
                if name.encode() in file.read():
                    found.append(path)
    return found


def total_mj(machine):
    """Of the host, and of what it is divided among."""
    metrics = machine.metrics()

    def of(name):
        return sum(round(float(value) * 1000) for series, value in metrics.items()
                   if series.startswith(name + "{"))

    return of("greend_energy_joules_total"), sum(of(name) for name in (
        "greend_idle_energy_joules_total", "greend_unattributed_energy_joules_total",
        "greend_workload_energy_joules_total", "greend_workload_left_energy_joules"))


def check_totals(machine):
    total, parts = total_mj(machine)
    assert total == parts, (total, parts)
    return total


def restart(machine):
    assert machine.stop() == 0
    machine.start()


def run(machine, proc):
    machine.start()
    machine.wait_for("ready")
    time.sleep(0.5)
    proc.start()
    time.sleep(4)
    proc.active.discard(100)
    time.sleep(3)  # what greend had in memory is written
    assert traces(machine, "sync-of-4242") and traces(machine, "sync-of-4243")
    before = check_totals(machine)

    answer = machine.ctl("forget", "uid:4242", "--database", machine.database)
    print(answer.stdout)
    assert answer.returncode == 0 and "greend is running" in answer.stdout, answer
    time.sleep(3)  # and it goes on writing
    assert check_totals(machine) > before, "what a scraper sees goes on"
    for name in ("sync-of-4242", "uid:4242"):
        assert not traces(machine, name), (name, traces(machine, name))

    restart(machine)
    time.sleep(2)
    anew = check_totals(machine)
    assert anew < before, "the counters begin anew"
    restart(machine)
    assert check_totals(machine) >= anew, "and go on from there"

    # Nobody is to be named any more: those who were are not, from the first commit on.
    assert machine.stop() == 0
    assert traces(machine, "sync-of-4243")
    machine.options["privacy"]["users"] = "hidden"
    machine.write_config()
    machine.start()
    time.sleep(3)
    for name in ("sync-of-4243", "uid:4243"):
        assert not traces(machine, name), (name, traces(machine, name))
        assert not [series for series in machine.metrics() if name in series]
    check_totals(machine)


def main():
    with Machine({"privacy": {"users": "names"}}) as machine:
        procfs = os.path.join(machine.folder, "proc")
        os.makedirs(procfs)
        machine.options["sampling"]["procfs"] = procfs
        machine.write_config()
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        proc = Proc(procfs, zone)
        try:
            run(machine, proc)
        finally:
            proc.stop()
        time.sleep(2.5)  # a last frame
        assert machine.stop() == 0
        stored = machine.stored_uj()
        print(f"meter {zone.true_uj} uJ, database {stored} uJ")
        assert stored == zone.true_uj


if __name__ == "__main__":
    main()
