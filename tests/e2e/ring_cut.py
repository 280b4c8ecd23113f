#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""The ring's file is cut short, or written over, under a greend and a greend-ctl that have it mapped: who
cannot go on ends with a message, and the next greend goes on without a joule lost."""

import os
import random
import subprocess
import time

from machine import Machine


def top(machine):
    return subprocess.Popen([os.environ["GREEND_CTL"], "top", "--config", machine.config],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def ring_path(machine):
    return os.path.join(machine.options["runtime"]["directory"], "ring")


def go_on(machine, zone):
    """The next daemon: all that was used since the last commit is in its first interval."""
    machine.start_measuring()
    zone.add(1_000_003)
    time.sleep(0.3)
    assert machine.stop() == 0
    assert machine.stored_uj() == zone.true_uj


def test_cut_short():
    for size in (0, 4096, 300_000):
        with Machine() as machine:
            zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
            machine.start_measuring()
            for _ in range(20):
                zone.add(1_000_003)
                time.sleep(0.05)
            reader = top(machine)
            time.sleep(0.5)
            os.truncate(ring_path(machine), size)
            zone.add(1_000_003)
            assert machine.daemon.wait(30) == 1, machine.log_text()
            machine.daemon = None
            assert "cut short" in machine.log_text()
            _, said = reader.communicate(timeout=30)
            # It may have looked at the file itself before it touched what is gone.
            assert reader.returncode == 1 and ("cut short" in said or "corrupt" in said), (
                reader.returncode, said)
            answer = machine.ctl("status", "--config", machine.config)
            assert answer.returncode == 1, answer
            go_on(machine, zone)


def test_written_over():
    dice = random.Random(int(os.environ.get("GREEND_TEST_SEED", "3")))
    with Machine() as machine:
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        machine.start_measuring()
        for _ in range(20):
            zone.add(1_000_003)
            time.sleep(0.05)
        reader = top(machine)
        time.sleep(0.5)
        machine.kill()
        size = os.path.getsize(ring_path(machine))
        with open(ring_path(machine), "r+b") as file:
            for _ in range(2000):
                file.seek(dice.randrange(size - 64))
                file.write(dice.randbytes(dice.randrange(1, 64)))
        time.sleep(1)
        assert reader.poll() in (None, 0, 1), reader.returncode
        reader.terminate()
        reader.communicate(timeout=30)
        assert reader.returncode >= 0 or reader.returncode == -15, reader.returncode
        assert machine.ctl("status", "--config", machine.config).returncode in (0, 1)
        go_on(machine, zone)


def main():
    for test in (test_cut_short, test_written_over):
        print(test.__name__, flush=True)
        test()


if __name__ == "__main__":
    main()
