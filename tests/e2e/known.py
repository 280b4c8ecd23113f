#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Real processes, a known meter: what greend books to each workload is held against what the processes
truly used, by their own CPU clocks and their own watts per busy CPU (truth.py).

known.py [steady|bursty|storm|among]... ; what the bars are and why: docs/accuracy.md, Real processes."""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

from aside import Aside, become_root
from machine import Machine, skip
from truth import IDLE, REST, Burner, Driver, Process

SEED = int(os.environ.get("GREEND_TEST_SEED", "11"))
CPUS = os.cpu_count()
# Watts of package and memory: as a server's whose idle power is 0.3 of that at full load.
IDLE_WATTS = (2.2 * CPUS, 0.3 * CPUS)
REST_WATTS = (4.0, 0.4)
QUIET_S = 20  # idle power is first told after 12 s, and then found within some more
LATE_SHARE = 0.05  # of the time, in which the meter may stand still
METERS = {"package-0": "intel-rapl/package-0", "dram-0": "intel-rapl/package-0/dram"}


def check(what, error, bar):
    print(f"{what}: {100 * error:.1f} % off, at most {100 * bar:.1f} % are allowed", flush=True)
    assert error <= bar, what


def own(name):
    """A command name of this run alone: others may run on this machine."""
    return name + "-" + "".join(chr(ord("g") + (os.getpid() >> bits) % 16) for bits in (0, 4, 8))


class Booked:
    """What one scrape says."""

    def __init__(self, metrics):
        self.metrics = metrics

    def sum(self, name, pattern=""):
        """Over the series with such labels; joules in whole millijoules, as they are shown."""
        return sum(round(float(value) * 1000) for series, value in self.metrics.items()
                   if series.startswith(name + "{") and re.search(pattern, series)) / 1000

    def of(self, command):
        """Energy and CPU time of all workloads whose command begins so."""
        label = f'command="{command}'
        return (self.sum("greend_workload_energy_joules_total", label),
                self.sum("greend_workload_cpu_seconds_total", label))

    def total_uj(self, domain):
        return round(self.sum("greend_energy_joules_total", f'domain="{domain}"') * 1e6)

    def dynamic_j(self):
        return (self.sum("greend_workload_energy_joules_total") +
                self.sum("greend_unattributed_energy_joules_total"))


def first_uj(machine, domain):
    """What a counter stood at when greend read it first."""
    return machine.query(
        "SELECT m.raw_uj - (SELECT coalesce(sum(energy_uj), 0) FROM day_energy AS e"
        "  JOIN domain AS d ON d.id = e.domain WHERE d.name = ?1) FROM meter AS m"
        " WHERE m.key = ?2", domain, METERS[domain])[0][0]


def wait_for_commit(machine):
    """Until the counters are in the database."""
    for _ in range(300):
        if all(machine.query("SELECT 1 FROM meter WHERE key = ?", key) for key in METERS.values()):
            return
        time.sleep(0.1)
    raise AssertionError("greend has committed nothing within 30 s")


class Window:
    """From one scrape to another: what was booked and what was true."""

    def __init__(self, machine, driver):
        self.machine = machine
        self.driver = driver
        self.begin = self.scrape()

    def scrape(self):
        booked = Booked(self.machine.metrics())
        return booked, self.driver.at(self.counter_uj(booked))

    def counter_uj(self, booked):
        """What the first counter stood at when this was published."""
        return booked.total_uj("package-0") + first_uj(self.machine, "package-0")

    def end(self):
        booked, truth = self.scrape()
        self.truth = truth.minus(self.begin[1])
        self.by_time_j = self.driver.by_time(self.counter_uj(self.begin[0]),
                                             self.counter_uj(booked))
        self.dynamic_j = booked.dynamic_j() - self.begin[0].dynamic_j()
        self.energy_j, self.cpu_s = {}, {}
        for key in self.truth.energy_j:
            if key in (IDLE, REST):
                continue
            now, before = booked.of(key), self.begin[0].of(key)
            self.energy_j[key] = now[0] - before[0]
            self.cpu_s[key] = now[1] - before[1]
        self.show()

    def show(self):
        print(f"{'':12} {'CPU s':>8} {'booked':>8} {'J':>9} {'booked':>9} {'error':>7}")
        for key, energy_j in self.energy_j.items():
            truth_j = self.truth.energy_j[key]
            error = 100 * (energy_j / truth_j - 1) if truth_j > 0 else 0
            print(f"{key:12} {self.truth.cpu_s[key]:8.3f} {self.cpu_s[key]:8.3f} {truth_j:9.3f} "
                  f"{energy_j:9.3f} {error:6.1f} %")
        print(f"{'dynamic':12} {'':17} {self.truth.dynamic_j():9.3f} {self.dynamic_j:9.3f} "
              f"{100 * (self.dynamic_j / self.truth.dynamic_j() - 1):6.1f} %; "
              f"rest {self.truth.cpu_s[REST]:.1f} s, idle {self.truth.energy_j[IDLE]:.1f} J; the meter "
              f"stood still for {self.driver.late_s:.1f} of {self.driver.used[IDLE]:.0f} s")

    def error(self, booked_j=None):
        """Of the workloads' energy, weighted by it."""
        booked_j = booked_j or self.energy_j
        truth_j = {key: self.truth.energy_j[key] for key in booked_j}
        return (sum(abs(booked_j[key] - truth_j[key]) for key in truth_j) /
                sum(truth_j.values()))

    def shares(self, amounts):
        """The workloads' true energy, shared anew in proportion to these."""
        total_j = sum(self.truth.energy_j[key] for key in self.energy_j)
        total = sum(amounts[key] for key in self.energy_j)
        return {key: total_j * amounts[key] / total for key in self.energy_j}

    def need(self, cpu_s, commands):
        if self.driver.late_s > LATE_SHARE * self.driver.used[IDLE]:
            skip(f"for {self.driver.late_s:.1f} of {self.driver.used[IDLE]:.0f} s the meter stood still: "
                 "this machine is too busy")
        for command in commands:
            if self.truth.cpu_s[command] < cpu_s:
                skip(f"{command} got {self.truth.cpu_s[command]:.2f} s of CPU time and needs "
                     f"{cpu_s} s: this machine is too busy")

    def dynamic_error(self):
        """Of what is not idle, as a share of all energy: the less there is of it, the less idle power's
        error is its own."""
        truth_j = self.truth.dynamic_j()
        return (self.dynamic_j - truth_j) / (truth_j + self.truth.energy_j[IDLE])


def check_times(machine, driver):
    """Every second of CPU time is booked to whose it was, those of ended children to who waited for
    them. By the database: a series of /metrics begins up to a second after its workload."""
    for command, cpu_s in driver.used.items():
        if command in (IDLE, REST):
            continue
        booked_s = (machine.query(
            "SELECT sum(c.cpu_ns) FROM day_cpu AS c JOIN workload AS w ON w.id = c.workload "
            "WHERE w.command GLOB ? || '*'", command)[0][0] or 0) / 1e9
        print(f"{command}: {cpu_s:.3f} s of CPU time in all, booked {booked_s:.3f} s, "
              f"{100 * booked_s / cpu_s if cpu_s > 0.001 else 100:.2f} %", flush=True)
        # The ended children's time is known in ticks of 10 ms, user and system by themselves.
        assert abs(booked_s - cpu_s) <= 0.01 * cpu_s + 0.02, command


def check_books(machine, zones):
    """After the meter has stopped: every millijoule is booked, to the domain that it went through."""
    time.sleep(2.5)  # a last frame, and the publication after it
    booked = Booked(machine.metrics())
    totals_uj = 0
    for zone, domain in zip(zones, METERS):
        total_uj = booked.total_uj(domain)
        true_uj = zone.true_uj - first_uj(machine, domain)
        assert 0 <= true_uj - total_uj < 1000, (domain, true_uj, total_uj)
        totals_uj += total_uj
    parts_uj = round(1e6 * (booked.dynamic_j() + booked.sum("greend_idle_energy_joules_total")))
    assert parts_uj == totals_uj, (parts_uj, totals_uj)
    assert machine.stop() == 0
    for zone, domain in zip(zones, METERS):
        assert zone.true_uj == first_uj(machine, domain) + machine.stored_uj("d.name = ?", domain)


class Place:
    """Where processes and greend run: aside, on a machine that has no other work, or among all that runs
    here, where that is not allowed or not wanted."""

    def __init__(self, folder, aside):
        self.aside = None
        self.launch = subprocess.Popen
        if not aside:
            return
        try:
            self.aside = Aside(folder, CPUS)
            self.launch = self.aside.popen
        except OSError as error:
            print(f"not allowed a PID namespace ({error}): whatever else runs here has its part in the "
                  "figures", flush=True)

    def burner(self, name, *watts):
        return Burner(own(name), watts, self.launch)

    def bar(self, aside, among):
        return aside if self.aside else among

    def end(self):
        if self.aside:
            self.aside.end()


def play(place, processes, script):
    """Runs the processes beside greend; script(machine, driver) says what they do, and judges."""
    try:
        with Machine({"sampling": {"interval": "200ms"}, "metrics": {"top": "300"}}) as machine:
            if place.aside:
                machine.launch = place.launch
                machine.prefix = place.aside.own_proc()
            zones = [machine.zone("intel-rapl:0", "package-0", power_uw=1_000_000_000),
                     machine.zone("intel-rapl:0:0", "dram")]
            driver = Driver(zones, IDLE_WATTS, REST_WATTS, processes, place.aside)
            driver.start()  # before greend reads: a meter that stands still would teach it wrong
            try:
                machine.start()
                driver.watch(machine.daemon.pid)
                machine.wait_for("ready")
                wait_for_commit(machine)
                script(machine, driver)
                time.sleep(0.5)  # the last children end
            finally:
                driver.stop()
            check_books(machine, zones)
            check_times(machine, driver)
    finally:
        for one in processes:
            one.end()


def steady(place):
    """Nothing changes, so nothing says what a CPU-second of one or the other takes."""
    burners = [place.burner("steady-a", 3.5, 0.3), place.burner("steady-b", 5.0, 0.5),
               place.burner("steady-c", 6.5, 0.5)]

    def script(machine, driver):
        time.sleep(QUIET_S)
        for burner, percent in zip(burners, (40, 30, 20)):
            burner.use(percent)
        time.sleep(13)
        window = Window(machine, driver)
        time.sleep(10)
        window.end()
        for burner in burners:
            burner.use(0)
        window.need(0.3, window.energy_j)
        by_time = window.error(window.shares(window.by_time_j))
        check("dynamic energy", abs(window.dynamic_error()), place.bar(0.03, 0.25))
        check(f"the split alone (by CPU time {100 * by_time:.1f} %)",
              window.error(window.shares(window.energy_j)), by_time + 0.03)

    play(place, burners, script)


def bursty(place):
    """Four unlike workloads come and go: their watts can be told apart after a while."""
    burners = [place.burner("bursty-a", 3.0, 0.2), place.burner("bursty-b", 10.0, 0.5),
               place.burner("bursty-c", 5.0, 1.0), place.burner("bursty-d", 7.5, 0.3)]
    dice = random.Random(SEED)

    def spend(seconds):
        end = time.monotonic() + seconds
        changes = {burner: 0.0 for burner in burners}
        on = {burner: dice.random() < 0.5 for burner in burners}
        while time.monotonic() < end:
            for burner in burners:
                if time.monotonic() >= changes[burner]:
                    on[burner] = not on[burner]
                    burner.use(dice.choice((50, 75, 100)) if on[burner] else 0)
                    length = dice.uniform(1, 4) if on[burner] else dice.uniform(2, 7)
                    changes[burner] = time.monotonic() + length
            time.sleep(0.05)

    def script(machine, driver):
        time.sleep(QUIET_S)
        spend(105)  # the fit is solved after 10, 40, 70, 100 and 130 s
        window = Window(machine, driver)
        spend(25)
        window.end()
        for burner in burners:
            burner.use(0)
        window.need(1.5, window.energy_j)
        split = window.error(window.shares(window.energy_j))
        by_time = window.error(window.shares(window.by_time_j))
        check("dynamic energy", abs(window.dynamic_error()), place.bar(0.02, 0.20))
        check("workloads, weighted", window.error(), place.bar(0.06, 0.25))
        check(f"the split alone (by CPU time {100 * by_time:.1f} %)", split,
              place.bar(0.4, 0.7) * by_time)

    play(place, burners, script)


STORM = """
read -r go || exit
while kill -0 $PPID 2>/dev/null && [ ! -e "$END" ]; do
    storm-true
    storm-true | storm-true
    echo one two three | storm-awk '{ for (i = 0; i < 3000; i++) n += i; print n, $2 }' |
        storm-sed s/two/deux/ >/dev/null
    (storm-true; storm-awk 'BEGIN { for (i = 0; i < 2000; i++) n += i }')
done
read -r end
"""


def link_tools(folder, name):
    """Tools under names that nobody else on the machine uses."""
    for tool in ("sh", "true", "awk", "sed"):
        path = shutil.which(tool)
        link = os.path.join(folder, f"{name}-{tool}")
        if not path:
            skip(f"there is no {tool} here")
        os.symlink(path, link)
    for tool, *arguments in (["true"], ["awk", "BEGIN { }"], ["sed", ""]):
        if subprocess.run([os.path.join(folder, f"{name}-{tool}"), *arguments], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True).returncode != 0:
            skip(f"{tool} works under its own name only")


def storm(place):
    """A shell and its children, none of which lives for long."""
    with tempfile.TemporaryDirectory(prefix="greend-e2e-") as folder:
        name = own("storm")
        link_tools(folder, name)
        end = os.path.join(folder, "end")
        os.environ.update(PATH=f"{folder}:{os.environ['PATH']}", END=end)
        # All alike: what is booked to whom is a question of CPU time alone.
        shell = Process(name, REST_WATTS, "sh", "-c", STORM.replace("storm", name), children=True,
                        launch=place.launch, executable=os.path.join(folder, f"{name}-sh"))
        beside = place.burner("beside", *REST_WATTS)
        asleep = place.burner("asleep", *REST_WATTS)

        def script(machine, driver):
            time.sleep(QUIET_S)
            shell.tell(b"go\n")
            beside.use(5)
            time.sleep(13)
            window = Window(machine, driver)
            time.sleep(9)
            window.end()
            with open(end, "wb"):
                beside.use(0)
            window.need(0.1, (name, beside.command))
            share = window.energy_j[name] / window.dynamic_j
            truth = window.truth.energy_j[name] / window.truth.dynamic_j()
            check("share of storm in all dynamic energy", abs(share / truth - 1),
                  place.bar(0.04, 0.08))
            check("dynamic energy", abs(window.dynamic_error()), place.bar(0.03, 0.20))
            assert window.energy_j[asleep.command] == 0, "who sleeps uses nothing"

        play(place, [shell, beside, asleep], script)


def go_first():
    """What else this machine does should not keep the processes from their CPU time. Where the
    kernel groups tasks by session, it is the session's niceness that counts: meson gives us one."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -20)
        if os.getsid(0) == os.getpid() and os.path.exists("/proc/self/autogroup"):
            with open("/proc/self/autogroup", "w", encoding="ascii") as file:
                file.write("-20")
    except OSError as error:
        print(f"not allowed to go before others ({error}): beside a load the workloads get little")


def run_all():
    """All in half the time: to each of them the others are work of the rest of the machine."""
    call = [sys.executable, sys.argv[0]]
    with subprocess.Popen([*call, "bursty"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as bursty_run:
        results = [subprocess.run([*call, name], check=False).returncode
                   for name in ("steady", "storm", "among")]
        print(bursty_run.communicate()[0], end="")
        results.append(bursty_run.returncode)
    return next((result for result in results if result not in (0, 77)), max(results))


def main():
    become_root()
    go_first()
    scenarios = {"steady": steady, "bursty": bursty, "storm": storm, "among": storm}
    if not sys.argv[1:]:
        sys.exit(run_all())
    for name in sys.argv[1:]:
        print(f"{name}:", flush=True)
        with tempfile.TemporaryDirectory(prefix="greend-e2e-") as folder:
            place = Place(folder, name != "among")
            try:
                scenarios[name](place)
            finally:
                place.end()


if __name__ == "__main__":
    main()
