#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""After warm-up the sampler allocates nothing: counted in the running daemon, over hundreds of ticks with
busy processes and a turning meter."""

import os
import struct
import subprocess
import time

from machine import Machine


def main():
    with Machine() as machine:
        zone = machine.zone("intel-rapl:0", "package-0")
        counts = os.path.join(machine.folder, "counts")
        with open(counts, "wb") as file:
            file.write(struct.pack("=Q", 0))

        def counted():
            with open(counts, "rb") as file:
                return struct.unpack("=Q", file.read(8))[0]

        loads = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(3)]
        try:
            environment = {**os.environ, "LD_PRELOAD": os.environ["GREEND_COUNTER"],
                           "GREEND_COUNT_FILE": counts, "GREEND_COUNT_THREAD": "greend-sampler"}
            machine.start(env=environment)
            machine.wait_for("ready")

            def run(seconds):
                for _ in range(int(seconds * 20)):
                    zone.add(1_000_000)
                    time.sleep(0.05)

            run(6)
            warm = counted()
            frames = machine.query("SELECT frame FROM state")[0][0]
            run(12)
            after = counted()
            ticks = machine.query("SELECT frame FROM state")[0][0] - frames
        finally:
            for load in loads:
                load.kill()
        print(f"{warm} allocations in the warm-up, {after - warm} in {ticks} ticks after it")
        assert ticks > 50
        assert after == warm
        assert machine.stop() == 0


if __name__ == "__main__":
    main()
