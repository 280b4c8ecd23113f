#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Runs greend and its peers side by side beside crowds of processes, and reads what each costs: see peers.sh.

All run at the same time, so that what else the machine does meets all of them alike; what is told of a
process is its own CPU time, never the clock on the wall. Each round is one minute of all of them."""

import gzip
import json
import os
import platform
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import peers_report
from daemon import status

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../e2e"))
from machine import Machine  # noqa: E402

WORKLOADS = 50
SIZES = (200, 1000, 5000)
SIZE_OF_MEMORY = 10000  # greend alone, for the bar on memory
SCRAPE_S = 15
WARM_UP_S = 25
SLICE = "greendbench.slice"
TICK_NS = 10**9 // os.sysconf("SC_CLK_TCK")


class Groups:
    """Control groups of version 2 for all that runs here, where they can be made."""

    def __init__(self):
        self.root = None
        with open("/proc/mounts", encoding="ascii", errors="replace") as mounts:
            for line in mounts:
                _, folder, kind = line.split()[:3]
                if kind == "cgroup2" and os.access(folder, os.W_OK):
                    self.root = os.path.join(folder, SLICE)
        self.made = []

    def __call__(self, unit, user=None):
        """What a child does before it becomes another program."""
        folder = self.root and os.path.join(self.root, unit + ".service")
        if folder:
            os.makedirs(folder, exist_ok=True)
            self.made.append(folder)

        def enter():
            if folder:
                with open(os.path.join(folder, "cgroup.procs"), "w", encoding="ascii") as file:
                    file.write("0")
            if user:
                os.setgroups([])
                os.setgid(user.pw_gid)
                os.setuid(user.pw_uid)
        return enter

    def close(self):
        for folder in [*self.made, *([self.root] if self.root else [])]:
            for _ in range(100):
                try:
                    os.rmdir(folder)
                except FileNotFoundError:
                    pass
                except OSError:  # the last process is on its way out
                    time.sleep(0.05)
                    continue
                break


def cpu_ns(pid):
    """The process's own clock, to the nanosecond and with all threads; its ended children in ticks."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return time.clock_gettime_ns(~pid << 3 | 2) + (int(fields[13]) + int(fields[14])) * TICK_NS


def written(pid):
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return int(re.search(r"^write_bytes: (\d+)", file.read(), re.M).group(1))


class Subject:
    """One program that is measured; `url` where it is scraped."""

    def __init__(self, name, pid, url=None):
        self.name = name
        self.pid = pid
        self.url = url
        self.begin = 0
        self.answers = []
        self.missed = 0

    def scrape(self):
        request = urllib.request.Request(self.url, headers={"Accept-Encoding": "gzip"})
        begin = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=SCRAPE_S) as answer:
                body = answer.read()
                zipped = answer.headers.get("Content-Encoding") == "gzip"
        except OSError:  # its work was done for nothing, and counts
            self.missed += 1
            return
        latency = time.monotonic() - begin
        plain = gzip.decompress(body) if zipped else body
        self.answers.append((latency * 1000, len(plain), len(body)))

    def figures(self, elapsed_s):
        memory = status(self.pid)
        result = {"cpu_ms_s": (cpu_ns(self.pid) - self.begin) / 1e6 / elapsed_s,
                  "rss_mb": (memory["RssAnon"] + memory["RssFile"]) * 1024 / 1e6, "missed": self.missed}
        if self.answers:
            for key, values in zip(("latency_ms", "answer_bytes", "wire_bytes"), zip(*self.answers)):
                result[key] = sorted(values)[len(values) // 2]
        return result


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status == 200
    except OSError:
        return False


class Peers:
    """Those that are installed, each started as its package or manual says."""

    def __init__(self, folder, enter):
        self.folder = folder
        self.enter = enter
        self.children = []
        self.subjects = []
        self.absent = {}

    def start(self, name, command, output=None, user=None, **arguments):
        program = shutil.which(command[0]) or (command[0] if os.path.isabs(command[0]) else None)
        if not program or not os.path.exists(program):
            self.absent[name] = f"{command[0]} is not installed"
            return None
        with open(output or os.devnull, "wb") as out:
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL,
                                     preexec_fn=self.enter(name, user), **arguments)
        self.children.append(child)
        return child

    def add(self, name, child, url=None):
        if not child:
            return
        time.sleep(1)
        ready = not url
        for _ in range(0 if ready else 240):  # one sweeps before it listens
            ready = answers(url)
            if ready or child.poll() is not None:
                break
            time.sleep(0.5)
        if child.poll() is not None:
            self.absent[name] = f"ended with status {child.returncode}"
        elif not ready:
            self.absent[name] = "does not answer"
        else:
            self.subjects.append(Subject(name, child.pid, url))

    def start_all(self):
        config = os.path.join(self.folder, "process-exporter.yml")
        with open(config, "w", encoding="ascii") as file:
            file.write("process_names:\n  - name: '{{.Comm}}'\n    cmdline: ['.+']\n")
        os.chmod(config, 0o644)
        user = next((user for user in pwd.getpwall() if user.pw_name == "prometheus"), None)
        self.add("hybrid", self.start("hybrid", [os.environ["HYBRID"]]))
        self.add("node-exporter", self.start(
            "node-exporter", ["prometheus-node-exporter", "--web.listen-address=127.0.0.1:19100"],
            user=user), "http://127.0.0.1:19100/metrics")
        self.add("process-exporter", self.start(
            "process-exporter", ["prometheus-process-exporter", "-config.path", config,
                                 "-web.listen-address", "127.0.0.1:19256"], user=user),
            "http://127.0.0.1:19256/metrics")
        self.add("apps.plugin", self.start(
            "apps.plugin", ["/usr/lib/netdata/plugins.d/apps.plugin", "1"],
            output=os.path.join(self.folder, "apps.out")))
        self.add("pidstat 1", self.start("pidstat", ["pidstat", "1"],
                                         output=os.path.join(self.folder, "pidstat.out")))
        # ATOPACCT: else it would switch the kernel's process accounting on, for all of the machine.
        self.add("atop 10", self.start("atop", ["atop", "-w", os.path.join(self.folder, "atop.raw"), "10"],
                                       env={**os.environ, "ATOPACCT": ""}))

    def close(self):
        for child in self.children:
            child.stdin.close()
            child.terminate()
        for child in self.children:
            child.wait()


class Crowd:
    """Processes in as many groups as there are workloads, and of as many names."""

    def __init__(self, processes, enter):
        self.parts = []
        try:
            for i in range(WORKLOADS):
                share = processes * (i + 1) // WORKLOADS - processes * i // WORKLOADS
                self.parts.append(subprocess.Popen(
                    [os.environ["CROWD"], str(share), f"work{i:02d}"], stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, preexec_fn=enter(f"work{i:02d}")))
            for part in self.parts:
                assert part.stdout.readline() == b"ready\n"
        except BaseException:
            self.close()
            raise

    def close(self):
        for part in self.parts:
            part.stdin.close()
        for part in self.parts:
            part.wait()


def waits(pid):
    """Voluntary switches of each thread by its name: each is one wake-up."""
    result = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm", encoding="ascii") as file:
            name = "main" if int(task) == pid else file.read().strip()
        result[name] = result.get(name, 0) + status(f"{pid}/task/{task}")["voluntary_ctxt_switches"]
    return result


def has_sensors():
    return bool(os.path.isdir("/sys/class/hwmon") and os.listdir("/sys/class/hwmon"))


class Round:
    """One round of all subjects; of greend also how often it woke and wrote."""

    def __init__(self, subjects, seconds):
        self.subjects = subjects
        self.greend = subjects[0]
        self.writes = 0
        self.in_scrapes = 0
        self.begin(seconds)

    def begin(self, seconds):
        pid = self.greend.pid
        for subject in self.subjects:
            subject.begin = cpu_ns(subject.pid)
            subject.answers, subject.missed = [], 0
        before, bytes_before = waits(pid), written(pid)
        begin, last = time.monotonic(), bytes_before
        bursts = []
        for second in range(seconds):
            if second % SCRAPE_S == SCRAPE_S // 2:
                self.scrape()
            time.sleep(max(0.0, begin + second + 1 - time.monotonic()))
            now = written(pid)
            if now != last and (not bursts or bursts[-1] < second - 1):
                self.writes += 1
            if now != last:
                bursts.append(second)
            last = now
        self.elapsed = time.monotonic() - begin
        after = waits(pid)
        self.woken = {name: after[name] - before.get(name, 0) for name in after}
        self.bytes = last - bytes_before

    def scrape(self):
        for subject in self.subjects:
            if not subject.url:
                continue
            before = waits(subject.pid) if subject is self.greend else {}
            subject.scrape()
            if subject is self.greend:
                time.sleep(0.05)  # its last answer is on its way
                self.in_scrapes += waits(subject.pid)["main"] - before["main"]

    def figures(self):
        result = {subject.name: subject.figures(self.elapsed) for subject in self.subjects}
        counted = sum(n for name, n in self.woken.items()
                      if name != "greend-helper" or not has_sensors())
        result["greend"].update({
            "wakeups_s": (counted - self.in_scrapes) / self.elapsed,
            "writes_min": self.writes / self.elapsed * 60,
            "written_bytes_day": self.bytes / self.elapsed * 86400,
            "woken": {name: n / self.elapsed for name, n in self.woken.items()}})
        return result


def own_report(machine):
    """What greend's own report says that each unit used: joules and CPU seconds."""
    answer = machine.ctl("report", "--database", machine.database, "--since", "1d ago", "--by", "unit",
                         "--top", "1000", "--format", "json", "--lang", "en")
    if answer.returncode != 0:
        return {"error": answer.stderr.strip()}
    return json.loads(answer.stdout)


def measure(processes, rounds, seconds, with_peers):
    groups = Groups()
    crowd, peers = None, None
    try:
        crowd = Crowd(processes, groups)
        # In /dev/shm, as /run is: the ring's pages then count as shared memory.
        with tempfile.TemporaryDirectory(dir="/dev/shm") as runtime, \
                tempfile.TemporaryDirectory() as scratch, Machine({
                    "sampling": {"interval": "1s", "sysfs": "/sys", "exits": "off"},
                    "store": {"flush": "60s"}, "model": {"rest": "auto"},
                    "runtime": {"directory": runtime}}) as machine:
            os.chmod(scratch, 0o755)
            peers = Peers(scratch, groups)
            if with_peers:
                peers.start_all()
            machine.start(preexec_fn=groups("greend"))
            machine.wait_for("ready")
            subjects = [Subject("greend", machine.daemon.pid, machine.url + "metrics"), *peers.subjects]
            Round(subjects, WARM_UP_S)
            result = {"processes": processes, "absent": peers.absent, "rounds": [],
                      "seen": sum(name.isdigit() for name in os.listdir("/proc"))}
            for _ in range(rounds):
                result["rounds"].append(Round(subjects, seconds).figures())
                show(processes, result["rounds"][-1])
            machine.stop()
            result["report"] = own_report(machine)
            return result
    finally:
        if peers:
            peers.close()
        if crowd:
            crowd.close()
        groups.close()


def show(processes, figures):
    print(f"{processes} processes: " + ", ".join(
        f"{name} {one['cpu_ms_s']:.2f} ms/s {one['rss_mb']:.1f} MB" for name, one in figures.items()),
        figures["greend"], flush=True)


def describe():
    cpu = re.search(r"^model name\s*: (.*)$", open("/proc/cpuinfo", encoding="utf-8").read(), re.M)
    return {"cpu": cpu.group(1) if cpu else platform.machine(), "cpus": os.cpu_count(),
            "kernel": platform.release().split("-")[0], "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "load": os.getloadavg()[2]}  # of 15 minutes, before there was any crowd


def keep(results, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)


def main():
    # Ended from outside, it ends all that it began: peers would stay on their ports.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    if sys.argv[1] == "--from":
        with open(sys.argv[2], encoding="utf-8") as file:
            results = json.load(file)
    else:
        rounds = int(os.environ.get("GREEND_ROUNDS", "5"))
        seconds = int(os.environ.get("GREEND_SECONDS", "60"))
        sizes = [int(size) for size in os.environ.get("GREEND_SIZES", "").split()] or SIZES
        results = {"machine": describe(), "seconds": seconds, "sizes": []}
        for size in sizes:
            results["sizes"].append(measure(size, rounds, seconds, True))
            keep(results, sys.argv[2])
        if os.environ.get("GREEND_SIZES") is None:
            results["memory"] = measure(SIZE_OF_MEMORY, 1, seconds, False)
            keep(results, sys.argv[2])
    sys.exit(0 if peers_report.write(results) else 1)


if __name__ == "__main__":
    main()
