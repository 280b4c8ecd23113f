#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Derives the numbers of the model collector from published measurements.

    derive.py SPECPOWER.csv PLATFORM.csv              prints table.inc
    derive.py SPECPOWER.csv PLATFORM.csv --report     prints how good the numbers are
    derive.py SPECPOWER.csv PLATFORM.csv --examples   prints worked examples for the tests

SPECPOWER.csv: SPECpower_ssj2008 results, one row a server. PLATFORM.csv: package, DRAM and platform
power of one real server over time. docs/model.md explains every step and names the columns.
Needs Python 3.8 and its standard library alone; the same input gives the same bytes.
"""
import csv
import math
import re
import statistics
import sys

LEVELS = ["idle_w"] + ["w_at_%d" % load for load in range(10, 101, 10)]
FULL = len(LEVELS) - 1
RECENT_YEAR = 2016  # what the row for unknown processors is made of
GUEST_IDLE_SHARES = (0.25, 0.5, 1.0, 2.0)
GUEST_LOAD_SHARES = (1.0, 1.5)
WHY_HOST = "an estimate, no measurement: from published SPECpower results of "
WHY_GUEST = "an estimate, no measurement: a guest's share of a typical host, from "
SMALL_RESULTS, SMALL_MODELS = 20, 5  # below: a family's own band is not believed

# Row, text, and the names of its processors as normal() writes them. The first match counts.
FAMILIES = (
    ("INTEL_CORE2", "Intel servers of the NetBurst and Core 2 generations",
     r"(3\.\dGHZ|PENTIUMD.*|70\d\d|71\d\dM|30\d\d|51\d\d|[ELX]5[234]\d\d|[EL]7[34]\d\d|X3[23]\d\d"
     r"|L33\d\d|E3110|)$"),
    ("INTEL_NEHALEM", "Intel servers of the Nehalem and Westmere generations",
     r"([ELX]5[56]\d\d|X34\d\d|COREI3-540)$"),
    ("INTEL_SANDY_BRIDGE", "Intel Xeon E5 and E5 v2 servers", r"E5-\d{4}L?(V2)?$"),
    ("INTEL_HASWELL", "Intel Xeon E5 v3 and v4 servers", r"E5-\d{4}L?V[34]$"),
    ("INTEL_SKYLAKE", "Intel Xeon Scalable servers, Skylake to Cooper Lake",
     r"(PLATINUM|GOLD|SILVER)\d[12]\d\d[A-Z]*$|(PLATINUM|GOLD)\d3\d\dHL?$"),
    ("INTEL_ICE_LAKE", "Intel Xeon Scalable servers, Ice Lake",
     r"(PLATINUM|GOLD|SILVER)\d3\d\d[A-Z]?$"),
    ("INTEL_ENTRY_OLD", "Intel Xeon E3 to E3 v4 servers", r"E3-12\d\dL?(V[1-4])?$|COREI5-4\d\d\d$"),
    ("INTEL_ENTRY", "Intel Xeon E3 v5 to E-2300 servers", r"E3-12\d\dL?V[56]$|E-2\d\d\dG$"),
    ("AMD_OPTERON", "AMD Opteron servers", r"OPTERON"),
    ("AMD_ZEN1", "AMD EPYC 7001 servers", r"EPYC7\d\d1P?$"),
    ("AMD_ZEN2", "AMD EPYC 7002 servers", r"EPYC7\d\d2P?$"),
    ("AMD_ZEN3", "AMD EPYC 7003 servers", r"EPYC7\d\d3[PX]?$"),
)
TEXTS = {row: text for row, text, _ in FAMILIES}


class Server:
    def __init__(self, row):
        self.cpu = normal(row["cpu"])
        # A maker signs in many ways ("Super Micro Computer, Inc.", "Supermicro"): five letters do.
        self.maker = re.sub("[^a-z]", "", row["vendor"].lower())[:5]
        self.cores, self.chips = int(row["cores"]), int(row["chips"])
        self.threads, self.memory = int(row["threads"]), float(row["memory_gb"])
        self.year = int(row["hardware_available"][-4:])
        self.power = [float(row[level]) for level in LEVELS]
        self.family = next((f for f, _, names in FAMILIES if re.match(names, self.cpu)), None)
        self.sizes = [math.log(self.cores), math.log(self.chips), math.log(self.memory)]

    def shape(self):
        idle, full = self.power[0], self.power[FULL]
        return [(power - idle) / (full - idle) for power in self.power]


def normal(cpu):
    """The processor's model without what makers add to it: "Intel Xeon L5420 (2.5GHz)" -> L5420."""
    cpu = re.sub(r"\((R|TM)\)", "", cpu, flags=re.I)
    cpu = re.sub(r"\(.*?\)|@?\s*\b\d\.\d+ ?GHz|, Dell SKU.*|[^ ]+-Core", "", cpu, flags=re.I)
    cpu = re.sub(r"Intel|AMD|Xeon|CPU|processor", "", cpu, flags=re.I)
    return re.sub(r"[@,\s]", "", cpu).upper()


def solve(matrix, values):
    """Gauss with partial pivoting."""
    rows = [list(row) + [value] for row, value in zip(matrix, values)]
    size = len(rows)
    for i in range(size):
        best = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[best] = rows[best], rows[i]
        for k in range(i + 1, size):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i])]
    answer = [0.0] * size
    for i in reversed(range(size)):
        known = math.fsum(rows[i][j] * answer[j] for j in range(i + 1, size))
        answer[i] = (rows[i][size] - known) / rows[i][i]
    return answer


def least_squares(inputs, outputs):
    columns = list(zip(*inputs))
    return solve([[math.fsum(a * b for a, b in zip(x, y)) for y in columns] for x in columns],
                 [math.fsum(a * b for a, b in zip(x, outputs)) for x in columns])


def fit_law(servers, level, key):
    """ln W = scale(key) + exponents . ln(cores, chips, GB), exponents >= 0 and common to all keys."""
    groups = {}
    for server in servers:
        groups.setdefault(key(server), []).append(server)
    sizes = {k: [statistics.fmean(c) for c in zip(*(s.sizes for s in g))] for k, g in groups.items()}
    logs = {k: statistics.fmean(math.log(s.power[level]) for s in g) for k, g in groups.items()}
    used = [0, 1, 2]
    while True:
        inputs = [[s.sizes[i] - sizes[key(s)][i] for i in used] for s in servers]
        outputs = [math.log(s.power[level]) - logs[key(s)] for s in servers]
        found = least_squares(inputs, outputs)
        if min(found) >= 0:
            break
        used.remove(used[found.index(min(found))])
    exponents = [0.0, 0.0, 0.0]
    for i, value in zip(used, found):
        exponents[i] = value
    return {k: (logs[k] - math.fsum(e * m for e, m in zip(exponents, sizes[k])), exponents)
            for k in groups}


def fit(servers, key):
    """Per key: the law at idle, the law at full load and the shape between."""
    idle, full = fit_law(servers, 0, key), fit_law(servers, FULL, key)
    table = {}
    for k in idle:
        shapes = [s.shape() for s in servers if key(s) == k]
        table[k] = (idle[k], full[k], rising([statistics.median(c) for c in zip(*shapes)]))
    return table


def rising(shape):
    return [max(shape[:i + 1]) for i in range(len(shape))]


def family_of(server):
    return server.family


def everyone(_):
    return None


def watts(law, sizes):
    scale, exponents = law
    return math.exp(scale + math.fsum(e * x for e, x in zip(exponents, sizes)))


def predict(row, server):
    idle, full = watts(row[0], server.sizes), watts(row[1], server.sizes)
    return [idle + (full - idle) * part for part in row[2]]


def held_out(servers, group, key):
    """(server, prediction) of each server by a fit on all servers outside its group."""
    for name in sorted({group(s) for s in servers}, key=str):
        table = fit([s for s in servers if group(s) != name], key)
        for server in servers:
            if group(server) == name and key(server) in table:
                yield server, predict(table[key(server)], server)


def quantile95(values):
    """The smallest value that 95 % of the values do not exceed."""
    values = sorted(values)
    return values[math.ceil(0.95 * len(values)) - 1]


class Errors:
    """Errors of held-out predictions. The mean is relative to the truth, as the literature has it;
    the band is relative to the prediction, because that is what a user applies it to."""

    def __init__(self, pairs):
        self.count, self.means, self.idle_means, self.bands, self.idle_bands = 0, [], [], [], []
        for server, predicted in pairs:
            self.count += 1
            errors = [abs(p - t) for p, t in zip(predicted, server.power)]
            self.means += [e / t for e, t in zip(errors, server.power)]
            self.idle_means.append(errors[0] / server.power[0])
            self.bands += [e / p for e, p in zip(errors, predicted)]
            self.idle_bands.append(errors[0] / predicted[0])

    def band(self):
        return quantile95(self.bands), quantile95(self.idle_bands)

    def line(self, name):
        return "%-20s %4d  %5.1f %5.1f %5.1f   %5.1f %5.1f %5.1f" % (
            name, self.count, 100 * statistics.fmean(self.means), 100 * quantile95(self.means),
            100 * quantile95(self.bands), 100 * statistics.fmean(self.idle_means),
            100 * quantile95(self.idle_means), 100 * quantile95(self.idle_bands))


def widest(*bands):
    return tuple(max(values) for values in zip(*bands))


def is_small(servers):
    return len(servers) < SMALL_RESULTS or len({s.cpu for s in servers}) < SMALL_MODELS


def host_bands(known):
    """Per family the wider of two: a processor model never seen, a maker never seen."""
    by_cpu = list(held_out(known, lambda s: s.cpu, family_of))
    by_maker = list(held_out(known, lambda s: s.maker, family_of))
    pooled = widest(Errors(by_cpu).band(), Errors(by_maker).band())
    bands = {}
    for family in TEXTS:
        own = [Errors(p for p in pairs if p[0].family == family) for pairs in (by_cpu, by_maker)]
        bands[family] = widest(*(e.band() for e in own))
        if is_small([s for s in known if s.family == family]):
            bands[family] = widest(bands[family], pooled)
    return bands, by_cpu, by_maker


def architecture(server):
    return "amd" if server.family.startswith("AMD") else "intel"


def thread_watts(hosts):
    return tuple(statistics.median(s.power[level] / s.threads for s in hosts) for level in (0, FULL))


def guest_hosts(servers):
    """Who hosts virtual machines: machines of two or more sockets."""
    return [s for s in servers if s.chips >= 2]


def guest_errors(hosts, shape, group):
    """Errors of a guest's share over hosts of a group not seen and over what is not known of its
    share: how many guests divide the idle power, and whether sibling threads are busy."""
    errors = []
    for name in sorted({group(s) for s in hosts}):
        seen = [s for s in hosts if group(s) != name] or hosts
        idle, full = thread_watts(seen)
        for host in hosts:
            if group(host) != name:
                continue
            for level, part in enumerate(shape):
                predicted = idle + (full - idle) * part
                base, load = host.power[0], host.power[level] - host.power[0]
                errors += [abs((i * base + l * load) / host.threads - predicted) / predicted
                           for i in GUEST_IDLE_SHARES for l in GUEST_LOAD_SHARES]
    return errors


def fit_rest(path):
    """platform = constant + (1 + slope) x (package + DRAM), by least squares."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [(float(r["package_w"]) + float(r["dram_w"]), float(r["platform_w"]))
                for r in csv.DictReader(file)]
    constant, slope = least_squares([[1.0, x] for x, _ in rows], [y for _, y in rows])
    return constant, slope - 1, len(rows)


def law_text(law):
    return "{.scale_uw = %d, .cores_ppm = %d, .chips_ppm = %d, .memory_ppm = %d}" % (
        round(math.exp(law[0]) * 1e6), *(round(e * 1e6) for e in law[1]))


class Derivation:
    def __init__(self, specpower, platform):
        with open(specpower, newline="", encoding="utf-8") as file:
            self.servers = [Server(row) for row in csv.DictReader(file)]
        self.known = [s for s in self.servers if s.family]
        self.recent = [s for s in self.known if s.year >= RECENT_YEAR]
        self.table = fit(self.known, family_of)
        self.table["UNKNOWN"] = fit(self.recent, everyone)[None]
        self.bands, self.by_cpu, self.by_maker = host_bands(self.known)
        self.unknown = Errors(held_out(self.recent, family_of, everyone))
        self.foreign = Errors(held_out(self.recent, architecture, everyone))
        self.bands["UNKNOWN"] = self.unknown.band()
        self.bands["FOREIGN"] = widest(self.unknown.band(), self.foreign.band())
        self.table["FOREIGN"] = self.table["UNKNOWN"]
        self.hosts = {f: guest_hosts(s for s in self.known if s.family == f) for f in TEXTS}
        self.hosts["UNKNOWN"] = self.hosts["FOREIGN"] = guest_hosts(self.recent)
        self.guests = self.guest_bands()
        self.rest = fit_rest(platform)

    def guest_bands(self):
        errors, bands = {}, {}
        for row, hosts in self.hosts.items():
            group = family_of if row in ("UNKNOWN", "FOREIGN") else lambda s: s.cpu
            errors[row] = guest_errors(hosts, self.table[row][2], group) if hosts else []
        pooled = quantile95([e for row in TEXTS for e in errors[row]])
        for row, found in errors.items():
            bands[row] = quantile95(found) if found else 0.0
            if found and row in TEXTS and is_small(self.hosts[row]):
                bands[row] = max(bands[row], pooled)
        return bands

    def print_row(self, row, text):
        idle, full, shape = self.table[row]
        thread = thread_watts(self.hosts[row]) if self.hosts[row] else (0, 0)
        curve = ["%d" % round(part * 1e6) for part in shape]
        print("    [ESTIMATE_%s] = {" % row)
        print("        .why = N_(\"%s\"\n                  \"%s\")," % (WHY_HOST, text))
        print("        .guest_why = N_(\"%s\"\n                        \"%s\")," % (WHY_GUEST, text))
        print("        .idle = %s," % law_text(idle))
        print("        .full = %s," % law_text(full))
        print("        .curve_ppm = {%s,\n                      %s}," % (
            ", ".join(curve[:6]), ", ".join(curve[6:])))
        print("        .band_ppm = %d, .idle_band_ppm = %d," % tuple(
            math.ceil(b * 1e3) * 1000 for b in self.bands[row]))
        print("        .thread_idle_uw = %d, .thread_full_uw = %d, .guest_band_ppm = %d," % (
            round(thread[0] * 1e6), round(thread[1] * 1e6), math.ceil(self.guests[row] * 1e3) * 1000))
        print("    },")

    def print_table(self):
        years = sorted(s.year for s in self.servers)
        print("/* SPDX-License-Identifier: EUPL-1.2 */")
        print("/* SPDX-FileCopyrightText: 2026 The greend authors */")
        print("/* Made by derive.py; docs/model.md says how. Not to be edited by hand.\n *")
        print(" * Source: %d published results of SPECpower_ssj2008 (https://www.spec.org/power_ssj2008/),"
              % len(self.servers))
        print(" * hardware of %d to %d, of which %d are of the families below. SPEC and SPECpower_ssj are"
              % (years[0], years[-1], len(self.known)))
        print(" * trademarks of the Standard Performance Evaluation Corporation. */")
        print("static const struct row rows[ESTIMATE_ROWS] = {")
        for row, text, _ in FAMILIES:
            self.print_row(row, text)
        self.print_row("UNKNOWN", "servers since %d of all makers" % RECENT_YEAR)
        self.print_row("FOREIGN", "x86 servers since %d, which this processor is not" % RECENT_YEAR)
        print("};\n")
        print("/* Least squares on %d samples of one two-socket server. */" % self.rest[2])
        print("enum { REST_SOCKET_UW = %d, REST_SLOPE_PPM = %d };" % (
            round(self.rest[0] / 2 * 1e6), round(self.rest[1] * 1e6)))

    def print_examples(self):
        print("/* SPDX-License-Identifier: EUPL-1.2 */")
        print("/* SPDX-FileCopyrightText: 2026 The greend authors */")
        print("/* Made by derive.py --examples: row, cores, chips, GB, then uW idle and at full load. */")
        for row, cores, chips, memory in (("INTEL_SKYLAKE", 32, 2, 192), ("AMD_ZEN3", 128, 2, 512),
                                          ("INTEL_ENTRY_OLD", 4, 1, 16), ("UNKNOWN", 96, 1, 384)):
            sizes = [math.log(cores), math.log(chips), math.log(memory)]
            idle, full, _ = self.table[row]
            print("{ESTIMATE_%s, %d, %d, %d, %d, %d}," % (row, cores, chips, memory, round(
                watts(idle, sizes) * 1e6), round(watts(full, sizes) * 1e6)))

    def print_report(self):
        head = "%-20s %4s  %s   %s" % ("", "n", " all: mean p95 band", " idle: mean p95 band")
        for title, pairs in (("processor model", self.by_cpu), ("maker", self.by_maker)):
            print("leave one %s out\n%s" % (title, head))
            for family in TEXTS:
                print(Errors(p for p in pairs if p[0].family == family).line(family))
            print(Errors(pairs).line("all families"))
        print("unknown processor: results since %d\n%s" % (RECENT_YEAR, head))
        print(Errors(held_out(self.recent, lambda s: s.cpu, everyone)).line("one model out"))
        print(self.unknown.line("one family out"))
        print(self.foreign.line("Intel or AMD out"))
        print("final bands in %: all, idle, guest")
        for row, (band, idle) in self.bands.items():
            print("%-20s %5.1f %5.1f %6.1f" % (row, 100 * band, 100 * idle, 100 * self.guests[row]))
        print("servers of no family: %d" % (len(self.servers) - len(self.known)))
        print("rest of one two-socket server: %.2f W + %.4f x (package + DRAM), %d samples" % self.rest)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    derivation = Derivation(sys.argv[1], sys.argv[2])
    mode = sys.argv[3] if len(sys.argv) == 4 else "--table"
    modes = {"--table": derivation.print_table, "--examples": derivation.print_examples,
             "--report": derivation.print_report}
    if mode not in modes:
        sys.exit(__doc__)
    modes[mode]()


if __name__ == "__main__":
    main()
