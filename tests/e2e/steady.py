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
import socket
import subprocess
import threading
import time
import urllib.request

from kill import turn
from machine import Machine, skip

SECONDS = int(os.environ.get("GREEND_SECONDS", "3600"))
LOOKS = 12
WARM = 3  # looks until all tables have their size


def heap(pid):
    """Bytes and blocks that are in use: everything that is reachable, or not."""
    answer = subprocess.run(["vgdb", f"--pid={pid}", "leak_check", "summary", "any"], check=True, capture_output=True,
                            text=True, timeout=120).stdout
    found = re.findall(r"([\d,]+)(?: \([-+][\d,]+\))? bytes in ([\d,]+)(?: \([-+][\d,]+\))? blocks", answer)
    assert found, answer
    return tuple(sum(int(number.replace(",", "")) for number in column) for column in zip(*found))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def scrape(machine):
    for _ in range(100):
        try:
            with urllib.request.urlopen(machine.url + "metrics", timeout=60) as answer:
                return answer.read()
        except OSError:  # it is reading its configuration again
            time.sleep(0.1)
    raise AssertionError(machine.log_text())


def look(machine, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        scrape(machine)
        time.sleep(min(15.0, max(0.0, end - time.monotonic())))
    assert b"greend_power_watts" in scrape(machine)
    return heap(machine.daemon.pid)


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
                if number < LOOKS // 2:
                    machine.daemon.send_signal(signal.SIGHUP)
                looks.append(look(machine, SECONDS / LOOKS))
                print(f"{looks[-1][0]} bytes in {looks[-1][1]} blocks", flush=True)
        finally:
            stop.set()
            turner.join()
        time.sleep(2)
        status = machine.stop()
        assert status == 0, machine.log_text()
        assert "ERROR SUMMARY: 0 errors" in machine.log_text(), machine.log_text()
        assert max(looks[WARM:])[0] <= 1.02 * looks[WARM][0] + 65536, looks
        assert machine.stored_uj() == zone.true_uj, (machine.stored_uj(), zone.true_uj)


if __name__ == "__main__":
    main()
