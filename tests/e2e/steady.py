#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""A real hour under valgrind: no error, nothing lost in the end, and what the heap holds does not grow, with scrapes and
whatever else this machine does, and reloads in the first half."""

import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.request

from kill import turn
from machine import Machine, free_port, skip

SECONDS = int(os.environ.get("GREEND_SECONDS", "3600"))
LOOKS = 12
RELOADS = 6  # one before each of the first looks
WARM = 3  # looks until all tables have their size
OF_A_PROCESS = 2048  # bytes, in all tables; they grow by doubling, and do not shrink


def heap(pid):
    """Bytes and blocks that are in use: everything that is reachable, or not."""
    answer = subprocess.run(["vgdb", f"--pid={pid}", "leak_check", "summary", "any"], check=True, capture_output=True,
                            text=True, timeout=120).stdout
    found = re.findall(r"([\d,]+)(?: \([-+][\d,]+\))? bytes in ([\d,]+)(?: \([-+][\d,]+\))? blocks", answer)
    assert found, answer
    return tuple(sum(int(number.replace(",", "")) for number in column) for column in zip(*found))


def scrape(machine):
    for _ in range(100):
        try:
            with urllib.request.urlopen(machine.url + "metrics", timeout=60) as answer:
                return answer.read()
        except OSError:  # it is reading its configuration again
            time.sleep(0.1)
    raise AssertionError(machine.log_text())


def forks():
    with open("/proc/stat", encoding="ascii") as file:
        return int(re.search(r"^processes (\d+)", file.read(), re.MULTILINE).group(1))


def look(machine, seconds):
    """Bytes, blocks, and how many processes there were at most, those of a second that are gone included."""
    end = time.monotonic() + seconds
    most, before = 0, forks()
    while time.monotonic() < end:
        scrape(machine)
        pause_end = min(end, time.monotonic() + 15)
        while time.monotonic() < pause_end:
            time.sleep(1)
            most = max(most, sum(name.isdigit() for name in os.listdir("/proc")) + forks() - before)
            before = forks()
    assert b"greend_power_watts" in scrape(machine)
    return *heap(machine.daemon.pid), most


def check(looks):
    """What the heap may hold beyond the first look after the tables were warm; a reload makes them anew."""
    first, _, most_first = looks[WARM]
    for number in range(WARM + 1, LOOKS):
        since = min(number, RELOADS - 1)
        more = max(0, max(most for _, _, most in looks[since:number + 1]) - most_first)
        assert looks[number][0] <= 1.02 * first + 65536 + OF_A_PROCESS * more, (number, looks)


def main():
    if not shutil.which("vgdb"):
        skip("needs valgrind")
    with Machine({"sampling": {"interval": "1s"}, "store": {"flush": "60s"},
                  "http": {"listen": f"127.0.0.1:{free_port()}"}}) as machine:
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        machine.prefix = ["valgrind", "--leak-check=full", "--errors-for-leak-kinds=definite", "--error-exitcode=99",
                          "--child-silent-after-fork=yes"]
        machine.start_measuring()
        stop = threading.Event()
        turner = threading.Thread(target=turn, args=([zone], stop, random.Random(1)))
        turner.start()
        try:
            looks = []
            for number in range(LOOKS):
                if number < RELOADS:
                    machine.daemon.send_signal(signal.SIGHUP)
                looks.append(look(machine, SECONDS / LOOKS))
                print("%d bytes in %d blocks, at most %d processes" % looks[-1], flush=True)
        finally:
            stop.set()
            turner.join()
        time.sleep(2)
        status = machine.stop()
        assert status == 0, machine.log_text()
        assert "ERROR SUMMARY: 0 errors" in machine.log_text(), machine.log_text()
        check(looks)
        assert machine.stored_uj() == zone.true_uj, (machine.stored_uj(), zone.true_uj)


if __name__ == "__main__":
    main()
