#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Memory that is refused, once or many times in a row, at any moment: no program crashes or hangs, what it
says names the reason, and a daemon that goes on loses no joule. GREEND_REFUSALS: how many moments of each
kind (all of them: 0). Arguments: which parts (ctl, start, running, stop; none: each). GREEND_SHARD=K/N tries each
N-th of all moments alone, from the K-th on: several side by side are through sooner."""

import difflib
import os
import random
import signal
import struct
import subprocess
import sys
import time
import urllib.error

from machine import Machine

MOMENTS = int(os.environ.get("GREEND_REFUSALS", "8"))
SEED = int(os.environ.get("GREEND_TEST_SEED", "11"))
DICE = random.Random(SEED)
SHARD, SHARDS = (int(part) for part in os.environ.get("GREEND_SHARD", "1/1").split("/"))
LIMIT_S = 120


class Refusal:
    """What tests/support/refuse_memory.c shares with the program that it is loaded into."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "refuse")
        self.set(0, 0)
        self.environment = {**os.environ, "LD_PRELOAD": os.environ["GREEND_REFUSE"],
                            "GREEND_REFUSE_FILE": self.path}

    def set(self, first, count):
        with open(self.path, "wb") as file:
            file.write(struct.pack("=QQQQ", 0, first, count, 0))

    def arm(self, after, count):
        """Refuses from so many requests on from now."""
        with open(self.path, "r+b") as file:
            asked = struct.unpack("=Q", file.read(8))[0]
            file.write(struct.pack("=QQ", asked + after, count))

    def told(self):
        with open(self.path, "rb") as file:
            asked, _, _, refused = struct.unpack("=QQQQ", file.read())
        return asked, refused


def moments(total):
    """Numbers of requests, spread over all there are: each once where that is asked for."""
    if MOMENTS == 0:
        return range(SHARD, total + 1, SHARDS)
    step = total / MOMENTS
    return sorted({1 + int(i * step + DICE.uniform(0, step)) for i in range(MOMENTS)})


def check_end(status, text, what):
    assert status in (0, 1), f"{what}: ended with {status}:\n{text}"
    if status == 1:
        assert "memory" in text.lower(), f"{what}: does not say why:\n{text}"


def start_up(machine, refusal, first, count):
    """Starts with the n-th request refused; whether it runs."""
    refusal.set(first, count)
    offset = os.path.getsize(machine.log) if os.path.exists(machine.log) else 0
    machine.start(wait=False, env=refusal.environment)
    what = f"start, {count} refused from {first}"
    for _ in range(LIMIT_S * 50):
        text = machine.log_text(offset)
        status = machine.daemon.poll()
        if status is not None:
            machine.daemon = None
            check_end(status, text, what)
            assert status == 1, f"{what}: ended with 0:\n{text}"
            return False
        if "ready" in text:
            return True
        time.sleep(0.02)
    raise AssertionError(f"{what}: neither ready nor ended:\n{text}")


def test_start():
    with Machine() as machine:
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        refusal = Refusal(machine.folder)
        assert start_up(machine, refusal, 0, 0)
        total = refusal.told()[0]
        assert machine.stop() == 0
        ended = 0
        # Some of the first dozen too, while the configuration is read.
        for first in sorted({2, 7, *moments(total)}) if SHARDS == 1 else moments(total):
            if start_up(machine, refusal, first, DICE.choice((1, 1, 5, 1000))):
                zone.add(1_000_003)
                time.sleep(0.15)
                status = machine.stop()
                assert status == 0, machine.log_text()
            else:
                ended += 1
        refusal.set(0, 0)
        machine.start_measuring()
        assert machine.stop() == 0
        print(f"start: {total} requests; {ended} refusals ended it")
        assert machine.stored_uj() == zone.true_uj, machine.log_text()


def work(machine, zone, answers):
    """A process comes and goes, the meter turns, /metrics is read."""
    child = subprocess.Popen(["sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"])
    for _ in range(4):
        zone.add(1_000_003)
        try:
            assert machine.metrics()
            answers[200] += 1
        except urllib.error.HTTPError as error:
            answers[error.code] = answers.get(error.code, 0) + 1
        except (OSError, ValueError) as error:
            name = type(error).__name__
            answers[name] = answers.get(name, 0) + 1
        time.sleep(0.1)
    child.wait()
    assert machine.daemon.poll() is None, (machine.daemon.poll(), machine.log_text())


def refuse_some(machine, zone, refusal, answers):
    for i in range(3 * MOMENTS):
        refusal.arm(DICE.randrange(1, 400) if i % 2 else DICE.randrange(1, 40), DICE.choice((1, 1, 10, 3000)))
        work(machine, zone, answers)


def refuse_each(machine, zone, refusal, answers):
    """The n-th request from now, for all n of the ticks, the scrapes and the two commits of two seconds."""
    begin = refusal.told()[0]
    for _ in range(5):
        work(machine, zone, answers)
    total = refusal.told()[0] - begin
    for after in moments(total):
        refusal.arm(0, 0)  # no more of the one before
        refused = refusal.told()[1]
        refusal.arm(after, DICE.choice((1, 1, 10, 3000)))
        for _ in range(20):
            work(machine, zone, answers)
            if refusal.told()[1] > refused:
                break
        else:
            raise AssertionError(f"none of {after} requests was made")
    print(f"running: {total} requests in two seconds")


def test_running():
    """Sampler, recorder and scrapes: nothing is lost, and every joule is in the end where it belongs."""
    with Machine() as machine:
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        refusal = Refusal(machine.folder)
        machine.start(env=refusal.environment)
        machine.wait_for("ready")
        answers = {200: 0}
        (refuse_some if MOMENTS else refuse_each)(machine, zone, refusal, answers)
        asked, refused = refusal.told()
        refusal.set(0, 0)
        zone.add(5)
        time.sleep(1.5)
        assert machine.metrics()
        assert machine.stop() == 0, machine.log_text()
        print(f"running: {refused} of {asked} requests refused, answers to scrapes: {answers}")
        assert refused > 0 and answers[200] > 0
        assert machine.stored_uj() == zone.true_uj, machine.log_text()


def test_stop():
    """Told to stop while there is no memory at all: it ends, and what it could not write is not lost."""
    with Machine() as machine:
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        refusal = Refusal(machine.folder)
        for how in (signal.SIGTERM, signal.SIGINT):
            refusal.set(0, 0)
            machine.start(env=refusal.environment)
            machine.wait_for("ready", seconds=60)
            time.sleep(0.5)
            refusal.arm(1, 1 << 60)
            for i in range(300):
                zone.add(1_000_003)
                time.sleep(0.1)
                if i >= 10 and refusal.told()[1] > 0:
                    break
            assert refusal.told()[1] > 0, refusal.told()
            machine.daemon.send_signal(how)
            status = machine.daemon.wait(30)
            assert status in (0, 1), (status, machine.log_text())
            machine.daemon = None
            assert how.name in machine.log_text(), machine.log_text()
        machine.start_measuring()
        assert machine.stop() == 0
        print(f"stop: ended with {status}")
        assert machine.stored_uj() == zone.true_uj, machine.log_text()


def said(answer):
    """All that was printed, but for when."""
    return [line for line in answer.stdout.splitlines() if "made_at" not in line]


def test_ctl():
    with Machine() as machine:
        zone = machine.zone("intel-rapl:0", "package-0")
        machine.start_measuring()
        for _ in range(15):
            zone.add(1_000_003)
            time.sleep(0.1)
        assert machine.stop() == 0
        refusal = Refusal(machine.folder)
        copy = os.path.join(machine.folder, "copy.db")
        base = ["--config", machine.config]
        wrong = []
        period = ["--since", time.strftime("%Y-%m-%d", time.localtime(time.time() - 86400)),
                  "--until", time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400))]
        for verb in (["report", *period], ["report", *period, "--format", "json"],
                     ["report", *period, "--format", "html"], ["status"], ["targets"],
                     ["advise", *period], ["carbon"], ["inventory"],
                     ["export", "database", "--output", copy]):

            def run(first, count):
                refusal.set(first, count)
                if os.path.exists(copy):
                    os.unlink(copy)
                # A locale that there was no memory for leaves signs of ASCII, which are no other answer.
                return subprocess.run([os.environ["GREEND_CTL"], *verb, *base],
                                      env={**refusal.environment, "LC_ALL": "C"}, capture_output=True, text=True,
                                      check=False, timeout=LIMIT_S)

            whole = run(0, 0)
            total = refusal.told()[0]
            failed = 0
            for first in moments(total):
                answer = run(first, DICE.choice((1, 1, 100000)))
                what = f"{' '.join(verb)}, refused from {first}"
                if answer.returncode == 1 and "memory" in answer.stderr:
                    failed += 1
                elif answer.returncode != whole.returncode:
                    failed += 1
                    if answer.returncode != 1 or not answer.stderr.strip():
                        wrong.append(f"{what}: {answer.returncode}\n{answer.stderr}")
                elif verb[0] != "status" and said(answer) != said(whole):
                    # Never another answer: what was left out would be taken for what is not there.
                    difference = list(difflib.unified_diff(said(whole), said(answer), n=0))
                    wrong.append(f"{what}: {difference[:20]}\n{answer.stderr}")
            print(f"{' '.join(verb[:2])}: {total} requests, {failed} refusals told")
        assert not wrong, "\n".join(wrong)


def main():
    print(f"GREEND_TEST_SEED={SEED}")
    tests = {"ctl": test_ctl, "start": test_start, "running": test_running, "stop": test_stop}
    for part in sys.argv[1:] or tests:
        print(part, flush=True)
        tests[part]()


if __name__ == "__main__":
    main()
