# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""A meter whose truth is known: real processes use real CPU time, and the counters of a machine's zones
are turned by what their CPU clocks say. Who used how much is written down here, without greend."""

import bisect
import ctypes
import os
import subprocess
import threading
import time

from machine import skip

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
IDLE, REST = "idle", "rest"
TURNS_PER_S = 100
LATE_S = 0.1  # half of a frame
# What /proc/stat shows of the time that processes used, where it is sampled by ticks (1.88 s of 2.03 s,
# measured): so none is missing only because a child's time is known later than its parent's.
STAT_SHOWS = 0.92


def clock_of(pid):
    """The id of a process's CPU clock, all its threads, to the nanosecond."""
    clock = ctypes.c_int()
    if ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)) != 0:
        skip("the CPU clock of another process may not be read here")
    return clock.value


class Process:
    """One that the driver started. Its children's time is its own once it waited for them."""

    def __init__(self, command, watts, *arguments, launch=subprocess.Popen, children=False,
                 executable=None):
        self.command = command
        self.watts = watts  # by zone, per busy CPU
        self.children = children
        self.process = launch(arguments, executable=executable, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
        self.clock = clock_of(self.process.pid)

    def cpu_s(self):
        used = time.clock_gettime(self.clock)
        if self.children:
            with open(f"/proc/{self.process.pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
            used += (int(fields[13]) + int(fields[14])) * TICK_S
        return used

    def tell(self, message):
        self.process.stdin.write(message)
        self.process.stdin.flush()

    def end(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()


class Burner(Process):
    def __init__(self, command, watts, launch=subprocess.Popen):
        super().__init__(command, watts, os.environ["BURNER"], command, launch=launch)
        assert self.process.stdout.readline() == b"ready\n"

    def use(self, percent):
        """From now on, of one CPU."""
        self.tell(bytes([percent]))


def busy_s():
    """CPU time of the whole machine, by the kernel's ticks."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, softirq = map(int, file.readline().split()[1:8])
    return (user + nice + system + irq + softirq) * TICK_S


class Truth:
    """What was used since the meter began to turn: CPU seconds and joules, by command."""

    def __init__(self, cpu_s, energy_j):
        self.cpu_s = cpu_s
        self.energy_j = energy_j

    def minus(self, other):
        return Truth({key: value - other.cpu_s[key] for key, value in self.cpu_s.items()},
                     {key: value - other.energy_j[key] for key, value in self.energy_j.items()})

    def dynamic_j(self):
        return sum(value for key, value in self.energy_j.items() if key != IDLE)


class Driver(threading.Thread):
    """Turns the counters 100 times a second: idle watts, each process's own watts per busy CPU, and those
    of the rest of the machine: greend alone where there is an Aside, whose counter is turned as well,
    else all that its kernel knows of."""

    def __init__(self, zones, idle_watts, rest_watts, processes, aside=None):
        super().__init__(daemon=True)
        self.aside = aside
        self.greend = None  # its clock
        self.late_s = 0.0  # in which the counters should have been turned and were not
        self.zones = zones
        self.idle_watts = idle_watts
        self.rest_watts = rest_watts
        self.processes = processes
        self.used = {IDLE: 0.0, REST: 0.0, **{one.command: 0.0 for one in processes}}
        self.watts = {IDLE: idle_watts, REST: rest_watts,
                      **{one.command: one.watts for one in processes}}
        self.begin = self.read()
        self.history_uj = [0]
        self.history = [dict(self.used)]
        self.stopped = threading.Event()

    def read(self):
        """Seconds: of time, of the processes, of the machine."""
        own = {one.command: one.cpu_s() for one in self.processes}
        if not self.aside:
            return time.monotonic(), own, busy_s()
        greend = time.clock_gettime(self.greend) if self.greend else 0
        return time.monotonic(), own, sum(own.values()) + greend

    def watch(self, greend):
        """Tells of the process of greend."""
        self.greend = clock_of(greend)

    def run(self):
        while not self.stopped.wait(1 / TURNS_PER_S):
            self.turn()

    def turn(self):
        now, own, busy = self.read()
        since_s = now - self.begin[0] - self.used[IDLE]
        self.late_s += since_s if since_s > LATE_S else 0
        used = {key: value - self.begin[1][key] for key, value in own.items()}
        # Ticks are coarse: the rest seems to go back at times, and waits then.
        rest = busy - self.begin[2] - sum(used.values())
        used[REST] = max(self.used[REST], rest)
        used[IDLE] = now - self.begin[0]
        self.used = used
        if self.aside:
            self.aside.turn(int(STAT_SHOWS * (busy - self.begin[2]) / TICK_S))
        for number, zone in enumerate(self.zones):
            total_j = sum(self.watts[key][number] * value for key, value in used.items())
            zone.add(int(total_j * 1e6) - zone.true_uj)
        self.history_uj.append(self.zones[0].true_uj)
        self.history.append(used)

    def stop(self):
        self.stopped.set()
        self.join()

    def at(self, total_uj):
        """The truth at the moment when the first counter stood at this."""
        after = min(bisect.bisect_left(self.history_uj, total_uj), len(self.history_uj) - 1)
        before = max(after - 1, 0)
        span = self.history_uj[after] - self.history_uj[before]
        part = (total_uj - self.history_uj[before]) / span if span else 0
        cpu = {key: value + part * (self.history[after][key] - value)
               for key, value in self.history[before].items()}
        return Truth(cpu, {key: sum(self.watts[key]) * value for key, value in cpu.items()})

    def by_time(self, begin_uj, end_uj):
        """What each would be booked between two states of the first counter if all took the same watts:
        the dynamic energy of about each fifth of a second, by CPU time."""
        turns = TURNS_PER_S // 5
        booked_j = {key: 0.0 for key in self.used if key != IDLE}
        first, last = (bisect.bisect_left(self.history_uj, uj) for uj in (begin_uj, end_uj))
        for i in range(first, min(last, len(self.history) - turns - 1), turns):
            cpu_s = {key: self.history[i + turns][key] - self.history[i][key] for key in booked_j}
            dynamic_j = sum(sum(self.watts[key]) * value for key, value in cpu_s.items())
            for key, value in cpu_s.items():
                booked_j[key] += dynamic_j * value / (sum(cpu_s.values()) or 1)
        return booked_j
