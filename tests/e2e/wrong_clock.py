#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""A machine without NTP: its clock stands at 1970 when greend starts, is set right, then set back by an hour.
Every joule of the meter is in the history, /healthz stays well, no counter goes back. Then it sleeps, while greend
runs and while it does not: that is a gap, and no energy of it is told."""

import os
import signal
import struct
import time
import urllib.request

from machine import Machine

TEN_MINUTES_OF_1970 = -int(time.time()) + 600
STEP_UJ = 9_000_001
ASLEEP_S = (600, 300)


class Clock:
    """How wrong the clock is that greend sees, and how long its machine seems to have slept."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "offset")
        self.asleep_s = 0
        with open(self.path, "wb") as file:
            file.write(struct.pack("=qq", 0, 0))

    def set(self, seconds):
        with open(self.path, "r+b") as file:
            file.write(struct.pack("=q", seconds))

    def sleep(self, seconds):
        self.asleep_s += seconds
        with open(self.path, "r+b") as file:
            file.seek(8)
            file.write(struct.pack("=q", self.asleep_s))


def measure(machine, zone, counters):
    """Two seconds of load; the counters never go back."""
    for _ in range(20):
        zone.add(STEP_UJ)
        time.sleep(0.1)
    with urllib.request.urlopen(machine.url + "healthz", timeout=10) as answer:
        assert answer.status == 200
    for name, value in machine.metrics().items():
        if name.split("{")[0].endswith("_total"):
            assert float(value) >= counters.get(name, 0), (name, value, counters[name])
            counters[name] = float(value)


def main():
    with Machine() as machine:
        clock = Clock(machine.folder)
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        machine.prefix = ["env", f"WRONG_CLOCK={clock.path}", f"LD_PRELOAD={os.environ['GREEND_CLOCK']}"]
        counters = {}
        clock.set(TEN_MINUTES_OF_1970)
        machine.start_measuring()
        measure(machine, zone, counters)
        seen = float(machine.metrics()["greend_last_frame_timestamp_seconds"])
        assert 600 <= seen < 700, f"greend saw another clock: {seen}"
        clock.set(0)
        measure(machine, zone, counters)
        clock.set(-3600)
        measure(machine, zone, counters)
        time.sleep(1)  # a last frame
        assert machine.stop() == 0
        stored = machine.stored_uj()
        days = [day for day, in machine.query("SELECT begin_s / 86400 FROM day_span ORDER BY 1")]
        print(f"meter {zone.true_uj} uJ, history {stored} uJ, in days {days}")
        assert stored == zone.true_uj
        assert days[0] <= 0 and days[-1] >= int(time.time()) // 86400 - 1, days
        assert machine.query("SELECT sum(gap_ns) FROM day_span")[0][0] == 0
        sleep(machine, clock, zone)


def sleep(machine, clock, zone):
    """Asleep while greend runs, and while it does not: each time what was used in one interval is not known."""
    machine.start_measuring()
    stored_before, true_before = machine.stored_uj(), zone.true_uj
    measure(machine, zone, {})
    machine.daemon.send_signal(signal.SIGSTOP)
    zone.add(STEP_UJ)
    clock.sleep(ASLEEP_S[0])
    machine.daemon.send_signal(signal.SIGCONT)
    measure(machine, zone, {})
    assert machine.stop() == 0
    clock.sleep(ASLEEP_S[1])
    zone.add(STEP_UJ)
    machine.start_measuring()
    measure(machine, zone, {})
    time.sleep(1)
    assert machine.stop() == 0
    lost_uj = zone.true_uj - true_before - (machine.stored_uj() - stored_before)
    gap_s = machine.query("SELECT sum(gap_ns) FROM day_span")[0][0] / 1e9
    clocks = machine.query("SELECT count(*) FROM event WHERE kind = 'clock'")[0][0]
    print(f"lost {lost_uj} uJ, gaps of {gap_s:.1f} s, the clock was set {clocks} times")
    # On a busy machine an interval is longer than it should be.
    assert 2 * STEP_UJ <= lost_uj <= 40 * STEP_UJ and lost_uj % STEP_UJ == 0
    assert sum(ASLEEP_S) <= gap_s < sum(ASLEEP_S) + 30
    assert clocks == 2  # set right, set back; asleep is none


main()
