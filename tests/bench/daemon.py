#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""What the whole daemon costs, at one frame a second, beside crowds of processes: memory, CPU, wake-ups, and a
scrape. Figures, and a judgement of memory alone: time is not the same twice on shared machines."""

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../e2e"))
from machine import Machine  # noqa: E402


# Bytes that RssAnon and RssFile may take together, by processes.
MEMORY_BARS = {1000: 12e6, 10000: 24e6}


def status(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+)", file.read(), re.M)}


def cpu_s(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def wakeups(pid):
    return sum(status(f"{pid}/task/{task}")["voluntary_ctxt_switches"]
               for task in os.listdir(f"/proc/{pid}/task"))


def measure(processes, seconds):
    crowd = subprocess.Popen([os.environ["CROWD"], str(processes)], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    assert crowd.stdout.readline() == b"ready\n"
    try:
        # In /dev/shm, as /run is: the ring's pages then count as shared memory.
        with tempfile.TemporaryDirectory(dir="/dev/shm") as runtime, Machine({
                "sampling": {"interval": "1s"}, "store": {"flush": "60s"},
                "runtime": {"directory": runtime}}) as machine:
            machine.zone("intel-rapl:0", "package-0")
            machine.start()
            machine.wait_for("ready")
            pid = machine.daemon.pid
            time.sleep(8)
            for _ in range(3):
                machine.metrics()
            begin, wakes, clock = cpu_s(pid), wakeups(pid), time.time()
            time.sleep(seconds)
            elapsed = time.time() - clock
            cpu = (cpu_s(pid) - begin) / elapsed
            wake = (wakeups(pid) - wakes) / elapsed
            costs = []
            for _ in range(10):
                time.sleep(1.05)  # a new publication each time
                before = cpu_s(pid)
                with urllib.request.urlopen(machine.url + "metrics") as answer:
                    size = len(answer.read())
                costs.append(cpu_s(pid) - before)
            memory = status(pid)
            costs.sort()
            print(f"{processes:6d} processes: RssAnon {memory['RssAnon'] / 1024:.1f} MiB + RssFile "
                  f"{memory['RssFile'] / 1024:.1f} MiB, shared ring {memory['RssShmem'] / 1024:.1f} MiB; "
                  f"CPU {cpu * 1000:.2f} ms/s, {wake:.2f} wake-ups/s; scrape {size / 1000:.1f} kB, "
                  f"{costs[len(costs) // 2] * 1000:.2f} ms CPU (a tick may fall in)", flush=True)
            machine.stop()
            bytes_ = (memory["RssAnon"] + memory["RssFile"]) * 1024
            return bytes_ <= MEMORY_BARS.get(processes, bytes_)
    finally:
        crowd.stdin.close()
        crowd.wait()


def main():
    seconds = int(os.environ.get("GREEND_SECONDS", "20"))
    fits = [measure(processes, seconds) for processes in (100, 1000, 10000)]
    if not all(fits):
        sys.exit("more memory than the bar allows")


if __name__ == "__main__":
    main()
