# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""A machine to measure: a fake powercap tree whose counters this process turns, a greend that watches
it, and the books that are kept independently of greend."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

# What is asked here is on this machine, whatever the environment says of other ones.
urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))


def skip(reason):
    """Ends the test as skipped."""
    print(reason)
    sys.exit(77)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Zone:
    """One powercap zone. `true_uj` is all the energy that went through it, without wraps."""

    def __init__(self, root, path, name, counter_range=262143328850, start=0, power_uw=None):
        self.folder = os.path.join(root, "class/powercap", path)
        os.makedirs(self.folder)
        self._file("name", name + "\n")
        self._file("max_energy_range_uj", f"{counter_range}\n")
        self._file("enabled", "1\n")
        if power_uw:
            self._file("constraint_0_max_power_uw", f"{power_uw}\n")
        # The kernel's period in microjoules: the range is the scaled 2^32 - 1.
        self.period = counter_range + counter_range // 0xFFFFFFFF
        self.start = start
        self.true_uj = 0
        self._file("energy_uj", f"{start:013d}\n")
        self.fd = os.open(os.path.join(self.folder, "energy_uj"), os.O_WRONLY)

    def _file(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write(text)

    def add(self, energy_uj):
        """Turns the counter. In place and of one length: greend keeps the file open."""
        self.true_uj += energy_uj
        value = (self.start + self.true_uj) % self.period
        os.pwrite(self.fd, f"{value:013d}\n".encode(), 0)


class Machine:
    """A scratch folder with a sysfs tree, a configuration and a greend."""

    def __init__(self, options=None):
        self.folder = tempfile.mkdtemp(prefix="greend-e2e-")
        self.sysfs = os.path.join(self.folder, "sys")
        os.makedirs(os.path.join(self.sysfs, "class/powercap"))
        os.makedirs(os.path.join(self.folder, "run"))
        self.database = os.path.join(self.folder, "greend.db")
        self.options = {
            "sampling": {"interval": "100ms", "sysfs": self.sysfs},
            "store": {"database": self.database, "flush": "1s"},
            "runtime": {"directory": os.path.join(self.folder, "run")},
            "http": {"listen": "127.0.0.1:0"},
            "model": {"rest": "off"},
        }
        for section, values in (options or {}).items():
            self.options.setdefault(section, {}).update(values)
        self.config = os.path.join(self.folder, "greend.conf")
        self.write_config()
        self.log = os.path.join(self.folder, "greend.log")
        self.daemon = None
        self.launch = subprocess.Popen
        self.program = os.environ["GREEND"]
        self.prefix = []  # of its command line

    def write_config(self):
        with open(self.config, "w", encoding="utf-8") as file:
            for section, values in self.options.items():
                file.write(f"[{section}]\n")
                for key, value in values.items():
                    file.write(f"{key}={value}\n")

    def zone(self, path, name, **arguments):
        return Zone(self.sysfs, path, name, **arguments)

    def start(self, wait=True, **arguments):
        with open(self.log, "ab") as log:
            offset = log.tell()
            self.daemon = self.launch(
                [*self.prefix, self.program, "--config", self.config], stderr=log,
                **arguments)
        if wait:
            self.url = self.wait_for(r"listening on (https?://\S+)", offset)

    def start_measuring(self):
        """Starts, and waits for the first frame: what the zones count from then on is seen."""
        self.start()
        for _ in range(30 * 50):
            try:
                with urllib.request.urlopen(self.url + "healthz", timeout=10):
                    return
            except urllib.error.HTTPError:
                time.sleep(0.02)
        raise AssertionError(f"no frame:\n{self.log_text()}")

    def log_text(self, offset=0):
        if not os.path.exists(self.log):
            return ""  # it was never started
        with open(self.log, "rb") as file:
            file.seek(offset)
            return file.read().decode("utf-8", "replace")

    def wait_for(self, pattern, offset=0, seconds=30):
        """Waits for a line of the log; the first group of the pattern, or the match."""
        for _ in range(seconds * 50):
            found = re.search(pattern, self.log_text(offset))
            if found:
                return found.group(found.lastindex or 0)
            if self.daemon and self.daemon.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"no {pattern!r} in the log:\n{self.log_text(offset)}")

    def stop(self):
        self.daemon.send_signal(signal.SIGTERM)
        status = self.daemon.wait(30)
        self.daemon = None
        return status

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = None

    def metrics(self):
        """{name{labels}: value} of one scrape."""
        with urllib.request.urlopen(self.url + "metrics", timeout=10) as answer:
            text = answer.read().decode()
        return dict(re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", text, re.MULTILINE))

    def query(self, sql, *arguments):
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            return database.execute(sql, arguments).fetchall()

    def stored_uj(self, where="1", *arguments):
        """All energy in the database, by the days' sums, without domains inside others."""
        return self.query(
            "SELECT coalesce(sum(e.energy_uj), 0) FROM day_energy AS e "
            "JOIN workload AS w ON w.id = e.workload JOIN domain AS d ON d.id = e.domain "
            f"WHERE w.kind <> 'unsplit' AND {where}", *arguments)[0][0]

    def ctl(self, *arguments):
        return subprocess.run([os.environ["GREEND_CTL"], *arguments], capture_output=True, text=True,
                              check=False)

    def close(self):
        if self.daemon:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind and kind is not SystemExit:
            print(self.log_text(), file=sys.stderr)
        self.close()
