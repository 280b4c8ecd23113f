#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Recomputes every number of a report's footprint from the report's own JSON: its energies and its method
block, nothing else. As a program: recompute.py PRINT_FOOTPRINT FACTORS_FOLDER, of the reports that the
first prints; the factors are held against the files of the folder."""

import csv
import datetime
import json
import math
import os
import subprocess
import sys

CRITERIA = ("GWP", "ADPe", "AP", "PM", "IR", "PE", "water")
RELATIVE = 1e-9


class Figure:
    """A number with what is known of its band; unknown ones are None."""

    def __init__(self, value, low=None, high=None, banded=False, unbanded=False):
        self.value = value
        self.low = value if low is None else low
        self.high = value if high is None else high
        self.banded = banded
        self.unbanded = unbanded

    @classmethod
    def read(cls, told):
        """Of a factor: with its published band, or without."""
        if told is None:
            return None
        if told["min"] is None:
            return cls(told["value"], unbanded=True)
        return cls(told["value"], told["min"], told["max"], True, told["band"] == "partial")

    def _with(self, other, value, low, high):
        return Figure(value, low, high, self.banded or other.banded, self.unbanded or other.unbanded)


def times(a, b):
    if a is None or b is None:
        return None
    return a._with(b, a.value * b.value, a.low * b.low, a.high * b.high)


def plus(a, b):
    if a is None or b is None:
        return None
    return a._with(b, a.value + b.value, a.low + b.low, a.high + b.high)


def over(a, b):
    if a is None or b is None or b.low <= 0:
        return None
    return a._with(b, a.value / b.value, a.low / b.high, a.high / b.low)


class Wrong(AssertionError):
    pass


def same_number(told, right, where, scale=0.0):
    if abs(told - right) > RELATIVE * max(abs(right), scale):
        raise Wrong(f"{where}: told {told!r}, recomputed {right!r}")


def same(told, right, where, scale=0.0):
    """Compares a figure of the report with the recomputed one."""
    if told is None or right is None:
        if (told is None) != (right is None):
            raise Wrong(f"{where}: told {told}, recomputed {right and right.value}")
        return
    same_number(told["value"], right.value, where, scale)
    band = ("partial" if right.banded else "none") if right.unbanded else "full"
    if told["band"] != band:
        raise Wrong(f"{where}: band {told['band']}, recomputed {band}")
    if band == "none":
        if told["min"] is not None or told["max"] is not None:
            raise Wrong(f"{where}: least and greatest without a band")
        return
    same_number(told["min"], right.low, where + " min", scale)
    same_number(told["max"], right.high, where + " max", scale)


def day(text):
    return datetime.date.fromisoformat(text).toordinal()


def seconds(civil):
    """A civil time as seconds, as if every day had 86,400 of them."""
    return (datetime.datetime.fromisoformat(civil[:19]) - datetime.datetime(1, 1, 1)).total_seconds()


def known_sum(figures):
    """Of what is known; None where nothing is."""
    total = None
    for figure in figures:
        if figure is not None:
            total = figure if total is None else plus(total, figure)
    return total


class Recomputed:
    """A report of one host, or one host of several."""

    def __init__(self, report):
        self.report = report
        self.method = report["method"]
        self.told = report["footprint"]
        self.factors = {}
        country = self.method["site"]["country"]
        for factor in self.method["factors"]:
            if factor["geography"] not in (country, "WOR"):
                continue  # of another host
            key = factor["id"], factor["criterion"]
            assert key not in self.factors, f"{key} twice"
            self.factors[key] = Figure.read(factor["figure"])
        self.checked = 0

    def check(self, told, right, where, scale=0.0):
        same(told, right, where, scale)
        self.checked += 1

    def impacts(self, told, right, where):
        for criterion in CRITERIA:
            self.check(told[criterion], right[criterion], f"{where} {criterion}")

    # ---- The hardware ----

    def trait(self, told):
        if told is None:
            return None
        if told["factor"] is None:
            return Figure(told["value"])  # the machine's own: taken as it is
        standard = self.factors[told["factor"], "parameter"]
        same(told, standard, told["factor"])
        return standard

    def part(self, part):
        size = self.trait(part["size"])
        amount = over(size, self.trait(part["density"])) if part["density"] else size
        if part["by_amount"] is None:
            amount = None
        self.check(part["amount"], amount, part["item"] + " amount")
        impacts = {}
        for criterion in CRITERIA:
            one = self.factors.get((part["by_piece"], criterion)) if part["by_piece"] else Figure(0)
            if part["by_amount"] and amount is not None:
                one = plus(one, times(amount, self.factors.get((part["by_amount"], criterion))))
            elif part["by_amount"] and not part["by_piece"]:
                one = None
            impacts[criterion] = times(one, Figure(part["count"]))
        self.impacts(part["impacts"], impacts, part["item"])
        return impacts

    def hardware(self):
        """The impacts of the whole life, by criterion."""
        hardware = self.method["hardware"]
        nothing = dict.fromkeys(CRITERIA)
        if hardware is None:
            return nothing
        parts = [self.part(part) for part in hardware["parts"]]
        total = {}
        for criterion in CRITERIA:
            known = [part[criterion] for part in parts if part[criterion]]
            total[criterion] = None
            if known:
                sum_ = Figure(0)
                for impact in known:
                    sum_ = plus(sum_, impact)
                total[criterion] = times(sum_, Figure(hardware["host_share"]))
            complete = self.told["embodied_complete"]
            if complete and complete[criterion]:
                assert len(known) == len(parts), f"{criterion}: complete without every part"
        self.impacts(hardware["life_impacts"], total, "life")
        return total

    def within_life(self, since, until):
        life = self.method["hardware"]["life"]
        epoch = day("0001-01-01")
        begin = max(seconds(since), (day(life["purchase"]) - epoch) * 86400)
        end = min(seconds(until), (day(life["end"]) - epoch) * 86400)
        return max(end - begin, 0)

    def life_share(self):
        life = self.method["hardware"] and self.method["hardware"]["life"]
        if not life:
            return None
        whole = life["earlier_days"] + day(life["end"]) - day(life["purchase"]) + life["later_days"]
        assert life["whole_days"] == whole, (life["whole_days"], whole)
        if life["end_from"] == "default":
            years = self.factors["life", "parameter"].value
            assert whole == math.floor(years * 365.25 + 0.5), "the default life"
        for edge in ("since", "until"):
            civil = self.report["period"][edge][:19]
            assert life[edge + "_civil"] == civil, (life[edge + "_civil"], civil)
        if self.told["embodied_complete"] is None:
            return None
        held = self.within_life(life["since_civil"], life["until_civil"])
        same_number(life["life_seconds"], held, "life_seconds")
        same_number(life["life_share_ratio"], held / 86400 / whole, "life_share_ratio")
        return held / 86400 / whole

    # ---- Rows ----

    def energy(self, row):
        kwh = 3.6e12
        energy = row["energy_microjoules"]
        half = row["uncertainty_microjoules"]
        unstated = row["uncertainty_unstated_microjoules"] > 0 or \
            self.report["total"]["uncertainty_unstated_microjoules"] > 0
        if half is None:
            return Figure(energy / kwh, unbanded=True)
        return Figure(energy / kwh, max(energy - half, 0) / kwh, (energy + half) / kwh, True, unstated)

    def pue(self):
        site = self.method["site"]
        if site["pue_origin"] == "declared":
            return Figure(site["pue"]["value"])
        default = self.factors.get(("pue", "parameter"))
        same(site["pue"], default, "pue")
        return default

    def use_of(self, row):
        """Energy, facility energy, water on site and upstream, and impacts by criterion."""
        site = self.method["site"]
        wue = site["wue_litres_per_kwh"]
        energy = self.energy(row)
        facility = times(energy, self.pue())
        right = {c: times(facility, self.factors.get(("electricity", c))) for c in CRITERIA}
        upstream = right["water"]
        on_site = times(energy, Figure(wue["value"])) if wue else None
        on_site = over(on_site, Figure(1000))
        right["water"] = plus(on_site, upstream)
        return energy, facility, on_site, upstream, right

    def use(self, row, where):
        told = row["footprint"]
        energy, facility, on_site, upstream, right = self.use_of(row)
        self.check(told["energy_kwh"], energy, where + " energy")
        self.check(told["facility_energy_kwh"], facility, where + " facility")
        self.check(told["water_on_site_m3"], on_site, where + " water on site")
        self.check(told["water_upstream_m3"], upstream, where + " water upstream")
        self.impacts(told["use"], right, where + " use")
        return right

    def share(self, row):
        """A row's part of the hardware; None: what the others leave."""
        by = self.told["embodied_shared_by"]
        if by == "none" or self.told["embodied_complete"] is None and by == "time":
            return 0.0
        if by == "energy":
            whole = self.report["total"]["energy_microjoules"]
            return row["energy_microjoules"] / whole if whole else 0.0
        whole = self.method["hardware"]["life"]["life_seconds"]
        if row["row"] == "rest" and whole:
            return None
        told = row["footprint"]
        return self.within_life(told["since_civil"], told["until_civil"]) / whole if whole else 0.0

    def one(self, row, where, embodied, share):
        told = row["footprint"]
        use = self.use(row, where)
        same_number(told["embodied_share_ratio"], share, where + " share", 1.0)
        own = {c: times(embodied[c], Figure(share)) for c in CRITERIA}
        if row["row"] != "total" and self.told["embodied_shared_by"] == "none":
            own = dict.fromkeys(CRITERIA)
        for criterion in CRITERIA:
            scale = embodied[criterion].value if embodied[criterion] else 0
            self.check(told["embodied"][criterion], own[criterion], f"{where} embodied {criterion}",
                       scale)
            self.check(told["total"][criterion], plus(use[criterion], own[criterion]),
                       f"{where} total {criterion}")

    def embodied(self):
        """Of the period, by criterion."""
        life = self.hardware()
        period = self.life_share()
        return {c: times(life[c], Figure(period)) if period is not None else None for c in CRITERIA}

    def rows(self):
        embodied = self.embodied()
        self.one(self.report["total"], "total", embodied, 1.0)
        rows = self.report["rows"]
        shares = [self.share(row) for row in rows]
        left = 1.0 - sum(share for share in shares if share is not None)
        if None in shares:
            shares = [left if share is None else share for share in shares]
            left = 0.0
        same_number(self.told["embodied_unshared_ratio"], left, "unshared", 1.0)
        for i, (row, share) in enumerate(zip(rows, shares)):
            self.one(row, f"row {i}", embodied, share)
        for row in self.report["not_summed"]:
            assert "footprint" not in row, "a row that is in no total has a footprint"
        self.sums(rows)

    def sums(self, rows):
        """What the rows have is what the total has."""
        total = self.report["total"]["footprint"]
        unshared = self.told["embodied_unshared_ratio"]
        for phase, rest in (("use", 0.0), ("embodied", unshared)):
            for criterion in CRITERIA:
                whole = total[phase][criterion]
                parts = [row["footprint"][phase][criterion] for row in rows]
                if whole is None:
                    assert not any(parts), f"{phase} {criterion}: rows without a total"
                    continue
                got = math.fsum(part["value"] for part in parts if part)
                same_number(got + rest * whole["value"], whole["value"],
                            f"sum of {phase} {criterion}", whole["value"])

    # ---- What is no impact ----

    def quality(self):
        meters = self.report["energy_by_meter_microjoules"]
        rule = self.method["quality_by_meter"]
        total = self.report["total"]["energy_microjoules"]
        told = self.told["quality"]
        got = {name: sum(meters.get(meter, 0) for meter in rule[name].split(", "))
               for name in ("high", "medium")}
        got["low"] = total - sum(got.values())
        for name, energy in got.items():
            assert told[name + "_microjoules"] == energy, (name, told, energy)

    def some_partial(self):
        return False

    def state(self):
        """Of the period and of its spans; what is not whole never passes for a whole."""
        period = self.report["period"]
        now = self.told["made_at_unix_seconds"]
        since, until = (datetime.datetime.strptime(period["asked_" + edge], "%Y-%m-%dT%H:%M:%S%z")
                        for edge in ("since", "until"))
        end = max(until.timestamp(), period["until_unix_seconds"])
        length = end - min(since.timestamp(), period["since_unix_seconds"])
        covered = period["covered_seconds"]
        right = "in_progress" if end > now else \
            "partial" if length - covered > 120 or self.some_partial() else "whole"
        assert self.told["state"] == right, (self.told["state"], right)
        ratio = min(covered / length, 1.0)
        for told in (self.told["asked_coverage_ratio"], period["coverage_ratio"]):
            assert -1e-12 < ratio - told < 2e-6, (ratio, told)
        assert self.told["extrapolated"] is False
        for row in self.report["rows"]:
            if self.report["by"] != "month" or row["row"] != "item":
                continue
            begin = datetime.date.fromisoformat(row["begin"][:10])
            days = ((begin + datetime.timedelta(days=32)).replace(day=1) - begin).days
            missing = days * 86400 - row["covered_seconds"]
            assert row["footprint"]["state"] != "whole" or missing < 120 + 3600, row["begin"]

    def everything(self):
        assert all((self.told["use_complete"] or {}).values())
        self.rows()
        self.quality()
        self.state()
        excluded = [gap["item"] for gap in self.told["exclusions"]]
        if self.report["total"]["footprint"]["embodied"]["GWP"] is None:
            assert excluded, "nothing says why there is no hardware"
        return self.checked


class Fleet(Recomputed):
    """A report of several hosts: each is recomputed by its own inputs, and their sums."""

    def __init__(self, report):  # pylint: disable=super-init-not-called
        self.report = report
        self.method = report["method"]
        self.told = report["footprint"]
        self.checked = 0
        self.hosts = [Recomputed(self.one_host(host)) for host in self.method["hosts"]]
        assert len(self.hosts) == report["hosts"]
        self.embodied_of = [host.embodied() for host in self.hosts]

    def one_host(self, host):
        """A host as if it were a report of its own."""
        return {"by": self.report["by"], "total": {**host, "row": "total"}, "rows": [], "not_summed": [],
                "period": {"since": host["since_civil"], "until": host["until_civil"]},
                "method": {"factors": self.method["factors"], "site": host["site"],
                           "hardware": host["hardware"]},
                "footprint": {"embodied_complete": host["embodied_complete"],
                              "embodied_shared_by": self.told["embodied_shared_by"]}}

    def some_partial(self):
        return self.told["hosts_without_data"] > 0 or \
            any(host["state"] == "partial" for host in self.method["hosts"])

    def part_share(self, host, part):
        by = self.told["embodied_shared_by"]
        if by == "time" and "since_civil" not in part:
            return part["embodied_share_ratio"]  # what was folded is not told one by one
        if by == "time" and host.told["embodied_complete"] is None:
            return 0.0
        if by == "time":
            whole = host.method["hardware"]["life"]["life_seconds"]
            return host.within_life(part["since_civil"], part["until_civil"]) / whole if whole else 0.0
        whole = host.report["total"]["energy_microjoules"]
        return part["energy_microjoules"] / whole if by == "energy" and whole else 0.0

    def row(self, row, where):
        """What the row has, and what each host gives it of its hardware."""
        told = row["footprint"]
        uses, owns, shares = [], [], {}
        for part in told["by_host"]:
            host = self.hosts[part["host"]]
            share = self.part_share(host, part)
            same_number(part["embodied_share_ratio"], share, f"{where} share of {part['host']}", 1.0)
            shares[part["host"]] = share
            uses.append(host.use_of(part))
            if self.told["embodied_shared_by"] != "none":
                owns.append({c: times(self.embodied_of[part["host"]][c], Figure(share)) for c in CRITERIA})
        assert sum(part["energy_microjoules"] for part in told["by_host"]) == row["energy_microjoules"]
        assert len(shares) == len(told["by_host"]), "a host twice in a row"
        self.compare(told, uses, owns, where)
        return shares

    def compare(self, told, uses, owns, where):
        for place, key in enumerate(("energy_kwh", "facility_energy_kwh", "water_on_site_m3",
                                     "water_upstream_m3")):
            self.check(told[key], known_sum(use[place] for use in uses), f"{where} {key}")
        for criterion in CRITERIA:
            use = known_sum(use[4][criterion] for use in uses)
            own = known_sum(own[criterion] for own in owns)
            self.check(told["use"][criterion], use, f"{where} use {criterion}")
            self.check(told["embodied"][criterion], own, f"{where} embodied {criterion}")
            self.check(told["total"][criterion], plus(use, own), f"{where} total {criterion}")

    def completeness(self):
        silent = self.told["hosts_without_data"]
        for phase in ("use", "embodied"):
            told = self.told[phase + "_complete"]
            for criterion in CRITERIA if told else ():
                all_known = all(host["footprint"][phase][criterion] is not None and
                                host[phase + "_complete"][criterion] for host in self.method["hosts"])
                assert told[criterion] == (all_known and not silent), (phase, criterion)

    def rows(self):
        total = self.report["total"]
        for host, embodied in zip(self.hosts, self.embodied_of):
            host.one(host.report["total"], "host", embodied, 1.0)
            self.checked += host.checked
        self.compare(total["footprint"], [host.use_of(host.report["total"]) for host in self.hosts],
                     self.embodied_of, "total")
        left = [1.0] * len(self.hosts)
        for i, row in enumerate(self.report["rows"]):
            for host, share in self.row(row, f"row {i}").items():
                left[host] -= share
        for host, rest in zip(self.method["hosts"], left):
            same_number(host["embodied_unshared_ratio"], rest, "unshared", 1.0)
        self.completeness()

    def everything(self):
        self.rows()
        self.quality()
        self.state()
        return self.checked


def check_factors(report, folder):
    """Each factor is the row of the file that it names, where that file is in the folder."""
    for factor in report["method"]["factors"]:
        path = os.path.join(folder, factor["set"] + ".csv")
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        header = next(line for line in lines if not line.startswith("#"))
        row = next(csv.DictReader([header, lines[factor["line"] - 1]], delimiter=";",
                                  quoting=csv.QUOTE_NONE))
        for key in ("id", "criterion", "geography", "unit", "source", "licence", "method"):
            assert row[key] == factor[key], (key, row[key], factor[key])
        assert int(row["year"]) == factor["year"]
        assert float(row["value"]) == factor["figure"]["value"]
        for bound in ("min", "max"):
            assert (float(row[bound]) if row[bound] else None) == factor["figure"][bound], row


def recompute(report):
    """Raises where a number is wrong; answers how many were right."""
    return (Fleet if "hosts" in report["method"] else Recomputed)(report).everything()


def main():
    printed = subprocess.run([sys.argv[1]], capture_output=True, check=True, text=True).stdout
    for name, report in json.loads(printed).items():
        try:
            checked = recompute(report)
            check_factors(report, sys.argv[2])
        except (AssertionError, KeyError, TypeError) as error:
            raise Wrong(f"{name}: {error!r}") from error
        print(f"{name}: {checked} figures recomputed")


if __name__ == "__main__":
    main()
