#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""greend-ctl top beside a real daemon: piped, and on a terminal with keys, signals, a changed size and
a new ring. Whatever ends it, the terminal is as it was."""

import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time

from kill import turn
from machine import Machine

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"


# A shell's part: nobody stops a program whose session has no other.
SHELL = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    os.execv(sys.argv[2], sys.argv[2:])
with open(sys.argv[1], "w", encoding="ascii") as file:
    print(child, file=file)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


class Screen:
    """greend-ctl on a terminal of its own; as a shell's job where a file for its PID is named."""

    def __init__(self, *arguments, rows=30, columns=100, job=None):
        self.master, self.slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        self.seen = b""
        environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen(
            [*([sys.executable, "-c", SHELL, job] if job else []), os.environ["GREEND_CTL"], *arguments],
            stdin=self.slave, stdout=self.slave,
            stderr=self.slave, env=environment, preexec_fn=self._own_terminal)

    def _own_terminal(self):
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            try:
                self.seen += os.read(self.master, 65536)
            except OSError:  # nobody has it open any more
                pass

    def expect(self, pattern, seconds=20):
        """Waits until what was drawn since the last expectation has this."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern.encode(), self.seen)
            if found:
                self.seen = self.seen[found.end():]
                return found.group(0)
            self.read(0.1)
        raise AssertionError(f"no {pattern!r} within {seconds} s:\n{self.seen[-3000:]!r}")

    def frame(self):
        """The lines of the next whole picture, without colours."""
        self.seen = b""
        text = self.expect(r"(?s)\x1b\[H.*?\x1b\[J").decode()
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.replace("\r", "")).split("\n")

    def type(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """The exit status, after the terminal was seen to be as it was."""
        for _ in range(100):
            self.read(0.1)
            if self.process.poll() is not None:
                break
        status = self.process.wait(10)
        self.read(0.1)
        assert LEAVE in self.seen, self.seen[-500:]
        assert b"\x1b[?25h" in self.seen, "the cursor is hidden"
        assert termios.tcgetattr(self.slave) == self.before, "the terminal is not as it was"
        os.close(self.slave)
        os.close(self.master)
        return status


def hundredths(text):
    return round(float(text) * 100)


def test_piped(machine, run):
    """Blocks of lines, whose rows add up to the total to the last digit that is shown."""
    answer = machine.ctl("top", *run, "--count", "3", "--interval", "300ms", "--window", "3s",
                         "--top", "10000")
    assert answer.returncode == 0, answer.stderr
    assert "\x1b" not in answer.stdout
    blocks = answer.stdout.strip().split("\n\ngreend top")
    print(blocks[-1])
    assert len(blocks) == 3, answer.stdout
    for block in blocks:
        total = hundredths(re.search(r"Power, measured: ([\d.]+) W", block).group(1))
        idle = hundredths(re.search(r"^idle ([\d.]+) W", block, re.M).group(1))
        unattributed = hundredths(re.search(r"unattributed ([\d.]+) W", block).group(1))
        rows = [hundredths(watts) for watts in re.findall(r"^\S.* ([\d.]+) W .*%$", block, re.M)]
        assert rows and sum(rows) + idle + unattributed == total, (rows, idle, unattributed, total)
    assert "sha256sum" in blocks[-1]
    for group in ("unit", "user", "container", "process"):
        answer = machine.ctl("top", *run, "--count", "1", "--by", group)
        assert answer.returncode == 0 and f"by {group}" in answer.stdout, answer
    for wrong in (("--by", "weather"), ("--window", "5"), ("--interval", "1ms"), ("--count", "0"),
                  ("--since", "today")):
        assert machine.ctl("top", *run, *wrong).returncode == 2, wrong
    answer = machine.ctl("top", "--runtime", "/nonexistent")
    assert answer.returncode == 1 and "greend is not running" in answer.stderr, answer


def test_keys(run):
    screen = Screen("top", *run, "--window", "2s", "--interval", "200ms")
    screen.expect(re.escape(ENTER.decode()))
    screen.expect("(?s)by workload.*sha256sum")
    # By name, and by watts again, which is what it began with.
    for key, in_order in (("n", lambda names, _: list(names) == sorted(names)),
                          ("w", lambda _, watts: list(watts) == sorted(watts, reverse=True))):
        screen.type(key)
        for _ in range(50):
            rows = [re.match(r"(\S.*?) +~?([\d.]+) W ", line) for line in screen.frame()[3:]]
            rows = [(row[1], float(row[2])) for row in rows if row and not row[1].startswith("other")]
            if len(rows) > 2 and in_order(*zip(*rows)):
                break
        else:
            raise AssertionError(f"not in order after {key}: {rows}")
    screen.type("b")
    screen.expect("by unit")
    screen.type("/nothing-is-called-so\r")
    screen.expect(r"\[/nothing-is-called-so\]")
    screen.expect(r"rows: 0 of \d+")
    screen.type("/\x1b")
    screen.expect(r"by unit, last [^\[]*\x1b\[K")
    screen.type(" ")
    screen.expect(r"\[paused\]")
    held = screen.frame()
    time.sleep(1)  # several frames, of meters that turn
    assert screen.frame() == held, held
    screen.type(" ")
    screen.expect(r"by unit, last \d[^\[]*\x1b\[K")
    for _ in range(50):
        if screen.frame()[1:] != held[1:]:
            break
    else:
        raise AssertionError("it stays as it was when it was paused")
    screen.type("?")
    screen.expect("Keys of greend-ctl top")
    screen.type("x")
    screen.expect("by unit")
    screen.type("+")
    screen.resize(12, 60)  # the kernel tells it by SIGWINCH
    screen.expect("by unit")
    screen.seen = b""
    screen.expect("by unit")
    lines = screen.frame()
    assert len(lines) <= 12 and max(map(len, lines)) <= 60, lines
    screen.type("q")
    assert screen.end() == 0


def test_signals(run):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        screen = Screen("top", *run)
        screen.expect("by workload")
        screen.process.send_signal(number)
        assert screen.end() == -number, number


def test_stuck(run):
    """A terminal that takes nothing more does not hold up a signal."""
    screen = Screen("top", *run, "--interval", "100ms")
    screen.expect("by workload")
    termios.tcflow(screen.slave, termios.TCOOFF)
    time.sleep(0.5)  # until it hangs in a write
    begin = time.monotonic()
    screen.process.send_signal(signal.SIGTERM)
    assert screen.process.wait(20) == -signal.SIGTERM
    assert time.monotonic() - begin < 10
    assert termios.tcgetattr(screen.slave) == screen.before, "the terminal is not as it was"
    termios.tcflow(screen.slave, termios.TCOON)
    os.close(screen.slave)
    os.close(screen.master)


def test_stop(machine, run):
    job = os.path.join(machine.folder, "job")
    screen = Screen("top", *run, job=job)
    screen.expect("by workload")
    with open(job, encoding="ascii") as file:
        pid = int(file.read())
    os.kill(pid, signal.SIGTSTP)
    screen.expect(re.escape(LEAVE.decode()))
    for _ in range(100):
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            state = file.read().rsplit(")", 1)[1].split()[0]
        if state == "T":
            break
        time.sleep(0.1)
    assert state == "T", state
    assert termios.tcgetattr(screen.slave) == screen.before, "stopped, the terminal is not as it was"
    os.kill(pid, signal.SIGCONT)
    screen.expect(re.escape(ENTER.decode()))
    screen.expect("by workload")
    screen.type("q")
    assert screen.end() == 0


def test_other_daemon(machine, run):
    """A daemon that was killed is told; one with a new ring is followed."""
    screen = Screen("top", *run)
    screen.expect("by workload")
    machine.kill()
    screen.expect("greend is NOT working")
    os.unlink(os.path.join(machine.folder, "run", "ring"))
    machine.start_measuring()
    screen.expect(r"by workload[^\r]*\r+\n(?:\x1b\[\d*m)*Power, measured")
    screen.type("q")
    assert screen.end() == 0


def main():
    with Machine() as machine:
        zones = [machine.zone(f"intel-rapl:{i}", f"package-{i}", power_uw=205_000_000)
                 for i in range(4)]
        zones += [machine.zone(f"intel-rapl:{i}:0", "dram") for i in range(4)]
        run = ("--runtime", os.path.join(machine.folder, "run"))
        machine.start_measuring()
        stop = threading.Event()
        turner = threading.Thread(target=turn, args=(zones, stop, random.Random(1)))
        turner.start()
        load = subprocess.Popen(["sha256sum", "/dev/zero"])
        try:
            time.sleep(3)
            test_piped(machine, run)
            test_keys(run)
            test_signals(run)
            test_stuck(run)
            test_stop(machine, run)
            test_other_daemon(machine, run)
        finally:
            load.kill()
            load.wait()
            stop.set()
            turner.join()


if __name__ == "__main__":
    main()
