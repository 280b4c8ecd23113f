#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""A ring that is full in seconds, of many processes that run, and nobody who asks: recorder and exporter sleep for
a minute and for twenty seconds at a time, and still miss nothing, since the sampler rings for them."""

import os
import subprocess
import time

from machine import Machine

SECONDS = 12
RUNNING = 500  # records in each frame; the ring has 8,192


def main():
    crowd = subprocess.Popen([os.environ["CROWD"], str(RUNNING), "running", "1"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert crowd.stdout.readline() == b"ready\n"
        with Machine({"sampling": {"interval": "100ms"}, "store": {"flush": "60s"},
                      "runtime": {"ring_size": "1M"}}) as machine:
            zone = machine.zone("intel-rapl:0", "package-0")
            machine.start_measuring()
            for _ in range(SECONDS * 10):
                zone.add(100000)
                time.sleep(0.1)
            values = machine.metrics()
            assert float(values["greend_ring_dropped_joules_total"]) == 0, values["greend_ring_dropped_joules_total"]
            assert machine.stop() == 0
            log = machine.log_text()
            assert "overtaken" not in log, log
            stored = machine.stored_uj()
            assert abs(stored - zone.true_uj) <= 100000 * 3, (stored, zone.true_uj)
    finally:
        crowd.stdin.close()
        crowd.wait()


if __name__ == "__main__":
    main()
