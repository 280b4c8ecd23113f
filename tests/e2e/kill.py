#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""kill -9 at any moment: what the database holds in the end is what went through the meters, to the
microjoule, by books that are kept independently of greend."""

import os
import random
import threading
import time

from machine import Machine

KILLS = int(os.environ.get("GREEND_KILLS", "30"))
SEED = int(os.environ.get("GREEND_TEST_SEED", "7"))


def turn(zones, stop, dice):
    """Turns the counters by odd amounts until told to stop."""
    while not stop.is_set():
        for zone in zones:
            zone.add(dice.randrange(1, 200_000))
        time.sleep(0.003)


def main():
    dice = random.Random(SEED)
    print(f"GREEND_TEST_SEED={SEED}, {KILLS} kills")
    with Machine() as machine:
        # Ranges of real machines; the second begins just below its end, so that it wraps.
        zones = [
            machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000),
            machine.zone("intel-rapl:1", "package-1", start=262_143_000_000, power_uw=205_000_000),
            machine.zone("intel-rapl:0:0", "dram", counter_range=65_712_999_613, start=5),
        ]
        machine.start_measuring()
        stop = threading.Event()
        turner = threading.Thread(target=turn, args=(zones, stop, random.Random(SEED + 1)))
        turner.start()
        try:
            for _ in range(KILLS):
                time.sleep(dice.uniform(0.0, 1.2))
                machine.kill()
                machine.start(wait=False)
            time.sleep(1.5)
        finally:
            stop.set()
            turner.join()
        time.sleep(0.3)
        assert machine.stop() == 0, machine.log_text()

        truth = {"package-0": zones[0].true_uj, "package-1": zones[1].true_uj,
                 "dram-0": zones[2].true_uj}
        for domain, energy_uj in truth.items():
            stored = machine.stored_uj("d.name = ?", domain)
            print(f"{domain}: meter {energy_uj} uJ, database {stored} uJ")
            assert stored == energy_uj, domain
        levels = {
            level: machine.query(f"SELECT sum(energy_uj) FROM {level}_energy")[0][0]
            for level in ("minute", "hour", "day")
        }
        assert len(set(levels.values())) == 1, levels
        attributed = machine.stored_uj("w.kind NOT IN ('idle', 'unattributed')")
        print(f"attributed to workloads: {100 * attributed / sum(truth.values()):.1f} %")
        assert attributed > 0


if __name__ == "__main__":
    main()
