#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Many databases in one report or export: a thousand hosts with few file descriptors, and what must
not be counted twice."""

import json
import os
import resource
import shutil
import sqlite3
import time

import rules
from history import DAY, FACTS, NOON, USES, Desk, make, set_facts, set_host, without

HOSTS = 1000
DAY_UJ = sum(USES.values())


def report(desk, *databases, options=(), **arguments):
    words = [word for database in databases for word in ("--database", database)]
    return desk.ctl("report", "--since", "2026-09-01", "--until", "2027-06-01", *words, *options, **arguments)


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
    assert said["period"]["covered_seconds"] == 30 * DAY and said["period"]["coverage_ratio"] == 1
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
    assert [(row["length_seconds"], row["coverage_ratio"]) for row in said["rows"]] == [(31 * DAY, 1), (9 * DAY, 1)]
    for databases in ((old, new), (new, old)):
        answer = desk.export("numecoeval", *databases)
        assert answer.returncode == 0, answer.stderr
        (machine,) = rules.check(desk, "numecoeval")[1]
        assert machine["utilisateur"] == "depuis" and " 40.0 jours " in machine["nomSourceDonnee"], machine
        assert abs(float(machine["consoElecAnnuelle"]) - DAY_UJ * 365 / 3.6e12) < 0.001
    # A hole between the two is time without measurement.
    later = desk.make(since=NOON + 60 * DAY, days=30)
    said = parsed(report(desk, old, later, options=["--format", "json"]))
    assert abs(said["period"]["coverage_ratio"] - 60 / 90) < 1e-6


def test_means(desk):
    """Coverage of several hosts is that of their mean, also of each day."""
    one = desk.make()
    half = desk.make(host=2, coverage=0.5)
    short = desk.make(host=3, days=15)
    said = parsed(report(desk, one, half, options=["--format", "json", "--by", "day"]))
    assert said["period"]["coverage_ratio"] == 0.75
    assert all(row["coverage_ratio"] == 0.75 and row["length_seconds"] == DAY for row in said["rows"])
    assert len(said["rows"]) == 30
    said = parsed(report(desk, one, short, options=["--format", "json", "--by", "day"]))
    assert [row["coverage_ratio"] for row in said["rows"]] == [1] * 15 + [0.5] * 15
    assert said["period"]["coverage_ratio"] == 0.75
    answer = report(desk, one, short, options=["--by", "month"])
    assert answer.returncode == 0 and ", 2 hosts" in answer.stdout, answer
    silent = desk.make(host=4, since=NOON - 400 * DAY)
    answer = report(desk, one, silent, options=["--format", "json"])
    assert json.loads(answer.stdout)["hosts"] == 1
    assert "1 of 2 databases have no data in the period" in answer.stderr and silent in answer.stderr
    assert report(desk, silent, options=["--format", "json"]).returncode == 3


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
    make_of_versions = [(version, version) for version in (1, 2, 3)]
    with Desk() as desk:
        for test in (test_identity, test_one_host_in_parts, test_means, test_timezones, test_idle, test_thousand):
            print(test.__name__, flush=True)
            test(desk)
        # Older databases stand beside newer ones in a report.
        older = [make(os.path.join(desk.folder, f"v{v}.db"), host=h + 10, version=v) for v, h in make_of_versions]
        said = parsed(report(desk, desk.make(), *older, options=["--format", "json"]))
        assert said["hosts"] == 4 and said["total"]["energy_microjoules"] == 4 * 30 * DAY_UJ


if __name__ == "__main__":
    main()
