#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""export sci, recomputed by hand from what the databases hold and what the method document says, and
export rgesn: evidence for each criterion, in French and in English."""

import datetime
import json
import os
import sqlite3

from history import DAY, FACTS, NOON, PARTS, USES, Desk, without

DAYS = 30
UNITS = 120_000
PERIOD = ["--since", "2026-10-01"]
KWH = DAYS * sum(USES.values()) / 3.6e12
GWP = 0.098  # kgCO2e/kWh, France
LIFE = (datetime.date(2031, 3, 31) - datetime.date(2024, 3, 31)).days

# Two processors whose silicon is not told, sixteen modules of 32 GiB, two SSDs, no power supply that is known.
HARDWARE = (2 * 9.14 + 16 * (32 / 1.244 * 2.20 + 5.22) + 2 * (960 / 54.9 * 2.20 + 6.34) + 150 + 66.1 + 6.68)


def near(value, expected, part=1e-9):
    assert abs(value - expected) <= abs(expected) * part, (value, expected)


def units_file(desk, text):
    path = os.path.join(desk.folder, "units")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def sci(desk, *databases, options=(), text=f"{UNITS}\n", **arguments):
    arguments.setdefault("until", "2026-10-31")
    answer = desk.export("sci", *databases, options=["--units", units_file(desk, text), *PERIOD, *options], **arguments)
    assert answer.returncode == 0, answer.stderr
    assert sorted(os.listdir(desk.output)) == ["sci.json", "sci.txt"]
    with open(os.path.join(desk.output, "sci.json"), encoding="utf-8") as file:
        said = json.load(file)
    with open(os.path.join(desk.output, "sci.txt"), encoding="utf-8") as file:
        assert answer.stdout == file.read()
    # From the file's own inputs alone.
    electricity = sum(host["energy_kwh"]["value"] * host["intensity_kgco2e_per_kwh"]["value"] for host in said["hosts"])
    hardware = sum(host["hardware_life_kgco2e"]["value"] * host["hardware_period_share"] * host["software_share"]
                   for host in said["hosts"])
    near(said["e_times_i_kgco2e"]["value"], electricity)
    near(said["m_kgco2e"]["value"], hardware)
    near(said["sci_gco2e_per_unit"]["value"], 1000 * (electricity + hardware) / said["r_units"])
    return said, answer.stdout


def sci_refused(desk, *databases, says, status=1, options=(), text=f"{UNITS}\n", period=tuple(PERIOD), **arguments):
    arguments.setdefault("until", "2026-10-31")
    return desk.refused("sci", *databases, says=says, status=status,
                        options=["--units", units_file(desk, text), *period, *options], **arguments)


def test_sci(desk):
    said, text = sci(desk, desk.make())
    near(said["e_kwh"]["value"], KWH * 1.35)
    near(said["e_times_i_kgco2e"]["value"], KWH * 1.35 * GWP)
    near(said["m_kgco2e"]["value"], HARDWARE * DAYS / LIFE)
    near(said["sci_gco2e_per_unit"]["value"], 1000 * (KWH * 1.35 * GWP + HARDWARE * DAYS / LIFE) / UNITS)
    assert said["m_complete"] is False and "SCI, at least:" in text
    assert said["energy_microjoules"] == DAYS * sum(USES.values())
    assert said["idle_microjoules"] == DAYS * USES[("idle", "idle", "")], "idle hardware counts"
    assert said["intensity"] == "location-based"
    # Parts that the daemon could not read, declared: all of it is counted then.
    parts = {"parts.cpu": "kind=cpu, count=2, size=588", "parts.memory": "kind=ram, count=12, size=32, density=1.79",
             "parts.disk": "kind=ssd, size=400, density=50.6", "parts.supply": "kind=psu, count=2, size=2.99"}
    said, text = sci(desk, desk.make(facts={**FACTS, **parts}))
    near(said["hosts"][0]["hardware_life_kgco2e"]["value"], 967.9, 1e-4)
    assert said["m_complete"] is True and "SCI, at least:" not in text
    # No honest greend writes that: it counts as not said.
    said, _ = sci(desk, desk.make(facts={**FACTS, "parts.x": "kind=cpu, count=-2"}))
    near(said["m_kgco2e"]["value"], HARDWARE * DAYS / LIFE)
    # Two hosts in two countries: each with its own electricity.
    german = {**without(FACTS, "vm.web-01"), "site.country": "DE", "machine.name": "b", "site.pue": "2"}
    said, _ = sci(desk, desk.make(), desk.make(host=2, facts=german))
    near(said["e_times_i_kgco2e"]["value"], KWH * (1.35 * GWP + 2 * 0.422))
    # The default of the method is said as such.
    said, _ = sci(desk, desk.make(facts=without(FACTS, "site.pue")))
    assert said["hosts"][0]["pue"] == 1.46 and said["hosts"][0]["pue_origin"] == "default"


def test_software(desk):
    """One unit: with its part of the idle energy, and of the hardware as the energy goes."""
    service, guest = USES[("service", "sshd.service", "sshd")], USES[("vm", "vm:web-01", "qemu")]
    part = guest / (guest + service)
    said, text = sci(desk, desk.make(), options=["--software", "vm:web-01", "--idle", "proportional"])
    near(said["e_kwh"]["value"], KWH * part * 1.35, 1e-6)
    near(said["m_kgco2e"]["value"], HARDWARE * DAYS / LIFE * part, 1e-6)
    assert "'proportional'" in text and said["software"] == "vm:web-01"
    said, _ = sci(desk, desk.make(), options=["--software", "vm:web-01", "--idle", "separate"])
    near(said["e_kwh"]["value"], KWH * guest / sum(USES.values()) * 1.35, 1e-6)
    # One name of two kinds of workload, say a service and a container: both are that unit.
    kinds = {("idle", "idle", ""): 10**12, ("service", "shop", "nginx"): 2 * 10**12,
             ("container", "shop", "php"): 3 * 10**12, ("service", "shop2", "x"): 4 * 10**12}
    said, _ = sci(desk, desk.make(uses=kinds), options=["--software", "shop", "--idle", "separate"])
    assert said["energy_microjoules"] == DAYS * 5 * 10**12, said["energy_microjoules"]
    near(said["e_kwh"]["value"], DAYS * 5e12 / 3.6e12 * 1.35)
    near(said["m_kgco2e"]["value"], HARDWARE * DAYS / LIFE * 0.5, 1e-9)
    assert len(said["hosts"]) == 1 and said["hosts"][0]["software_share"] == 0.5
    sci_refused(desk, desk.make(), options=["--software", "vm:other"], status=3, says=["there is no unit vm:other"])


def test_units(desk):
    database = desk.make()
    metrics = ("# HELP requests_total Requests.\n# TYPE requests_total counter\n"
               'requests_total{path="/a}\\"{ requests_total 9"} 100000\nrequests_total{path="b"} 2e4 1790812800000\n'
               "requests_total_other 7\nrequests 5\n")
    assert sci(desk, database, text=metrics, options=["--metric", "requests_total"])[0]["r_units"] == 120_000
    assert sci(desk, database, text=metrics, options=["--metric", "requests"])[0]["r_units"] == 5
    for text, options, says in (
            (metrics, [], "expected one whole number, or --metric NAME"),
            (metrics, ["--metric", "no_such"], "expected a sample of the metric no_such"),
            ("", [], "expected one whole number"), ("12 13", [], "expected one whole number"),
            ("0\n", [], "expected at least one unit"), ("-5", [], "expected a whole number of units"),
            ("1.5", [], "expected a whole number of units"), ("1,5", [], "expected one whole number"),
            ("1e300", [], "expected a whole number of units"), ("nan", [], "expected one whole number"),
            ("0x10", [], "expected one whole number"), ("a 1\na NaN\n", ["--metric", "a"], "line 2: expected a number"),
            ('a{b="c} 1\n', ["--metric", "a"], "expected a sample"), ("a -1\n", ["--metric", "a"], "line 1:")):
        sci_refused(desk, database, text=text, options=options, says=["--units", says])
    answer = desk.export("sci", database, options=PERIOD)
    assert answer.returncode == 2 and "expected --units FILE" in answer.stderr, answer
    sci_refused(desk, database, status=2, period=(), says=["expected --since"])
    answer = desk.export("sci", database, options=[*PERIOD, "--units", "/no/such"])
    assert answer.returncode == 1 and "cannot open /no/such" in answer.stderr, answer


def test_needed(desk):
    for fact, says in (("site.country", "say country= in [site]"), ("asset.purchase", "say purchase= in [asset]"),
                       ("machine.kind", "say machine= in [asset]")):
        sci_refused(desk, desk.make(facts=without(FACTS, fact, "asset.planned_end")), says=[says, "nothing was written"])
    guest = {**FACTS, "machine.kind": "virtual"}
    sci_refused(desk, desk.make(facts=guest), says=["say host_share= in [asset]"])
    said, _ = sci(desk, desk.make(facts={**guest, "asset.host_share": "0.5"}))
    near(said["m_kgco2e"]["value"], 3660 * 0.5 * DAYS / LIFE)
    germany = {**without(FACTS, "site.pue"), "site.country": "DE"}
    sci_refused(desk, desk.make(facts=germany), says=["say pue= in [site]"])
    sci_refused(desk, desk.make(facts={**FACTS, "site.country": "JP"}), says=["no climate change of the electricity"])
    sci_refused(desk, desk.make(version=3), says=["Upgrade and restart it there"])
    # The units are of the whole period: it must have been measured.
    sci_refused(desk, desk.make(), until="2026-11-30", says=["50.0 % of the period were measured"])
    sci(desk, desk.make(), until="2026-11-30", options=["--partial"])


def add_hours(database):
    """Makes the last day known hour by hour, each hour as much of the day as it is long."""
    last = NOON + (DAYS - 1) * DAY
    with sqlite3.connect(database) as db:
        db.execute("UPDATE day_span SET hours_kept = 1 WHERE begin_s = ?", (last,))
        for hour in range(last, last + DAY, 3600):
            db.execute("INSERT INTO hour_span (begin_s, length_s, utc_offset_s, first_s, last_s, covered_ns, minutes_kept)"
                       " VALUES (?, 3600, 0, ?, ?, ?, 0)", (hour, hour, hour + 3600, 3600 * 10**9))
            db.execute("INSERT INTO hour_energy SELECT ?, workload, domain, energy_uj / 24, NULL FROM day_energy"
                       " WHERE begin_s = ?", (hour, last))
        # Half of all CPU time, a quarter of the memory, known for the last day.
        db.execute("INSERT INTO day_cpu SELECT begin_s, 2, ? FROM day_span", (DAY * 10**9 * 112 // 2,))
        db.execute("UPDATE day_span SET memory_ns = ? WHERE begin_s = ?", (DAY * 10**9, last))
        db.execute("INSERT INTO day_reserved VALUES (?, 2, ?, NULL)", (last, DAY * 2**27))
        db.execute("UPDATE hour_span SET memory_ns = ?", (3600 * 10**9,))
        db.execute("INSERT INTO hour_reserved SELECT begin_s, 2, ?, NULL FROM hour_span", (3600 * 2**27,))
        db.execute("INSERT INTO hour_cpu SELECT begin_s, 2, ? FROM hour_span", (3600 * 10**9 * 112 // 2,))
    db.close()


def rgesn(desk, *databases, **arguments):
    answer = desk.export("rgesn", *databases, **arguments)
    assert answer.returncode == 0, answer.stderr
    assert sorted(os.listdir(desk.output)) == ["rgesn.en.txt", "rgesn.fr.txt"]
    texts = []
    for language in ("fr", "en"):
        with open(os.path.join(desk.output, f"rgesn.{language}.txt"), encoding="utf-8") as file:
            texts.append(file.read().replace("\u00a0", " "))
    return texts


def test_rgesn(desk):
    facts = {**FACTS, "site.wue": "0.5", "machine.memory_kib": str(2**29)}
    database = desk.make(facts=facts)
    add_hours(database)
    french, english = rgesn(desk, database)
    for criterion in ("RGESN 1.5", "2.7", "3.7", "RGESN 3.2", "30134-5", "RGESN 8.2", "RGESN 8.3", "8.4", "8.6",
                      "RGESN 8.10", "2024/1364"):
        assert criterion in french and criterion in english, criterion
    use = KWH * 1.35 * GWP
    assert f"climate change (kgCO₂e): use {use:.4g}; manufacture {HARDWARE * DAYS / LIFE:.4g} (" in english, english
    assert f"changement climatique (kgCO₂e) : utilisation {use:.4g}".replace(".", ",") in french.replace(".", ",")
    assert "acidification (molH+e): use " in english
    assert "particulate matter (incidence): use 2.807e-07; manufacture not published" in english, english
    assert "CPUs 50.0 %, memory held 25.0 %, idle energy 50.0 %" in english, english
    assert "processeurs 50,0 %, mémoire tenue 25,0 %, énergie au repos 50,0 %" in french
    # The last day is a Friday: 11 of its 24 hours are night.
    assert f"Production: {KWH:.2f} kWh, of it at night (20:00 to 07:00) and at weekends: 45.8 %" in english, english
    assert "(known hour by hour for 3.3 % of the energy)" in english
    assert "age 2.6 years, planned life 7.0 years (no)" in english
    assert "PUE 1.35 (yes), WUE 0.5 (no), 98 gCO₂e/kWh (yes), for 2030 (no) [boavizta]" in english
    assert "PUE 1,35 (oui), WUE 0,5 (non), 98 gCO₂e/kWh (oui), pour 2030 (non)" in french
    assert f"{KWH:.2f} kWh without PUE, 2026-10-01 to 2026-10-30, coverage 100.0 %, modelled for 0.0 %" in english
    # What is not known is said, in both languages, and never a number.
    bare = desk.make(facts={"machine.kind": "physical", "machine.name": "nu"}, parts=[],
                     domain=("platform", "platform", "model"))
    french, english = rgesn(desk, bare)
    assert "use not published or not declared; manufacture not published or not declared" in english
    assert "CPUs not known, memory held not known" in english and "mémoire tenue donnée manquante" in french
    assert "environment not declared" in english and "environnement non déclaré" in french
    assert "age not declared, planned life not declared" in english
    assert "PUE not declared, WUE not declared, intensity not published" in english
    assert "modelled for 100.0 %" in english and "modélisée pour 100,0 %" in french
    # Sums are of hosts that all are known: one unknown makes the sum unknown.
    nobody = desk.make(host=2, facts={"machine.kind": "physical", "machine.name": "nu"}, parts=[])
    assert "climate change (kgCO₂e): use not published" in rgesn(desk, database, nobody)[1]
    assert "Machines: 2" in rgesn(desk, database, nobody)[1]
    long = desk.make(facts={**FACTS, "asset.planned_end": "2034-03-31", "asset.refurbished": "yes"})
    french, english = rgesn(desk, long)
    assert "planned life 10.0 years (yes)" in english and "Refurbished: 1 / 1" in english
    assert "planned destination not declared, mass not declared" in english
    end = desk.make(facts={**FACTS, "asset.destination": "weee", "asset.mass": "18.5"})
    french, english = rgesn(desk, end)
    assert "planned destination WEEE, mass 18.5 kg" in english and "destination prévue DEEE, masse 18,5 kg" in french
    desk.refused("rgesn", database, until="2020-01-01", status=3, says=["has no data in the period"])
    desk.refused("rgesn", database, options=["--partial"], status=2, says=["--partial says nothing to export rgesn"])


def main():
    with Desk() as desk:
        with open(desk.config, "w", encoding="utf-8") as file:
            file.write(f"[footprint]\nfolder={os.environ['SOURCE_ROOT']}/footprint/factors\n")
        assert PARTS[1] == ("ram", "", 16, 32.0)
        for test in (test_sci, test_software, test_units, test_needed, test_rgesn):
            print(test.__name__, flush=True)
            test(desk)


if __name__ == "__main__":
    main()
