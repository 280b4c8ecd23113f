#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Backup and restore as docs/operations.md has them: copies are made while greend writes, each can be reported
from, and a greend that starts with one goes on: no joule is lost that the ring still holds."""

import json
import os
import threading
import time

from machine import Machine


class Meter(threading.Thread):
    """Turns a counter until it is stopped."""

    def __init__(self, zone):
        super().__init__(daemon=True)
        self.zone = zone
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.wait(0.02):
            self.zone.add(2_000_003)

    def stop(self):
        self.stopped.set()
        self.join()


def backup(machine, number):
    target = os.path.join(machine.folder, f"backup-{number}.db")
    answer = machine.ctl("export", "database", "--database", machine.database, "--output", target)
    assert answer.returncode == 0 and "checked" in answer.stdout, answer
    answer = machine.ctl("report", "--database", target, "--since", "-1d", "--format", "json")
    assert answer.returncode == 0, answer
    return target, json.loads(answer.stdout)["total"]["energy_microjoules"]


def refused(machine, *arguments, status, says):
    answer = machine.ctl("export", "database", *arguments)
    assert answer.returncode == status and says in answer.stderr, answer


def main():
    with Machine({"store": {"flush": "1s"}}) as machine:
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        machine.start_measuring()
        meter = Meter(zone)
        meter.start()
        time.sleep(2)
        told = []
        for number in range(4):
            copy, energy = backup(machine, number)
            told.append(energy)
            time.sleep(0.7)
        assert 0 < told[0] < told[-1] and told == sorted(told), told

        refused(machine, "--database", machine.database, status=2, says="expected --output FILE")
        refused(machine, "--database", machine.database, "--output", copy, status=1, says="is there already")
        refused(machine, "--database", machine.database, "--output", machine.database, status=1, says="is there already")
        refused(machine, "--database", machine.database, "--output", "/nonexistent/x", status=1, says="cannot write")
        refused(machine, "--database", "/nonexistent", "--output", copy + "2", status=1, says="there is no database")
        refused(machine, "--database", machine.database, "--output", copy + "2", "--since", "-1d", status=2,
                says="--since says nothing")
        assert not [name for name in os.listdir(machine.folder) if name.endswith(".new") or name.endswith(".db2")]

        # Restored: the history of before, and what the ring still has of the time since.
        assert machine.stop() == 0
        for suffix in ("-wal", "-shm"):
            if os.path.exists(machine.database + suffix):
                os.remove(machine.database + suffix)
        os.replace(copy, machine.database)
        machine.start_measuring()
        time.sleep(1)
        meter.stop()
        time.sleep(2.5)  # a last frame
        assert machine.stop() == 0
        stored = machine.stored_uj()
        print(f"copies of {told} uJ; meter {zone.true_uj} uJ, history {stored} uJ")
        assert stored == zone.true_uj


main()
