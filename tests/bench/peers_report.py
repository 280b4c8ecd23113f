# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""What the figures of peers.py come to: the bars, the section of docs/performance.md, docs/peers.svg."""

import os

import peers_chart
from document import PERFORMANCE, ROOT, figure, replace_section, table

WHAT = {
    "greend": "`greend`, its whole job each second, scraped every 15 s",
    "hybrid": "the bare hybrid sweep each second (`tests/bench/hybrid.c`)",
    "node-exporter": "`prometheus-node-exporter`, of the machine alone, scraped every 15 s",
    "process-exporter": "`prometheus-process-exporter` by command name, scraped every 15 s",
    "apps.plugin": "netdata's `apps.plugin 1`, each second",
    "pidstat 1": "`pidstat 1`, each second",
    "atop 10": "`atop -w FILE 10`, every 10 s",
}


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def over(size, name, key):
    """The figure of each round; of none where the program was not there."""
    return [one[name][key] for one in size["rounds"] if name in one and key in one[name]]


def spread(values, unit=""):
    if not values:
        return "-"
    if len(values) == 1:
        return figure(values[0]) + unit
    return f"{figure(median(values))}{unit} ({figure(min(values))} to {figure(max(values))})"


def ratios(size, name):
    """greend's CPU over another's, round by round: both had the same minute."""
    return [one["greend"]["cpu_ms_s"] / one[name]["cpu_ms_s"] for one in size["rounds"] if name in one]


# ---- Bars ----

class Bars:
    def __init__(self):
        self.rows = []

    def hold(self, what, value, bar, unit=""):
        if value is None:
            self.rows.append((what, "-", f"{figure(bar)}{unit}", "not measured"))
            return
        self.rows.append((what, f"{figure(value)}{unit}", f"{figure(bar)}{unit}",
                          "met" if value <= bar else "**not met**"))

    def all_met(self):
        return not any("not met" in row[3] for row in self.rows)


def hold_cpu(bars, size):
    n = f"{size['processes']:,} processes"
    for name, bar, least in (("process-exporter", 0.1, 1000), ("pidstat 1", 0.2, 1000)):
        values = ratios(size, name)
        if size["processes"] >= least:
            bars.hold(f"CPU over {name}'s, {n}", median(values) if values else None, bar)
    allowed = [1.5 * bare + 1 for bare in over(size, "hybrid", "cpu_ms_s")]
    if allowed:
        bars.hold(f"CPU, against 1.5 times the bare sweep's and 1 ms/s, {n}",
                  median(over(size, "greend", "cpu_ms_s")), median(allowed), " ms/s")


def own_unit(size):
    """greend's row in its own report."""
    rows = size["report"].get("rows", [])
    return next((row for row in rows if row.get("unit") == "greend.service"), None)


def hold(results):
    bars = Bars()
    for size in results["sizes"]:
        hold_cpu(bars, size)
    everywhere = [*results["sizes"], *([results["memory"]] if "memory" in results else [])]
    for size in everywhere:
        for processes, bar in ((1000, 12), (10000, 24)):
            if size["processes"] == processes:
                bars.hold(f"RssAnon + RssFile, {processes:,} processes",
                          max(over(size, "greend", "rss_mb")), bar, " MB")
    minutes = [one["greend"] for size in results["sizes"] for one in size["rounds"]]
    # A round may hold the end of one write and the begin of another: their mean is told.
    bars.hold("writes to the disk a minute", sum(one["writes_min"] for one in minutes) / len(minutes), 1.1)
    bars.hold("wake-ups a second, but for scrapes and sensors",
              max(median(over(size, "greend", "wakeups_s")) for size in results["sizes"]), 1.2)
    unnamed = sum(not (own_unit(size) and own_unit(size)["energy_joules"] > 0) for size in everywhere)
    bars.hold("reports without greend's own energy", unnamed, 0)
    return bars


# ---- The document ----

def size_table(size):
    rows = []
    for name, what in WHAT.items():
        if not over(size, name, "cpu_ms_s"):
            continue
        sizes = over(size, name, "answer_bytes")
        wire = over(size, name, "wire_bytes")
        rows.append([
            what, spread(over(size, name, "cpu_ms_s"), " ms/s"),
            "1" if name == "greend" else spread(ratios(size, name)),
            figure(median(over(size, name, "rss_mb"))) + " MB",
            f"{figure(median(sizes) / 1000)} kB, {figure(median(wire) / 1000)} kB" if sizes else "-",
            spread(over(size, name, "latency_ms"), " ms")])
    heads = ["program", "CPU", "greend's over it", "RssAnon + RssFile", "answer, as sent", "latency"]
    seen = f" ({size['seen']:,} on the machine)" if "seen" in size else ""
    return f"### {size['processes']:,} processes{seen}\n\n" + table(heads, rows)


def describe_own(size):
    own = own_unit(size)
    if not own:
        return "greend is not in its own report."
    return (f"At {size['processes']:,} processes greend's own report says `greend.service` "
            f"{figure(own['energy_joules'])} J of {figure(size['report']['total']['energy_joules'])} J (modelled).")


def describe_turns(results):
    """A machine that is overloaded gives nobody a turn each second: then nothing here is of one a second."""
    turns = {size["processes"]: median([one["greend"]["woken"].get("greend-sampler", 0) for one in size["rounds"]])
             for size in results["sizes"]}
    if min(turns.values()) >= 0.95:
        return []
    told = ", ".join(f"at most {turn:.2f} a second at {processes:,}" for processes, turn in turns.items())
    return ["", "**The machine was overloaded**: who wants a turn each second got fewer, as greend its ticks "
            f"({told}) and `pidstat` its rounds, so ratios of such sizes say little. Measure anew on a machine at rest."]


def describe_wakeups(size):
    """By thread. The recorder's are mostly waits for the disk within the commit of a minute."""
    threads = sorted({name for one in size["rounds"] for name in one["greend"]["woken"]})
    parts = [f"{name} {median([one['greend']['woken'].get(name, 0) for one in size['rounds']]):.2f}"
             for name in threads]
    return (f"Voluntary switches a second at {size['processes']:,} processes, those of scrapes included: "
            + ", ".join(parts) + ".")


def section(results, bars):
    machine = results["machine"]
    shown = ", ".join(f"{size['processes']:,}" for size in results["sizes"])
    absent = {name: why for size in results["sizes"] for name, why in size["absent"].items()}
    written = [one["greend"]["written_bytes_day"] for size in results["sizes"] for one in size["rounds"]]
    rounds = len(results["sizes"][0]["rounds"])
    lines = [
        f"Of {machine['date']}: {machine['cpus']} CPUs of {machine['cpu']}, Linux {machine['kernel']}, shared with other work "
        f"(load average {machine['load']:.1f}). All programs ran side by side, {rounds} rounds of {results['seconds']} s at each size: "
        "median (least to most). CPU is each program's own time, user and system, and its children's.",
        "",
        f"![CPU time of greend and of its peers at {shown} processes](peers.svg)",
        ""]
    for size in results["sizes"]:
        lines += [size_table(size), ""]
    lines += ["### Bars", "", table(["what", "measured", "bar", ""], bars.rows), "",
              f"Written to the disk: {figure(median(written) / 1e6)} MB a day ({figure(min(written) / 1e6)} to "
              f"{figure(max(written) / 1e6)}, from `/proc/PID/io`). {describe_own(results['sizes'][-1])} "
              f"{describe_wakeups(results['sizes'][-1])}"]
    lines += describe_turns(results)
    for name in WHAT:
        missed = sum(sum(over(size, name, "missed")) for size in results["sizes"])
        if missed:
            lines += ["", f"{missed} scrapes of {name} were not answered within 15 s: the machine had too much to do."]
    lines += ["", *(f"Left out: {name}, {why}." for name, why in absent.items())]
    return "\n".join(lines)


def write(results):
    results["sizes"].sort(key=lambda size: size["processes"])
    bars = hold(results)
    for row in bars.rows:
        print("{}: {} (bar {}): {}".format(*row).replace("**", ""))
    replace_section(PERFORMANCE, "peers", section(results, bars))
    with open(os.path.join(ROOT, "docs/peers.svg"), "w", encoding="utf-8") as file:
        file.write(peers_chart.draw(results["sizes"], over, median))
    return bars.all_met()
