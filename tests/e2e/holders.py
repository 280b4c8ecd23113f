#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""What units reserve, from control groups to the report: a service that holds memory and never works
owns a part of the idle energy, the total is that of the other policies, and a person's service does
not tell its name. Takes a little more than a minute: units are read once a minute."""

import json
import os
import random
import subprocess
import threading
import time

from kill import turn
from machine import Machine

ALICE = 1000
MIB = 1 << 20


def group(machine, path, memory, weight=None, pids=()):
    folder = os.path.join(machine.sysfs, "fs/cgroup", path)
    os.makedirs(folder, exist_ok=True)
    files = {"cgroup.procs": "".join(f"{pid}\n" for pid in pids), "memory.current": f"{memory}\n"}
    if weight:
        files["cpu.weight"] = f"{weight}\n"
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)


def report(machine, idle, by="unit"):
    answer = machine.ctl("report", "--database", machine.database, "--by", by, "--idle", idle,
                         "--format", "json", "--since", "-1d")
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout)
    assert sum(row["energy_microjoules"] for row in result["rows"]) == \
        result["total"]["energy_microjoules"]
    return result


def main():
    with Machine() as machine:
        zones = [machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000),
                 machine.zone("intel-rapl:0:0", "dram")]
        root = os.geteuid() == 0
        sleepers = [subprocess.Popen(["sleep", "600"]),
                    subprocess.Popen(["sleep", "600"], user=ALICE if root else None)]
        try:
            group(machine, ".", 0, pids=[1])
            with open(os.path.join(machine.sysfs, "fs/cgroup/cgroup.controllers"), "w",
                      encoding="ascii") as file:
                file.write("cpu memory pids\n")
            group(machine, "system.slice", 900 * MIB, 100)
            group(machine, "system.slice/sleepy.service", 600 * MIB, 300, [sleepers[0].pid])
            group(machine, "system.slice/sync@alice.service", 200 * MIB, 100, [sleepers[1].pid])
            machine.start()
            machine.wait_for("ready")
            status = machine.ctl("status", "--config", machine.config)
            print(status.stdout)
            assert "memory.current of cgroup v2" in status.stdout, status.stdout
            stop = threading.Event()
            turner = threading.Thread(target=turn, args=(zones, stop, random.Random(1)))
            turner.start()
            time.sleep(66)
            stop.set()
            turner.join()
            time.sleep(2)
            assert machine.stop() == 0
        finally:
            for sleeper in sleepers:
                sleeper.kill()
                sleeper.wait()

        truth_uj = sum(zone.true_uj for zone in zones)
        reports = {idle: report(machine, idle) for idle in ("separate", "proportional", "reserved")}
        for result in reports.values():
            assert result["total"]["energy_microjoules"] == truth_uj, (result["total"], truth_uj)
            assert result["total"]["idle_microjoules"] == \
                reports["separate"]["total"]["idle_microjoules"]
        reserved = reports["reserved"]
        table = machine.ctl("report", "--database", machine.database, "--idle", "reserved",
                            "--since", "-1d")
        print(table.stdout, json.dumps(reserved["period"], indent=1))
        assert "(reserved)" in table.stdout
        assert 59 < reserved["period"]["memory_known_seconds"] < 75
        assert reserved["total"]["idle_microjoules"] > 0
        assert reserved["total"]["idle_unowned_microjoules"] == 0
        rows = {row.get("unit"): row for row in reserved["rows"]}
        sleepy, alice = rows["sleepy.service"], "users" if root else "sync@alice.service"
        assert sleepy["cpu_seconds"] == 0, sleepy
        # By 300 of 400 and by 600 of 800: 3/4 of the idle energy of both domains.
        idle_uj = reserved["total"]["idle_microjoules"]
        for row, part in ((sleepy, 3 / 4), (rows[alice], 1 / 4)):
            assert abs(row["idle_microjoules"] - part * idle_uj) < 2 + idle_uj * 1e-6, (row, idle_uj)
        if root:
            with open(machine.database, "rb") as file:
                assert b"sync@alice" not in file.read(), "a person's unit is hidden"
        assert "sleepy.service" not in {row.get("unit") for row in reports["separate"]["rows"]}
        domains = machine.ctl("report", "--database", machine.database, "--by", "domain",
                              "--since", "-1d")
        assert "dram-0 static" in domains.stdout, domains.stdout


if __name__ == "__main__":
    main()
