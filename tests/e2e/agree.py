#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""A real load beside a turned meter: the load is among the first lines of the report, and the joules of the
meter, of the metrics, of the database and of the report are the same."""

import json
import os
import re
import subprocess
import threading
import time

from kill import turn
from machine import Machine


def total(metrics, name, label=""):
    """Sum over the series of a metric, in millijoules."""
    return sum(round(float(value) * 1000) for series, value in metrics.items()
               if series.startswith(name + "{") and label in series)


def main():
    import random
    with Machine() as machine:
        zones = [machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000),
                 machine.zone("intel-rapl:0:0", "dram")]
        machine.start_measuring()
        stop = threading.Event()
        turner = threading.Thread(target=turn, args=(zones, stop, random.Random(1)))
        turner.start()
        loads = [subprocess.Popen(["sha256sum", "/dev/zero"]) for _ in range(os.cpu_count())]
        time.sleep(8)
        for load in loads:
            load.kill()
            load.wait()
        stop.set()
        turner.join()
        time.sleep(2.5)  # a last frame, and the publication after it

        truth_uj = sum(zone.true_uj for zone in zones)
        metrics = machine.metrics()
        measured = total(metrics, "greend_energy_joules_total")
        parts = sum(total(metrics, name) for name in (
            "greend_idle_energy_joules_total", "greend_unattributed_energy_joules_total",
            "greend_workload_energy_joules_total"))
        print(f"meter {truth_uj} uJ, metrics {measured} mJ, their parts {parts} mJ")
        assert measured == parts
        assert 0 <= truth_uj - measured * 1000 < 2 * 1000, "less than a millijoule a domain"

        answer = machine.ctl("forget", "root", "--database", machine.database)
        print(answer.stdout)
        assert answer.returncode == 0 and "greend is running" in answer.stdout, answer.stderr

        assert machine.stop() == 0
        stored = machine.stored_uj()
        assert stored == truth_uj, (stored, truth_uj)

        answer = machine.ctl("report", "--database", machine.database, "--since", "-1h",
                             "--format", "json", "--top", "5")
        assert answer.returncode == 0, answer.stderr
        text = answer.stdout
        report = json.loads(text)
        print(text[:1500])
        numbers = {int(n) for n in re.findall(r"_microjoules\": (\d+)", text)}
        assert truth_uj in numbers, "the report's total is the meter's"

        table = machine.ctl("report", "--database", machine.database, "--since", "-1h").stdout
        print(table)
        lines = table.splitlines()
        header = next(i for i, line in enumerate(lines) if line.startswith("UNIT"))
        # Others may work on this machine at the same time, and more.
        first = lines[header + 1:header + 4]
        assert any("sha256sum" in line for line in first), first
        assert "ESTIMATE" not in table
        assert report

        for status, said in ((0, "are now of 'users'"), (3, "there is no 'root'")):
            answer = machine.ctl("forget", "root", "--database", machine.database)
            assert answer.returncode == status, answer
            assert said in answer.stdout + answer.stderr, answer
            assert "running" not in answer.stdout
        assert machine.stored_uj() == truth_uj
        assert "root" not in machine.ctl("report", "--database", machine.database, "--by", "user",
                                         "--since", "-1h").stdout


if __name__ == "__main__":
    main()
