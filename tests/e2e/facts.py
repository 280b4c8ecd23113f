#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""What is declared and what is read of the machine travels in the database: a copy of it alone is
enough for an export on another machine, and a reload tells what was declared anew."""

import csv
import os
import shutil
import signal
import sqlite3
import time

from machine import Machine

DECLARED = {
    "site": {"country": "FR", "pue": "1.35", "datacentre": "DC1", "datacentre_name": "Salle nord"},
    "asset": {"machine": "physical", "name": "srv-paie-03", "model": "R750", "type": "Server", "cores": "8",
              "purchase": "2024-03-31", "status": "In use", "user": "Paie", "application": "Paie",
              "environment": "Production", "domain": "RH", "subdomain": "Solde"},
    "vm": {"web-01": "vcpu=4, storage=0.1"},
    "parts": {"memory": "kind=ram, count=12, size=32"},
}


def facts(machine):
    return dict(machine.query("SELECT key, value FROM fact"))


def wait_for_fact(machine, key, value):
    for _ in range(500):
        if facts(machine).get(key) == value:
            return
        time.sleep(0.02)
    raise AssertionError((key, facts(machine), machine.log_text()))


def export(machine, database, *options):
    output = os.path.join(machine.folder, "out")
    shutil.rmtree(output, ignore_errors=True)
    return machine.ctl("export", "numecoeval", "--database", database, "--output", output, *options), output


def main():
    with Machine(DECLARED) as machine:
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        machine.start_measuring()
        for _ in range(20):
            zone.add(5_000_000)
            time.sleep(0.1)
        told = facts(machine)
        for section, values in DECLARED.items():
            for key, value in values.items():
                assert told[f"{section}.{key}"] == value, (section, key, told)
        assert told["machine.name"] == os.uname().nodename
        assert int(told["machine.threads"]) >= 1 and told["greend.version"]
        assert machine.query("SELECT count(*) FROM part WHERE kind = 'cpu'")[0][0] >= 1
        assert "asset.entity" not in told, "what is not declared has no row"

        machine.options["asset"]["user"] = "Solde"
        del machine.options["asset"]["domain"]
        machine.write_config()
        machine.daemon.send_signal(signal.SIGHUP)
        wait_for_fact(machine, "asset.user", "Solde")
        assert "asset.domain" not in facts(machine)
        zone.add(5_000_000)
        time.sleep(2.5)
        assert machine.stop() == 0

        # On another machine: a copy, no configuration.
        copy = os.path.join(machine.folder, "copy.db")
        with sqlite3.connect(machine.database) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        answer, output = export(machine, copy, "--partial")
        assert answer.returncode == 1 and "say domain= in [asset]" in answer.stderr, answer
        assert not os.path.exists(output)
        machine.options["asset"]["domain"] = "RH"
        machine.write_config()
        machine.start()
        wait_for_fact(machine, "asset.domain", "RH")
        assert machine.stop() == 0
        shutil.copyfile(machine.database, copy)
        answer, output = export(machine, copy)
        assert answer.returncode == 1 and "no less than 28 days" in answer.stderr, answer
        answer, output = export(machine, copy, "--partial")
        assert answer.returncode == 0, answer
        print(answer.stdout)
        with open(os.path.join(output, "csvEquipementPhysique.csv"), encoding="utf-8", newline="") as file:
            (row,) = csv.DictReader(file, delimiter=";")
        assert row["nomEquipementPhysique"] == "srv-paie-03" and row["utilisateur"] == "Solde", row
        assert float(row["consoElecAnnuelle"]) > 0


if __name__ == "__main__":
    main()
