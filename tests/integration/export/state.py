#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""export numecoeval and export g4it: the files against every rule, and the refusal for each fact that
must be declared."""

import os
import sqlite3

import rules
from history import FACTS, NOON, PARTS, USES, Desk, without

DAYS = 30
DAY_UJ = sum(USES.values())
RESTART = "systemctl reload greend"

# For each fact: the facts taken away, what the message must name, and whether each tool needs it.
NEEDED = [
    (["machine.name"], "say name= in [asset]", True, True),
    (["machine.vendor", "machine.product"], "say model= in [asset]", True, True),
    (["machine.cores"], "say cores= in [asset]", True, False),
    (["site.country"], "say country= in [site]", True, True),
    (["site.pue"], "say pue= in [site]", True, False),
    (["site.datacentre"], "say datacentre= in [site]", True, False),
    (["site.datacentre_name"], "say datacentre_name= in [site]", True, False),
    (["asset.status"], "say status= in [asset]", True, False),
    (["asset.user"], "say user= in [asset]", True, False),
    (["asset.environment"], "say environment= in [asset]", True, False),
    (["asset.domain"], "say domain= in [asset]", True, False),
    (["asset.subdomain"], "say subdomain= in [asset]", True, False),
    (["asset.cluster"], "say web-01=cluster=VALUE in [vm]", True, False),
    (["vm.web-01"], "say web-01=vcpu=VALUE in [vm]", True, False),
    (["machine.kind"], "say machine=physical or machine=virtual in [asset]", True, True),
]
OPTIONAL = ["asset.purchase", "asset.planned_end", "asset.entity", "greend.version"]


def annual_kwh(day_uj):
    return day_uj * 365 / 3.6e12


def close(text, expected, error):
    assert abs(float(text) - expected) <= error, (text, expected)


def exported(desk, profile, *databases, **arguments):
    answer = desk.export(profile, *databases, **arguments)
    assert answer.returncode == 0, answer.stderr
    return rules.check(desk, profile)


def test_values(desk, profile):
    centres, physical, virtual, applications = exported(desk, profile, desk.make())
    assert [row["nomCourtDatacenter"] for row in centres] == ["DC1"]
    assert centres[0]["nomLongDatacenter"] == "Salle nord" and centres[0]["pue"] == "1.35"
    assert centres[0]["localisation"] == "France" and centres[0]["nomEntite"] == "DSI"
    (machine,) = physical
    assert machine["nomEquipementPhysique"] == "srv-01" and machine["modele"] == "Dell Inc. PowerEdge R750"
    assert machine["type"] == "Server" and machine["nbCoeur"] == "56" and machine["quantite"] == "1"
    assert machine["dateAchat"] == "2024-03-31" and machine["dateRetrait"] == "2031-03-31"
    assert machine["paysDUtilisation"] == "France" and machine["statut"] == "In use"
    # Without the PUE: the tools multiply.
    close(machine["consoElecAnnuelle"], annual_kwh(DAY_UJ), 0.001)
    assert machine["nomSourceDonnee"].startswith(
        "greend 0.1.0 : 30.0 jours mesurés du 2026-10-01 au 2026-10-30 (couverture 100.0 %)"), machine
    (guest,) = virtual
    assert guest["nomEquipementVirtuel"] == "web-01" and guest["vCPU"] == "4"
    assert guest["cluster"] == "grappe 1" and guest["capaciteStockage"] == "0.1"
    share = USES[("vm", "vm:web-01", "qemu")] / (DAY_UJ - USES[("idle", "idle", "")])
    close(guest["cleRepartition"], share, 1e-6)
    close(guest["consoElecAn" if profile == "g4it" else "consoElecAnnuelle"], annual_kwh(DAY_UJ * share), 0.01)
    portal = [row for row in applications if row["nomApplication"] == "Portail"]
    assert portal[0]["nomEquipementVirtuel"] == "web-01" and portal[0]["typeEnvironnement"] == "Test"
    own = [row for row in applications if row["nomApplication"] == "Paie"]
    assert len(own) == (0 if profile == "g4it" else 1), "G4IT has no application without a virtual machine"
    if profile == "numecoeval":
        assert machine["qualite"] == "MOYENNE", "RAPL"
        assert guest["qualite"] == "BASSE", "its split states no interval"
    else:
        assert machine["fabricant"] == "Dell Inc." and machine["typeDeProcesseur"] == "Xeon Gold 6330"
    # What nobody told is empty.
    for header in ("modeUtilisation", "tauxUtilisation", "tailleDuDisque", "tailleMemoire", "nombreUtilisateur"):
        assert machine.get(header, "") == ""


def test_needed(desk, profile):
    for missing, says, numecoeval, g4it in NEEDED:
        database = desk.make(facts=without(FACTS, *missing))
        if numecoeval if profile == "numecoeval" else g4it:
            desk.refused(profile, database, says=[says, database, "nothing was written"])
        else:
            exported(desk, profile, database)
    for fact in OPTIONAL:
        exported(desk, profile, desk.make(facts=without(FACTS, fact)))
    # A case that is no server's: greend does not call it one.
    bare = desk.make(parts=[part for part in PARTS if part[0] != "rack"])
    desk.refused(profile, bare, says=["type is mandatory", "say type= in [asset]"])
    exported(desk, profile, desk.make(parts=[], facts={**FACTS, "asset.type": "Shared Server"}))
    # Facts of a virtual machine are of that one alone.
    for word in ("environment", "domain", "subdomain"):
        facts = {**FACTS, "vm.web-01": ", ".join(
            pair for pair in FACTS["vm.web-01"].split(", ") if not pair.startswith(word + "="))}
        if profile == "numecoeval" or word == "environment":
            desk.refused(profile, desk.make(facts=facts), says=[f"say web-01={word}=VALUE in [vm]", RESTART])
        else:
            exported(desk, profile, desk.make(facts=facts))


def test_declared_wins(desk, profile):
    facts = {**FACTS, "asset.name": "paie-prod", "asset.model": "R750", "asset.cores": "28",
             "asset.type": "Dedicated Server", "site.country_name": "FRANCE"}
    facts["site.pue"] = "1.0000001"  # above 1, however it is written
    centres, physical, virtual, _ = exported(desk, profile, desk.make(facts=facts))
    assert centres[0]["pue"] == "1.0000001"
    assert physical[0]["nomEquipementPhysique"] == "paie-prod" == virtual[0]["nomEquipementPhysique"]
    assert physical[0]["modele"] == "R750" and physical[0]["nbCoeur"] == "28"
    assert physical[0]["type"] == "Dedicated Server"
    assert physical[0]["paysDUtilisation"] == "FRANCE" == centres[0]["localisation"]


def test_dates(desk, profile):
    facts = without({**FACTS, "asset.life": "7"}, "asset.planned_end")
    (machine,) = exported(desk, profile, desk.make(facts=facts))[1]
    assert machine["dateRetrait"] == "2031-04-01", "the purchase and 7 x 365.25 days"
    facts = without({**FACTS, "asset.refurbished": "yes", "asset.earlier_use": "3", "asset.later_use": "2"})
    (machine,) = exported(desk, profile, desk.make(facts=facts))[1]
    if profile == "numecoeval":
        assert machine["dureeUsageAmont"] == "36" and machine["dureeUsageAval"] == "24", "months"
        assert machine["dureeUsageInterne"] == "", "dates say it"
    facts = without({**FACTS, "asset.life": "7"}, "asset.planned_end", "asset.purchase")
    (machine,) = exported(desk, profile, desk.make(facts=facts))[1]
    assert machine["dateAchat"] == "" == machine["dateRetrait"]
    assert machine.get("dureeUsageInterne", "84") == "84", "seven years, that no date says"
    (machine,) = exported(desk, profile, desk.make(facts=without(FACTS, "asset.purchase")))[1]
    assert machine["dateAchat"] == "" and machine["dateRetrait"] == "2031-03-31"
    # No honest greend writes these. The dates contradict each other; a wrong number counts as none.
    desk.refused(profile, desk.make(facts={**FACTS, "asset.planned_end": "2024-01-01"}),
                 says=["planned_end: expected a date after the purchase"])
    for pue in ("0.9", "1", "1,35", "nan", "=2"):
        database = desk.make(facts={**FACTS, "site.pue": pue})
        if profile == "numecoeval":
            desk.refused(profile, database, says=["say pue= in [site]"])
        else:
            assert exported(desk, profile, database)[0][0]["pue"] == ""


def test_coverage(desk, profile):
    short = desk.make(days=27)
    desk.refused(profile, short, says=["27.0 days were measured", "no less than 28 days and 90 %", "--partial"])
    exported(desk, profile, desk.make(days=28))
    thin = desk.make(days=60, coverage=0.85)
    desk.refused(profile, thin, says=["51.0 days were measured, 85.0 % of the period"], until="2027-01-01")
    (machine,) = exported(desk, profile, thin, options=["--partial"], until="2027-01-01")[1]
    assert " 51.0 jours mesurés " in machine["nomSourceDonnee"]
    assert "couverture 85.0 %" in machine["nomSourceDonnee"]
    # A year of what was measured, not of what was not.
    close(machine["consoElecAnnuelle"], annual_kwh(DAY_UJ) / 0.85, 0.001)
    assert desk.refused(profile, short, status=3, until="2025-01-01", says=["no data from"])
    other = desk.make(host=2, facts={**FACTS, "machine.name": "srv-02"}, since=NOON + 90 * 86400)
    desk.refused(profile, desk.make(), other, says=[other, "there is no data in the period"], until="2026-11-01")


def test_quality(desk, profile):
    for domain, word, origin in ((("platform", "platform", "acpi"), "HAUTE", "mesurés"),
                                 (("platform", "platform", "model"), "BASSE", "modélisés")):
        (machine,) = exported(desk, profile, desk.make(domain=domain))[1]
        assert machine.get("qualite", word) == word
        assert f" jours {origin} du " in machine["nomSourceDonnee"], machine


def test_datacentres(desk, profile):
    second = {**without(FACTS, "vm.web-01"), "machine.name": "srv-02", "site.pue": "1.350"}
    uses = {key: value for key, value in USES.items() if key[0] != "vm"}
    databases = [desk.make(), desk.make(host=2, facts=second, uses=uses)]
    centres, physical, _, _ = exported(desk, profile, *databases)
    assert len(centres) == 1 and len(physical) == 2 and centres[0]["nomEntite"] == "DSI"
    other = desk.make(host=2, facts={**second, "asset.entity": "DGFiP"}, uses=uses)
    assert exported(desk, profile, databases[0], other)[0][0]["nomEntite"] == "", "it is of both"
    for key, value in (("site.pue", "1.4"), ("site.country", "DE"), ("site.datacentre_name", "Salle sud")):
        other = desk.make(host=2, facts={**second, key: value}, uses=uses)
        desk.refused(profile, databases[0], other,
                     says=["the data centre DC1 has", "on srv-01: say the same " + key.split(".")[1]])
    same_name = desk.make(host=2, facts={**second, "machine.name": "srv-01"}, uses=uses)
    desk.refused(profile, databases[0], same_name, says=["the name srv-01 stands twice"])


def test_guests(desk, profile):
    """A virtual machine that greend runs in needs its physical host in the file."""
    guest = without({**FACTS, "machine.kind": "virtual", "machine.name": "base-02", "asset.host": "srv-01",
                     "asset.host_share": "0.25"}, "vm.web-01", "site.datacentre")
    uses = {key: value for key, value in USES.items() if key[0] != "vm"}
    model = ("platform", "platform", "model")
    host = desk.make()
    inside = desk.make(host=2, facts=guest, uses=uses, domain=model)
    virtual = exported(desk, profile, inside, host)[2]
    row = {row["nomEquipementVirtuel"]: row for row in virtual}["base-02"]
    assert row["nomEquipementPhysique"] == "srv-01" and row["vCPU"] == "112" and row["cleRepartition"] == "0.25"
    assert row["capaciteStockage"] == "1.920"
    assert row["nomSourceDonneeEquipementPhysique"], "that of its host, which comes behind it on the command line"
    applications = rules.check(desk, profile)[3]
    assert {"Paie", "Portail"} == {row["nomApplication"] for row in applications}
    desk.refused(profile, inside, says=["base-02: its physical host srv-01 is not among"])
    lost = desk.make(host=2, facts=without(guest, "asset.host"), uses=uses, domain=model)
    desk.refused(profile, host, lost, says=["say host=NAME in [asset]"])


def test_hostile(desk, profile):
    """Names that whoever starts a virtual machine chooses."""
    names = ["=cmd|' /C calc'!A0", "+1", "-1", "@x", 'a;b"c', "é €"]
    uses = {("vm", "vm:" + name, "qemu"): 10**12 for name in names}
    facts = {**FACTS, **{"vm." + name: "vcpu=2, application=A, environment=E, domain=D, subdomain=S"
                         for name in names}}
    _, _, virtual, applications = exported(desk, profile, desk.make(facts=facts, uses=uses))
    shown = {("'" if name[0] in "=+-@" else "") + name for name in names}
    assert {row["nomEquipementVirtuel"] for row in virtual} == shown
    assert {row["nomEquipementVirtuel"] for row in applications} - {""} == shown
    tabs = desk.make(uses={("vm", "vm:a\tb\n\r;c", "qemu"): 10**12}, facts={**FACTS, "vm.a\\x09b\\x0a\\x0d;c": "vcpu=2"})
    assert exported(desk, profile, tabs)[2][0]["nomEquipementVirtuel"] == "a\\x09b\\x0a\\x0d;c"


def test_old_databases(desk, profile):
    for version in (1, 2, 3):
        desk.refused(profile, desk.make(version=version), says=["Upgrade and restart it there"])
    # Its new greend has opened it: what stood there goes on.
    database = desk.make()
    exported(desk, profile, database)


def test_all_or_nothing(desk, profile):
    name = list(rules.PROFILES[profile])[-1]
    database = desk.make()
    exported(desk, profile, database)
    before = {name: desk.rows(name) for name in rules.PROFILES[profile]}
    # A second export, in which the last file cannot be put in its place, leaves the first as it is.
    os.remove(os.path.join(desk.output, name))
    os.mkdir(os.path.join(desk.output, name))
    with sqlite3.connect(database) as db:
        db.execute("UPDATE fact SET value = 'Autre' WHERE key = 'asset.user'")
    answer = desk.ctl("export", profile, "--database", database, "--output", desk.output, "--until", "2026-12-01")
    assert answer.returncode == 1 and "Nothing was written" in answer.stderr, answer
    assert sorted(os.listdir(desk.output)) == sorted(rules.PROFILES[profile]), os.listdir(desk.output)
    for other in list(rules.PROFILES[profile])[:-1]:
        assert desk.rows(other) == before[other]
    answer = desk.ctl("export", profile, "--database", database, "--until", "2026-12-01", "--output",
                      os.path.join(desk.folder, "no", "such", "folder"))
    assert answer.returncode == 1 and "cannot write to the folder" in answer.stderr, answer


def test_usage(desk):
    for words, says in ((["export"], "expected one verb: export WHAT"),
                        (["export", "csv"], "expected --output DIR"),
                        (["export", "pdf", "--output", "/x"], "expected numecoeval, g4it"),
                        (["export", "g4it", "--output", "/x", "--by", "unit"], "--by says nothing to export g4it"),
                        (["export", "g4it", "--output", "/x", "--since", "soon"], "'soon' is no time"),
                        (["report", "--output", "/x"], "--output says nothing to report")):
        answer = desk.ctl(*words)
        assert answer.returncode == 2 and says in answer.stderr, answer


def main():
    with Desk() as desk:
        test_usage(desk)
        for profile in rules.PROFILES:
            for test in (test_values, test_needed, test_declared_wins, test_dates, test_coverage, test_quality,
                         test_datacentres, test_guests, test_hostile, test_old_databases, test_all_or_nothing):
                print(profile, test.__name__, flush=True)
                test(desk, profile)


if __name__ == "__main__":
    main()
