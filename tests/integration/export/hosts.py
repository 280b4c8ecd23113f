#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Many databases in one report or export: a thousand hosts with few file descriptors, and what must
not be counted twice."""

import csv
import json
import os
import resource
import shutil
import sqlite3
import sys
import time

import rules
from history import DAY, FACTS, NOON, PARTS, USES, Desk, make, set_facts, set_host, without

FACTORS = os.path.join(os.environ["SOURCE_ROOT"], "footprint/factors")
sys.path.insert(0, os.path.join(os.environ["SOURCE_ROOT"], "tests/integration/ctl"))
from recompute import check_factors, recompute  # pylint: disable=wrong-import-position

HOSTS = 1000
DAY_UJ = sum(USES.values())


def report(desk, *databases, options=(), since="2026-09-01", until="2027-06-01", **arguments):
    words = [word for database in databases for word in ("--database", database)]
    return desk.ctl("report", "--config", desk.config, "--since", since, "--until", until, *words, *options,
                    **arguments)


def refused(answer, status, *says):
    assert answer.returncode == status and not answer.stdout, answer
    for words in says:
        assert words in answer.stderr, (words, answer.stderr)


def parsed(answer):
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))


def make_thousand(desk):
    """Copies of one database that differ in host, name and data centre."""
    first = desk.make()
    paths = [first]
    for number in range(2, HOSTS + 1):
        path = os.path.join(desk.folder, f"host-{number}.db")
        shutil.copyfile(first, path)
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA synchronous = OFF")
            set_host(db, number)
            facts = {**without(FACTS, "vm.web-01"), "machine.name": f"srv-{number}",
                     "site.datacentre": f"DC{number % 10}", "site.datacentre_name": f"Salle {number % 10}",
                     f"vm.web-{number}": FACTS["vm.web-01"]}
            set_facts(db, facts, [("rack", "", 1, None)])
            db.execute("UPDATE workload SET unit = ? WHERE unit = 'vm:web-01'", (f"vm:web-{number}",))
        db.close()
        paths.append(path)
    return paths


def test_thousand(desk):
    paths = make_thousand(desk)
    with sqlite3.connect(paths[0]) as db:
        db.execute("UPDATE fact SET value = 'DC1' WHERE key = 'site.datacentre'")
        db.execute("UPDATE fact SET value = 'Salle 1' WHERE key = 'site.datacentre_name'")
    begin = time.monotonic()
    said = parsed(report(desk, *paths, options=["--format", "json", "--by", "unit"], preexec_fn=few_descriptors))
    print(f"report of {HOSTS}: {time.monotonic() - begin:.1f} s", flush=True)
    assert said["hosts"] == HOSTS and said["host_id"] is None
    assert said["total"]["energy_microjoules"] == HOSTS * 30 * DAY_UJ
    assert said["period"]["covered_seconds"] == 30 * DAY and said["period"]["summed_coverage_ratio"] == 1
    print(f"{recompute(said)} figures recomputed", flush=True)
    by_unit = {row.get("unit"): row["energy_microjoules"] for row in said["rows"]}
    assert by_unit["sshd.service"] == HOSTS * 30 * USES[("service", "sshd.service", "sshd")]
    begin = time.monotonic()
    answer = desk.export("numecoeval", *paths)
    print(f"export of {HOSTS}: {time.monotonic() - begin:.1f} s", flush=True)
    assert answer.returncode == 0, answer.stderr[:2000]
    centres, physical, virtual, applications = rules.check(desk, "numecoeval")
    assert len(centres) == 10 and len(physical) == HOSTS == len(virtual)
    assert len(applications) == 2 * HOSTS
    # A fact that all lack: some are named, and how many more there are.
    for path in paths:
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA synchronous = OFF")
            db.execute("DELETE FROM fact WHERE key = 'asset.user'")
        db.close()
    answer = desk.refused("numecoeval", *paths, says=["utilisateur is mandatory", "and 950 more like these"])
    assert answer.stderr.count("utilisateur is mandatory") == 50


def test_identity(desk):
    one = desk.make()
    copy = os.path.join(desk.folder, "copy.db")
    shutil.copyfile(one, copy)
    for databases in ((one, one), (one, copy)):
        refused(report(desk, *databases), 1, f"{databases[0]} and {databases[1]} are of the same host",
                "would count twice")
        desk.refused("numecoeval", *databases, says=["are of the same host"])
    overlapping = desk.make(since=NOON + 29 * DAY)
    refused(report(desk, one, overlapping), 1, "are of the same host", "of the same time")
    nobody = desk.make(host=0)
    assert parsed(report(desk, nobody, options=["--format", "json"]))["hosts"] == 1
    refused(report(desk, one, nobody), 1, f"{nobody} does not say which host it is of")
    refused(report(desk, one, "/no/such.db"), 1, "there is no database /no/such.db")
    answer = desk.ctl("forget", "alice", "--database", one, "--database", copy)
    assert answer.returncode == 2 and "forget takes one, got 2" in answer.stderr, answer


def test_one_host_in_parts(desk):
    """A database was set aside and a new one begun: one host, whose facts are the newer one's."""
    old = desk.make(facts={**FACTS, "asset.user": "avant"})
    new = desk.make(since=NOON + 30 * DAY, days=10, facts={**FACTS, "asset.user": "depuis"})
    said = parsed(report(desk, new, old, options=["--format", "json", "--by", "day"]))
    assert said["hosts"] == 1 and len(said["rows"]) == 40
    assert said["total"]["energy_microjoules"] == 40 * DAY_UJ
    said = parsed(report(desk, new, old, options=["--format", "json", "--by", "month"]))
    assert [(row["length_seconds"], row["coverage_ratio"]) for row in said["rows"]] == [(31 * DAY, 1), (9 * DAY, 0.3)]
    for databases in ((old, new), (new, old)):
        answer = desk.export("numecoeval", *databases)
        assert answer.returncode == 0, answer.stderr
        (machine,) = rules.check(desk, "numecoeval")[1]
        assert machine["utilisateur"] == "depuis" and " 40.0 jours " in machine["nomSourceDonnee"], machine
        assert abs(float(machine["consoElecAnnuelle"]) - DAY_UJ * 365 / 3.6e12) < 0.001
    # A hole between the two is time without measurement.
    later = desk.make(since=NOON + 60 * DAY, days=30)
    said = parsed(report(desk, old, later, options=["--format", "json"]))
    assert abs(said["period"]["summed_coverage_ratio"] - 60 / 90) < 1e-6


def test_means(desk):
    """Coverage of several hosts is that of their mean, also of each day."""
    one = desk.make()
    half = desk.make(host=2, coverage=0.5)
    short = desk.make(host=3, days=15)
    said = parsed(report(desk, one, half, options=["--format", "json", "--by", "day"]))
    assert said["period"]["summed_coverage_ratio"] == 0.75
    assert all(row["coverage_ratio"] == 0.75 and row["length_seconds"] == DAY for row in said["rows"])
    assert len(said["rows"]) == 30
    said = parsed(report(desk, one, short, options=["--format", "json", "--by", "day"]))
    assert [row["coverage_ratio"] for row in said["rows"]] == [1] * 15 + [0.5] * 15
    assert said["period"]["summed_coverage_ratio"] == 0.75
    answer = report(desk, one, short, options=["--by", "month"])
    assert answer.returncode == 0 and ", 2 hosts" in answer.stdout, answer
    silent = desk.make(host=4, since=NOON - 400 * DAY)
    answer = report(desk, one, silent, options=["--format", "json"])
    assert json.loads(answer.stdout)["hosts"] == 1
    assert "1 of 2 databases have no data in the period" in answer.stderr and silent in answer.stderr
    assert report(desk, silent, options=["--format", "json"]).returncode == 3


def apart(desk, **changes):
    """Four hosts that differ in every fact, and one that tells nothing."""
    german = {**without(FACTS, "vm.web-01", "asset.planned_end"), "site.country": "DE", "site.pue": "1.2",
              "site.wue": "0.4", "asset.purchase": "2026-10-11", "asset.life": "5", "machine.name": "srv-02"}
    virtual = {**without(FACTS, "vm.web-01", "site.pue"), "machine.kind": "virtual", "asset.host_share": "0.125",
               "machine.name": "srv-03"}
    nowhere = {**without(FACTS, "site.country", "site.pue", "asset.purchase"), "machine.name": "srv-04"}
    made = [desk.make(), desk.make(host=2, facts=german, days=20, parts=PARTS[:2], coverage=0.5),
            desk.make(host=3, facts=virtual, domain=("platform", "platform", "model")),
            desk.make(host=4, facts=nowhere), desk.make(host=5, facts={}, parts=())]
    return made


def test_footprints(desk):
    """Each host by its own facts: every figure is recomputed from the JSON."""
    hosts = apart(desk)
    for by in ("workload", "unit", "domain", "day", "month"):
        for more in ([], ["--top", "1"], ["--idle", "proportional"]):
            said = parsed(report(desk, *hosts, options=["--format", "json", "--by", by, *more]))
            assert recompute(said) > 100
            check_factors(said, FACTORS)
    told, total = said["method"]["hosts"], said["total"]["footprint"]
    assert [host["facts"]["from"] for host in told] == ["database"] * 4 + [None]
    assert [host["facts"].get("name") for host in told] == ["srv-01", "srv-02", "srv-03", "srv-04", None]
    assert [host["site"]["country"] for host in told] == ["FRA", "DEU", "FRA", None, None]
    assert [host["site"]["pue_origin"] for host in told] == \
        ["declared", "declared", "default", "unknown", "unknown"]
    kwh = [host["footprint"]["energy_kwh"]["value"] for host in told]
    by_hand = kwh[0] * 1.35 * 0.098 + kwh[1] * 1.2 * 0.422 + kwh[2] * 1.46 * 0.098
    assert abs(total["use"]["GWP"]["value"] / by_hand - 1) < 1e-9
    assert said["footprint"]["use_complete"]["GWP"] is False
    assert said["footprint"]["embodied_complete"]["GWP"] is False
    assert told[1]["hardware"]["life"]["purchase"] == "2026-10-11" and told[2]["hardware"]["host_share"] == 0.125
    assert told[3]["footprint"]["use"]["GWP"] is None and told[3]["footprint"]["embodied"]["GWP"] is None
    items = {gap["item"] for gap in said["footprint"]["exclusions"]}
    assert {"country", "purchase", "declarations", "life"} - items == {"life"}, items
    # Alone each says the same as within all.
    for place, path in enumerate(hosts[:4]):
        alone = parsed(report(desk, path, options=["--format", "json"]))
        recompute(alone)
        assert alone["method"]["facts"] == told[place]["facts"], alone["method"]["facts"]
        for phase in ("use", "embodied"):
            one, of_all = alone["total"]["footprint"][phase]["GWP"], told[place]["footprint"][phase]["GWP"]
            assert (one and one["value"]) == (of_all and of_all["value"]), (place, phase)
    table = " ".join(report(desk, *hosts).stdout.split())
    for words in ("≥", "1 host: PUE 1.350, declared, electricity of France", "1 host: PUE 1.200, declared, "
                  "electricity of Germany", "PUE 1.460, the default of 2023", "Hardware: 3 hosts",
                  "country (1 of 5 hosts, the first: srv-04)", "declarations (1 of 5 hosts, the first: 00000000)",
                  "Facts: each host's own"):
        assert words in table, (words, table)
    page = report(desk, *hosts, options=["--format", "html", "--by", "unit"])
    assert page.returncode == 0, page.stderr
    assert "srv-03" in page.stderr and page.stderr.count("\n") == 1, page.stderr  # which names no host
    for words in ("Energy and footprint of 5 hosts", "Hosts, each by its own facts", ">srv-02</th><td>Germany</td>",
                  ">1.460 (default)</td>", "Energy by day", "sshd.service"):
        assert words in page.stdout, words
    rows = list(csv.DictReader(report(desk, *hosts, options=["--format", "csv"]).stdout.splitlines()))
    assert float(rows[-1]["use_gwp_kgco2e"]) == total["use"]["GWP"]["value"]
    assert rows[0]["embodied_share_ratio"] == "" and rows[0]["use_gwp_kgco2e"] != ""


def test_silent(desk):
    """A host without data in the period is counted in nothing, and that is said."""
    said = parsed(report(desk, desk.make(), desk.make(host=2), desk.make(host=3, facts={**FACTS, "machine.name": "srv-03"}, since=NOON - 400 * DAY),
                         options=["--format", "json"], since="2026-10-01", until="2026-10-31"))
    recompute(said)
    assert said["footprint"]["hosts_without_data"] == 1 and said["footprint"]["state"] == "partial"
    assert said["footprint"]["use_complete"]["GWP"] is False
    assert "hosts" in {gap["item"] for gap in said["footprint"]["exclusions"]}


def test_copy(desk):
    """What another machine's database tells wins over the configuration of this one."""
    config = os.path.join(desk.folder, "here.conf")
    with open(config, "w", encoding="ascii") as file:
        file.write(f"[footprint]\nfolder={FACTORS}\n[site]\ncountry=PL\npue=2\n[asset]\npurchase=2020-01-01\n")
    copy = desk.make()
    words = ["report", "--config", config, "--database", copy, "--since", "2026-10-01", "--until", "2026-10-31"]
    answer = desk.ctl(*words, "--format", "json")
    said = parsed(answer)
    recompute(said)
    assert said["method"]["site"]["country"] == "FRA" and said["method"]["site"]["pue"]["value"] == 1.35
    assert said["method"]["facts"] == {"from": "database", "name": "srv-01", "greend_version": "0.1.0"}
    assert said["method"]["hardware"]["life"]["purchase"] == "2024-03-31"
    assert [part["item"] for part in said["method"]["hardware"]["parts"]][:2] == ["cpu", "ram"]
    table = " ".join(desk.ctl(*words).stdout.split())
    assert "Facts: as greend kept them in the database: srv-01, greend 0.1.0." in table, table
    # Declared parts go before those that were read, as on the machine itself.
    declared = desk.make(facts={**FACTS, "parts.ram": "kind=ram, count=3, size=64"})
    said = parsed(desk.ctl(*[word if word != copy else declared for word in words], "--format", "json"))
    recompute(said)
    ram = [part for part in said["method"]["hardware"]["parts"] if part["item"] == "ram"]
    assert [(part["count"], part["size"]["value"]) for part in ram] == [(3, 64)], ram
    # Its targets are counted with its site too, by themselves and within the report.
    with open(config, "a", encoding="ascii") as file:
        file.write("[targets]\nclimate=host 100 kgCO2e per month\n")
    told = parsed(desk.ctl("targets", "--config", config, "--database", copy, "--format", "json"))
    assert abs(told["kgco2e_per_machine_kwh"] - 1.35 * 0.098) < 1e-12 and told["pue"] == 1.35, told
    said = parsed(desk.ctl(*words, "--format", "json"))
    assert abs(said["targets"][0]["so_far"] - 30 * DAY_UJ / 3.6e12 * 1.35 * 0.098) < 1e-6, said["targets"]
    # An older greend kept none: then those that are named count, without the hardware.
    said = parsed(desk.ctl(*[word if word != copy else desk.make(version=3) for word in words], "--format", "json"))
    assert said["method"]["site"]["country"] == "POL" and said["method"]["facts"]["from"] == "greend.conf"
    assert said["total"]["footprint"]["embodied"]["GWP"] is None
    # What no honest greend wrote counts as not told.
    lies = {**FACTS, "site.country": "Atlantis", "site.pue": "0.2", "asset.purchase": "2024-02-31",
            "machine.name": "<b>\x1b[2J", "machine.kind": "toaster"}
    said = parsed(report(desk, desk.make(facts=lies, parts=[("ram", "x" * 500, 2**31, 1e300), ("ufo", "", 1, 1.0)]),
                         options=["--format", "json"]))
    recompute(said)
    assert said["method"]["site"]["country"] is None and said["total"]["footprint"]["use"]["GWP"] is None
    assert "\x1b" not in said["method"]["facts"]["name"]
    # Dates that contradict each other are none.
    contradicting = desk.make(facts={**FACTS, "asset.planned_end": "2020-01-01"})
    said = parsed(report(desk, contradicting, options=["--format", "json"]))
    recompute(said)
    assert said["method"]["hardware"]["life"] is None and said["method"]["site"]["country"] == "FRA"


def test_coverage(desk):
    """Coverage is of what was asked for, in every format, and a begin before the first record is told."""
    path = desk.make()
    said = parsed(report(desk, path, options=["--format", "json"], since="2026-01-01", until="2027-01-01"))
    recompute(said)
    period = said["period"]
    assert abs(period["coverage_ratio"] - 30 / 365) < 1e-6 and period["summed_coverage_ratio"] == 1
    assert period["before_first_record_seconds"] == 273 * DAY, period
    rows = list(csv.DictReader(report(desk, path, options=["--format", "csv"], since="2026-01-01",
                                      until="2027-01-01").stdout.splitlines()))
    assert abs(float(rows[-1]["coverage_ratio"]) - 30 / 365) < 1e-6
    for form in ("table", "html"):
        text = " ".join(report(desk, path, options=["--format", form], since="2026-01-01",
                               until="2026-11-15").stdout.split())
        assert "The period is PARTIAL. It begins before the first record, of 2026-10-01 00:00. Of the period that " \
            "was asked for 9.4 % is measured or modelled. Nothing is extrapolated." in text, text
    assert "coverage 9.4 %" in " ".join(report(desk, path, since="2026-01-01", until="2026-11-15").stdout.split())
    said = parsed(report(desk, desk.make(since=NOON + 10 * DAY), options=["--format", "json", "--by", "month"]))
    assert [row["coverage_ratio"] for row in said["rows"]] == [round(21 / 31, 6), 0.3], said["rows"]
    later = int(time.time()) // DAY * DAY + 10 * DAY
    said = report(desk, path, since="2026-10-01", until=f"@{later}").stdout
    assert "The period is IN PROGRESS." in said and "begins before" not in said, said


def test_absurd_times(desk):
    """Times and lengths that no greend wrote, of which sums overflow: the file is refused."""
    most, least = 2**63 - 1, -2**63
    for column, value in (("length_s", most), ("length_s", least), ("first_s", least), ("first_s", most),
                          ("last_s", most), ("last_s", least), ("begin_s", least)):
        for place in ("min", "max"):
            path = desk.make()
            with sqlite3.connect(path) as db:
                db.execute(f"UPDATE day_span SET {column} = ? WHERE begin_s = (SELECT {place}(begin_s) FROM day_span)",
                           (value,))
            db.close()
            refused(report(desk, path, options=["--by", "day", "--format", "json"]), 1,
                    f"{path} is no database of greend or is corrupt")


def test_timezones(desk):
    utc = desk.make()
    paris = desk.make(host=2, timezone="Europe/Paris")
    refused(report(desk, utc, paris, options=["--by", "day"]), 2, "whose days are not the same")
    said = parsed(report(desk, utc, paris, options=["--format", "json"]))
    assert said["total"]["energy_microjoules"] == 60 * DAY_UJ and said["timezone"] == "UTC"


def test_idle(desk):
    """Each host's idle energy is divided on that host."""
    quiet = desk.make(uses={("idle", "idle", ""): 9 * 10**12, ("service", "a.service", "a"): 10**12})
    busy = desk.make(host=2, uses={("idle", "idle", ""): 10**12, ("service", "b.service", "b"): 9 * 10**12})
    said = parsed(report(desk, quiet, busy, options=["--format", "json", "--by", "unit", "--idle", "proportional"]))
    assert {row["unit"]: row["energy_microjoules"] for row in said["rows"]} == \
        {"a.service": 300 * 10**12, "b.service": 300 * 10**12}


def main():
    make_of_versions = [(version, version) for version in (1, 2, 3, 4)]
    with Desk() as desk:
        for test in (test_identity, test_one_host_in_parts, test_means, test_footprints, test_silent, test_copy,
                     test_coverage, test_absurd_times, test_timezones, test_idle, test_thousand):
            print(test.__name__, flush=True)
            test(desk)
        # Older databases stand beside newer ones in a report.
        older = [make(os.path.join(desk.folder, f"v{v}.db"), host=h + 10, version=v) for v, h in make_of_versions]
        said = parsed(report(desk, desk.make(), *older, options=["--format", "json"]))
        assert said["hosts"] == 5 and said["total"]["energy_microjoules"] == 5 * 30 * DAY_UJ


if __name__ == "__main__":
    main()
