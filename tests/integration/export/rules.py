# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""What NumEcoEval and G4IT take: the lists of columns and every rule, written down independently of
greend. A column in parentheses may be empty in NumEcoEval; one with * must be filled in G4IT."""

import datetime
import os
import re

NUMECOEVAL = {
    "csvDataCenter.csv": "nomCourtDatacenter;nomLongDatacenter;pue;localisation;(nomEntite);(qualite)",
    "csvEquipementPhysique.csv":
        "nomEquipementPhysique;modele;quantite;nomCourtDatacenter;(dateAchat);(dateRetrait);(dureeUsageInterne);"
        "(dureeUsageAmont);(dureeUsageAval);type;statut;paysDUtilisation;consoElecAnnuelle;utilisateur;"
        "(nomSourceDonnee);(nomEntite);nbCoeur;(modeUtilisation);(tauxUtilisation);(qualite)",
    "csvEquipementVirtuel.csv":
        "nomEquipementVirtuel;nomEquipementPhysique;(nomSourceDonneeEquipementPhysique);(cleRepartition);vCPU;"
        "cluster;(consoElecAnnuelle);(typeEqv);(capaciteStockage);(nomEntite);(qualite)",
    "csvApplication.csv":
        "nomApplication;typeEnvironnement;(nomEquipementVirtuel);(nomSourceEquipementVirtuel);domaine;sousDomaine;"
        "(nomEntite);nomEquipementPhysique;(nomSourceDonnee);(qualite)",
}

G4IT = {
    "datacenter.csv": "nomCourtDatacenter*;nomLongDatacenter;pue;localisation*;nomEntite;nomSourceDonnee",
    "physicalEquipment.csv":
        "nomEquipementPhysique*;nomEntite;nomSourceDonnee;modele*;quantite*;type*;statut;paysDUtilisation*;"
        "utilisateur;dateAchat;dateRetrait;nbCoeur;nomCourtDatacenter;consoElecAnnuelle;fabricant;tailleDuDisque;"
        "tailleMemoire;typeDeProcesseur;dureeUtilisation;nombreUtilisateur",
    "virtualEquipment.csv":
        "nomEquipementVirtuel*;nomEquipementPhysique;nomSourceDonneeEquipementPhysique;cleRepartition;vCPU;cluster;"
        "consoElecAn;typeEqv;capaciteStockage;nomEntite;nomSourceDonnee;typeInfrastructure;quantite;provider;"
        "typeInstance;location;chargeMoy;dureeUtilisationAnnuelle",
    "application.csv":
        "nomApplication*;typeEnvironnement*;nomEquipementVirtuel*;nomSourceDonneeEquipementVirtuel;domaine;"
        "sousDomaine;nomEntite;nomSourceDonnee;nomEquipementPhysique;associeAvecUnEquipmentCloud",
}

PROFILES = {"numecoeval": NUMECOEVAL, "g4it": G4IT}
DECIMAL = re.compile(r"\d+(\.\d+)?")
SOURCE = re.compile(r"greend \d+\.\d+\.\d+ : (\d+\.\d) jours (mesurés|modélisés|mesurés et modélisés) "
                    r"du \d{4}-\d\d-\d\d au \d{4}-\d\d-\d\d \(couverture \d+\.\d %\), annualisés sur 365 jours"
                    r"(, hors alimentation, ventilateurs et disques)?")


def columns(profile, name):
    """[(header, mandatory)]"""
    found = []
    for column in PROFILES[profile][name].split(";"):
        mandatory = column.endswith("*") if profile == "g4it" else not column.startswith("(")
        found.append((column.strip("()*"), mandatory))
    return found


def date(text):
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", text), text
    return datetime.date.fromisoformat(text)


def number(text, least=None, most=None):
    assert DECIMAL.fullmatch(text), text
    value = float(text)
    assert least is None or value >= least, text
    assert most is None or value <= most, text
    return value


def check_cell(header, cell):
    """What holds for a cell wherever it stands, if it is filled."""
    if header == "pue":
        assert number(cell) > 1.0, cell
    elif header in ("dateAchat", "dateRetrait"):
        date(cell)
    elif header in ("consoElecAnnuelle", "consoElecAn"):
        assert number(cell) > 0
    elif header == "cleRepartition":
        number(cell, 0, 1)
    elif header in ("capaciteStockage", "dureeUsageAmont", "dureeUsageAval", "dureeUsageInterne"):
        number(cell, 0)
    elif header == "qualite":
        assert cell in ("BASSE", "MOYENNE", "HAUTE"), cell
    elif header == "type":
        assert cell in ("Server", "Dedicated Server", "Shared Server"), cell
    elif header in ("nbCoeur", "vCPU", "quantite"):
        assert re.fullmatch(r"[1-9]\d*", cell), cell
    elif header in ("nomSourceDonnee", "nomSourceDonneeEquipementPhysique", "nomSourceDonneeEquipementVirtuel"):
        assert SOURCE.fullmatch(cell), cell
    elif header == "typeInfrastructure":
        assert cell in ("NON_CLOUD_SERVERS", "CLOUD_SERVICES"), cell


def check_table(profile, name, header, rows):
    expected = columns(profile, name)
    assert header == [column for column, _ in expected], (name, header)
    for row in rows:
        for column, mandatory in expected:
            assert row[column] or not mandatory, (name, column, row)
            assert len(row[column]) <= 255 and not re.search(r"[\x00-\x1f]", row[column])
            assert row[column][:1] not in ("=", "+", "-", "@"), row[column]
            if row[column]:
                check_cell(column, row[column])
        if row.get("dateAchat") and row.get("dateRetrait"):
            assert date(row["dateAchat"]) <= date(row["dateRetrait"]), row


def unique(rows, *keys):
    names = [tuple(row[key] for key in keys) for row in rows]
    assert len(names) == len(set(names)), names
    return {row[keys[0]]: row for row in rows}


def check(desk, profile):
    """All four files of an export; the rows of each."""
    names = list(PROFILES[profile])
    assert sorted(os.listdir(desk.output)) == sorted(names), "four files and nothing beside them"
    tables = []
    for name in names:
        with open(os.path.join(desk.output, name), "rb") as file:
            data = file.read()
        assert data.decode("utf-8").count("\r") == 0 and not data.startswith(b"\xef\xbb\xbf")
        header, rows = desk.rows(name)
        check_table(profile, name, header, rows)
        tables.append(rows)
    centres, physical, virtual, applications = tables
    centre_of = unique(centres, "nomCourtDatacenter")
    machine_of = unique(physical, "nomEquipementPhysique")
    virtual_of = unique(virtual, "nomEquipementVirtuel")
    unique(applications, "nomApplication", "typeEnvironnement", "nomEquipementVirtuel", "nomEquipementPhysique")
    for row in physical:
        assert not row["nomCourtDatacenter"] or row["nomCourtDatacenter"] in centre_of, row
    shares = {}
    for row in virtual:
        host = machine_of[row["nomEquipementPhysique"]]
        assert row["nomSourceDonneeEquipementPhysique"] == host["nomSourceDonnee"] != "", row
        shares.setdefault(row["nomEquipementPhysique"], []).append(float(row["cleRepartition"] or 0))
    assert all(sum(share) <= 1 + 1e-9 for share in shares.values()), shares
    for row in applications:
        assert row["nomEquipementPhysique"] in machine_of, row
        if row["nomEquipementVirtuel"]:
            guest = virtual_of[row["nomEquipementVirtuel"]]
            assert guest["nomEquipementPhysique"] == row["nomEquipementPhysique"]
            if profile == "g4it":
                assert row["nomSourceDonneeEquipementVirtuel"] == guest["nomSourceDonnee"] != "", row
    return tables
