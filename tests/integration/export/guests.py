#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Virtual machines beside their hosts: nothing counts twice, whatever is exported, and machines that
change in the period."""

import json
import os

import rules
from history import DAY, FACTS, NOON, PARTS, USES, Desk, without

DAYS = 30
DAY_UJ = sum(USES.values())
KWH = DAYS * DAY_UJ / 3.6e12
GUEST_USES = {("idle", "idle", ""): 10**12, ("service", "nginx.service", "nginx"): 10**12}
MODEL = ("platform", "platform", "model")
PROFILES = ("numecoeval", "g4it")


def guest_facts(name, host="srv-01", **more):
    facts = without({**FACTS, "machine.kind": "virtual", "machine.name": name, "asset.host": host,
                     "asset.host_share": "0.25", "asset.environment": "Test"}, "vm.web-01", "site.datacentre")
    return {**facts, **more}


def make_guest(desk, name="base-02", host=2, facts=None, **arguments):
    arguments.setdefault("uses", GUEST_USES)
    arguments.setdefault("domain", MODEL)
    return desk.make(host=host, facts=facts or guest_facts(name), **arguments)


def sci_words(desk):
    path = os.path.join(desk.folder, "units")
    with open(path, "w", encoding="ascii") as file:
        file.write("1000\n")
    return ["--units", path, "--since", "2026-10-01"]


def sci(desk, *databases, options=(), until="2026-10-31"):
    answer = desk.export("sci", *databases, options=[*sci_words(desk), *options], until=until)
    assert answer.returncode == 0, answer.stderr
    with open(os.path.join(desk.output, "sci.json"), encoding="utf-8") as file:
        return json.load(file), answer


def texts(desk, *databases):
    answer = desk.export("rgesn", *databases)
    assert answer.returncode == 0, answer.stderr
    said = []
    for language in ("fr", "en"):
        with open(os.path.join(desk.output, f"rgesn.{language}.txt"), encoding="utf-8") as file:
            said.append(file.read().replace("\u00a0", " "))
    return said


def report(desk, *databases, options=()):
    words = [word for database in databases for word in ("--database", database)]
    answer = desk.ctl("report", "--config", desk.config, "--since", "2026-09-01", "--until", "2027-06-01", "--format", "json", *words, *options)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout), answer.stderr


def exported(desk, profile, *databases, **arguments):
    answer = desk.export(profile, *databases, **arguments)
    assert answer.returncode == 0, answer.stderr
    return rules.check(desk, profile), answer


def near(value, expected, part=1e-9):
    assert abs(value - expected) <= abs(expected) * part, (value, expected)


def test_sci(desk):
    host, guest = desk.make(), make_guest(desk)
    alone, _ = sci(desk, host)
    for databases in ((host, guest), (guest, host)):
        said, answer = sci(desk, *databases)
        for key in ("e_kwh", "e_times_i_kgco2e", "m_kgco2e", "sci_gco2e_per_unit"):
            near(said[key]["value"], alone[key]["value"])
        assert said["energy_microjoules"] == DAYS * DAY_UJ and len(said["hosts"]) == 1
        assert said["contained"] == [{"name": "base-02", "host": "srv-01"}]
        assert "base-02" in answer.stderr and "not added again" in answer.stderr
        assert "are not added again: 1." in answer.stdout
    # By itself it counts.
    said, answer = sci(desk, guest)
    assert said["energy_microjoules"] == DAYS * sum(GUEST_USES.values()) and not said["contained"]
    near(said["m_kgco2e"]["value"], 3660 * 0.25 * DAYS / 2556)
    # So it does beside another machine, and beside a host of which nothing was recorded then.
    other = desk.make(host=3, facts={**FACTS, "machine.name": "srv-02"})
    assert len(sci(desk, guest, other)[0]["hosts"]) == 2
    # A unit of the virtual machine is none of the host.
    said, _ = sci(desk, host, guest, options=["--software", "nginx.service", "--idle", "proportional"])
    assert said["energy_microjoules"] == DAYS * sum(GUEST_USES.values()), said


def test_report(desk):
    host, guest = desk.make(), make_guest(desk)
    for databases in ((host, guest), (guest, host)):
        said, error = report(desk, *databases, options=["--by", "unit"])
        assert said["total"]["energy_microjoules"] == DAYS * DAY_UJ and said["hosts"] == 1, said["total"]
        assert f"base-02 ({guest}) runs on srv-01" in error, error
        assert said["footprint"]["contained"] == [{"name": "base-02", "host": "srv-01"}], said["footprint"]
        assert said["footprint"]["virtual_without_host"] == 0 and "counts twice" not in error
        words = [word for database in databases for word in ("--database", database)]
        page = desk.ctl("report", "--since", "2026-09-01", "--until", "2027-06-01", "--format", "html", *words)
        assert "1 virtual machine lies in its host" in page.stdout, page
        answer = desk.export("csv", *databases, options=["--since", "2026-10-01", "--by", "unit"])
        assert answer.returncode == 0, answer
        total = [row for row in desk.rows("report.csv", ",")[1] if row["row"] == "total"]
        assert int(total[0]["energy_microjoules"]) == DAYS * DAY_UJ
    unrelated = make_guest(desk, facts=guest_facts("base-03", host="srv-1"), host=3)
    assert report(desk, host, unrelated)[0]["total"]["energy_microjoules"] == DAYS * (DAY_UJ + 2 * 10**12)
    # One that does not say its host counts, and that this may be twice is said.
    homeless = make_guest(desk, facts=without(guest_facts("base-04"), "asset.host"), host=4)
    for databases, unplaced in (((host, homeless), 1), ((homeless, guest), 0)):
        said, error = report(desk, *databases)
        told = said["footprint"]
        assert told["contained"] == [] and told["virtual_without_host"] == unplaced, told
        assert ("base-04" in error and "counts twice" in error) == (unplaced > 0), error
        assert any("counts twice" in gap["why"] for gap in told["exclusions"]) == (unplaced > 0), told["exclusions"]
    for what in ("sci", "rgesn"):
        answer = desk.export(what, host, homeless, options=sci_words(desk) if what == "sci" else (), until="2026-10-31")
        assert answer.returncode == 0 and "counts twice" in answer.stderr, answer
    # A host without data in the period holds nothing of it.
    early = desk.make(since=NOON - 400 * DAY)
    assert report(desk, early, guest)[0]["total"]["energy_microjoules"] == DAYS * sum(GUEST_USES.values())


def test_rgesn(desk):
    host, guest = desk.make(), make_guest(desk)
    french, english = texts(desk, host, guest)
    use = KWH * 1.35 * 0.098
    assert f"climate change (kgCO₂e): use {use:.4g};" in english, english
    assert f"Together: {KWH:.2f} kWh" in english, english
    assert "within the energy of srv-01, not added" in english and "dans l'énergie de srv-01, non ajoutée" in french
    assert f"Production: {KWH:.2f} kWh" in english
    assert "Test, virtual machines, within the energy of their hosts: 16.67 kWh" in english, english
    assert "counted once: 1" in english and "une seule fois : 1" in french
    assert "Refurbished: 0 / 1." in english, "a virtual machine is no equipment"
    same = make_guest(desk, facts=guest_facts("base-02", **{"asset.environment": "Production"}))
    told = texts(desk, host, same)[1]
    assert f"Production: {KWH:.2f} kWh" in told and "Production, virtual machines, within" in told, told
    manufacture = english.split("climate change")[1].split("manufacture ")[1].split(" ")[0]
    assert texts(desk, host)[1].split("climate change")[1].split("manufacture ")[1].split(" ")[0] == manufacture


def test_both(desk, profile):
    """One that its host sees and that a greend runs in is one line, with the host's figures."""
    host = desk.make(facts={**without(FACTS, "vm.web-01"), "vm.web-01": "storage=0.5"})
    guest = make_guest(desk, facts=guest_facts("web-01"), days=5)
    energy = "consoElecAn" if profile == "g4it" else "consoElecAnnuelle"
    for databases in ((host, guest), (guest, host)):
        (_, physical, virtual, applications), _ = exported(desk, profile, *databases)
        (line,) = virtual
        assert line["nomEquipementVirtuel"] == "web-01" and line["nomEquipementPhysique"] == "srv-01"
        # Two thirds of what is not idle, as the host says, not what its own model does in five days.
        near(float(line[energy]), DAY_UJ * 2 / 3 * 365 / 3.6e12, 1e-4)
        near(float(line["cleRepartition"]), 2 / 3, 1e-5)
        assert line["vCPU"] == "112" and line["capaciteStockage"] == "0.5" and line["cluster"] == "grappe 1"
        assert len(physical) == 1
        own = [row for row in applications if row["nomEquipementVirtuel"] == "web-01"]
        assert len(own) == 1 and own[0]["typeEnvironnement"] == "Test", applications


def test_keys(desk, profile):
    """The parts of a host are at most all of it."""
    host = desk.make()
    half = make_guest(desk, facts=guest_facts("base-02", **{"asset.host_share": "0.333334"}))
    exported(desk, profile, host, half)
    more = make_guest(desk, facts=guest_facts("base-02", **{"asset.host_share": "0.34"}))
    desk.refused(profile, host, more, says=["the keys (cleRepartition) of srv-01 are 1.00667 in all",
                                            "base-02 0.34, web-01 0.666666", "host_share= in [asset]"])


def test_shares(desk):
    one = make_guest(desk, facts=guest_facts("base-02", **{"asset.host_share": "0.6"}))
    two = make_guest(desk, facts=guest_facts("base-03", **{"asset.host_share": "0.5"}), host=3)
    says = ["the parts of srv-01 that its virtual machines declare are 1.1 in all", "base-02 0.6, base-03 0.5"]
    for databases in ((one, two), (desk.make(), one, two)):
        desk.refused("sci", *databases, options=sci_words(desk), until="2026-10-31", says=says)
        desk.refused("rgesn", *databases, says=says)
    later = make_guest(desk, facts=guest_facts("base-03", **{"asset.host_share": "0.5"}), host=3, since=NOON + 30 * DAY)
    assert len(sci(desk, one, later, options=["--partial"], until="2026-11-30")[0]["hosts"]) == 2


def test_wrong_hosts(desk):
    one = make_guest(desk, facts=guest_facts("base-02", host="base-03"))
    two = make_guest(desk, facts=guest_facts("base-03", host="base-02"), host=3)
    twins = [desk.make(), desk.make(host=5), make_guest(desk)]
    for databases, says in (((one, two), "it is declared to run on itself, by way of"),
                            (twins, "several machines are called srv-01, which it is declared to run on")):
        for what in ("sci", "rgesn", *PROFILES):
            desk.refused(what, *databases, options=sci_words(desk) if what == "sci" else (), says=[says])
        words = [word for database in databases for word in ("--database", database)]
        answer = desk.ctl("report", "--since", "2026-09-01", "--until", "2027-06-01", *words)
        assert answer.returncode == 1 and says in answer.stderr and not answer.stdout, answer
    # Within one that runs within another.
    chain = [desk.make(), make_guest(desk, facts=guest_facts("base-02")),
             make_guest(desk, facts=guest_facts("inner", host="base-02"), host=3)]
    assert report(desk, *chain)[0]["total"]["energy_microjoules"] == DAYS * DAY_UJ
    assert len(sci(desk, *chain)[0]["contained"]) == 2
    for profile in PROFILES:
        desk.refused(profile, *chain, says=["no virtual machine within another one"])


def test_new_identity(desk):
    """A machine whose machine-id changed (cloned, reinstalled) is one machine as long as nothing else did."""
    since = {"since": NOON + 30 * DAY}
    for kind in ("physical", "virtual"):
        facts = FACTS if kind == "physical" else guest_facts("base-02")
        uses, domain = (USES, ("psys", "psys", "rapl")) if kind == "physical" else (GUEST_USES, MODEL)
        arguments = {"facts": facts, "uses": uses, "domain": domain}
        before, after = desk.make(host=7, **arguments), desk.make(host=8, **arguments, **since)
        said, error = report(desk, before, after)
        assert said["hosts"] == 1 and said["total"]["energy_microjoules"] == 60 * sum(uses.values())
        assert said["period"]["summed_coverage_ratio"] == 1 and "are taken for one machine" in error, error
        said, _ = sci(desk, before, after, until="2026-11-30")
        assert len(said["hosts"]) == 1 and said["hosts"][0]["coverage_ratio"] == 1
        for profile in PROFILES:
            databases = (before, after) if kind == "physical" else (before, after, desk.make(days=60))
            tables, _ = exported(desk, profile, *databases)
            row = tables[1][0] if kind == "physical" else tables[2][-1]
            assert " 60.0 jours " in row["nomSourceDonneeEquipementPhysique" if kind == "virtual" else "nomSourceDonnee"]
        # Other declarations, also under one identity: each counts in its time.
        for identity in (7, 8):
            changed = desk.make(host=identity, **{**arguments, "facts": {**facts, "site.pue": "1.5"}}, **since)
            assert report(desk, before, changed)[0]["hosts"] == 1
            said, _ = sci(desk, before, changed, until="2026-11-30")
            assert [host["pue"] for host in said["hosts"]] == [1.35, 1.5]
            assert [host["coverage_ratio"] for host in said["hosts"]] == [0.5, 0.5], "both together all of it"
            kwh = DAYS * sum(uses.values()) / 3.6e12
            near(said["e_kwh"]["value"], kwh * (1.35 + 1.5))
            desk.refused("sci", changed, options=sci_words(desk), until="2026-11-30", says=["50.0 % of the period"])
            if kind == "physical":
                (centres, _, _, _), _ = exported(desk, "numecoeval", before, changed)
                assert centres[0]["pue"] == "1.5", "as it is now"
        # Nothing follows from other names, nor from one that nobody gave.
        for names in (("first", "other"), ("localhost.localdomain",) * 2, ("", "")):
            pair = [desk.make(host=7, **{**arguments, "facts": {**facts, "machine.name": names[0]}}),
                    desk.make(host=8, **{**arguments, "facts": {**facts, "machine.name": names[1]}}, **since)]
            assert report(desk, *pair)[0]["hosts"] == 2, names
        assert report(desk, before, desk.make(host=8, **arguments))[0]["hosts"] == 2, "at the same time"
    # One of before facts were kept goes with the newer one of its identity.
    said, _ = sci(desk, desk.make(host=7, version=3), desk.make(host=7, **since), until="2026-11-30")
    assert len(said["hosts"]) == 1 and said["hosts"][0]["coverage_ratio"] == 1
    for profile in PROFILES:
        old = desk.make(host=7)
        new = desk.make(host=8, parts=PARTS[:2], facts={**FACTS, "asset.type": "Server"}, **since)
        desk.refused(profile, old, new, says=["srv-01 was recorded before or after in " + old, "--since and --until"])
        exported(desk, profile, new, options=["--since", "2026-10-31"])


def test_moved(desk, profile):
    """A virtual machine that moved to another host is a line on each."""
    second = {**FACTS, "machine.name": "srv-02"}
    (_, _, virtual, applications), answer = exported(desk, profile, desk.make(), desk.make(host=2, facts=second))
    assert [(row["nomEquipementVirtuel"], row["nomEquipementPhysique"]) for row in virtual] == \
        [("web-01", "srv-01"), ("web-01@srv-02", "srv-02")]
    assert {row["nomEquipementVirtuel"] for row in applications if row["nomApplication"] == "Portail"} == \
        {"web-01", "web-01@srv-02"}
    assert "its line here is called web-01@srv-02" in answer.stderr, answer.stderr


def test_bare(desk, profile):
    """Meters of processors and memory are no meter of the machine."""
    bare = desk.make(domain=("package-0", "package", "rapl"))
    desk.refused(profile, bare, says=["power supplies, fans and disks are not estimated", "rest=auto in [model]"])
    (_, physical, _, _), _ = exported(desk, profile, bare, options=["--partial"])
    assert physical[0]["nomSourceDonnee"].endswith(", hors alimentation, ventilateurs et disques")
    whole = desk.make(domain=("package-0", "package", "rapl"), rest=10**12)
    (_, physical, _, _), _ = exported(desk, profile, whole)
    assert "hors" not in physical[0]["nomSourceDonnee"] and "mesurés et modélisés" in physical[0]["nomSourceDonnee"]


def test_bare_elsewhere(desk):
    bare = desk.make(domain=("package-0", "package", "rapl"))
    said, answer = sci(desk, bare)
    assert said["parts_alone_microjoules"] == DAYS * DAY_UJ and "fans and disks are not in E" in answer.stdout
    assert sci(desk, desk.make())[0]["parts_alone_microjoules"] == 0
    french, english = texts(desk, bare)
    assert "without power supplies, fans and disks" in english and "hors alimentation, ventilateurs et disques" in french


def main():
    with Desk() as desk:
        with open(desk.config, "w", encoding="utf-8") as file:
            file.write(f"[footprint]\nfolder={os.environ['SOURCE_ROOT']}/footprint/factors\n")
        for test in (test_sci, test_report, test_rgesn, test_shares, test_wrong_hosts, test_new_identity,
                     test_bare_elsewhere):
            print(test.__name__, flush=True)
            test(desk)
        for profile in PROFILES:
            for test in (test_both, test_keys, test_moved, test_bare):
                print(profile, test.__name__, flush=True)
                test(desk, profile)


if __name__ == "__main__":
    main()
