#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""A footprint as its operator sees it: declared in ten lines, measured, reported in every grouping and
recomputed from the JSON; and everything that he can get wrong."""

import csv
import datetime
import io
import json
import os
import shutil
import sqlite3
import sys
import time

from machine import Machine

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(SOURCE, "tests/integration/ctl"))
from recompute import check_factors, recompute  # pylint: disable=wrong-import-position

FACTORS = os.path.join(SOURCE, "footprint/factors")
DECLARED = {
    "site": {"country": "FR", "pue": "1.35", "wue": "0.4"},
    "asset": {"machine": "physical", "purchase": "2024-03-31", "life": "7"},
    "footprint": {"factors": "boavizta", "folder": FACTORS},
}


def report(machine, *arguments, config=True, database=None, status=0):
    """The report in JSON, recomputed; and what was said on standard error."""
    answer = machine.ctl("report", *(["--config", machine.config] if config else []),
                         *(["--database", database] if database else []),
                         "--since", "-1h", "--format", "json", *arguments)
    assert answer.returncode == status, answer
    told = json.loads(answer.stdout)
    assert told["total"]["energy_microjoules"] > 0, "the energy is told, whatever else is wrong"
    recompute(told)
    check_factors(told, FACTORS)
    return told, answer.stderr


def declare(machine, **sections):
    """DECLARED, with these keys in the place of its own; None takes one away."""
    machine.options.update({name: dict(values) for name, values in DECLARED.items()})
    for section, values in sections.items():
        machine.options[section].update(values)
        for key in [key for key, value in values.items() if value is None]:
            del machine.options[section][key]
    machine.write_config()


def excluded(told):
    return {gap["item"]: gap["why"] for gap in told["footprint"]["exclusions"]}


def measure(machine):
    zones = [machine.zone("intel-rapl:0", "package-0"), machine.zone("intel-rapl:0:0", "dram")]
    machine.start_measuring()
    for _ in range(30):
        for zone in zones:
            zone.add(4_321_987)
        time.sleep(0.1)
    assert machine.stop() == 0


def right(machine):
    """Every grouping, every policy, every format."""
    for by in ("workload", "unit", "user", "domain", "hour", "day", "month"):
        for idle in ("separate", "proportional", "reserved"):
            told, _ = report(machine, "--by", by, "--idle", idle)
            total = told["total"]["footprint"]
            assert total["use"]["GWP"]["value"] > 0 and total["embodied"]["GWP"]["value"] > 0
            assert told["method"]["site"]["pue_origin"] == "declared"
    told, _ = report(machine, "--top", "1")
    arguments = ["report", "--config", machine.config, "--since", "-1h"]
    rows = list(csv.DictReader(io.StringIO(
        machine.ctl(*arguments, "--top", "1", "--format", "csv").stdout)))
    total = rows[-1]
    assert total["row"] == "total"
    for column, value in (("use_gwp_kgco2e", told["total"]["footprint"]["use"]["GWP"]["value"]),
                          ("use_water_m3", told["total"]["footprint"]["use"]["water"]["value"]),
                          ("facility_energy_kwh",
                           told["total"]["footprint"]["facility_energy_kwh"]["value"])):
        assert abs(float(total[column]) - value) <= 1e-12 * value, (column, total[column], value)
    assert total["use_ir_kbqu235e"] != "" and total["embodied_ir_kbqu235e"] == ""
    table = machine.ctl(*arguments).stdout
    print(table)
    assert "PUE 1.350, declared" in " ".join(table.split()) and "kgCO2e" in table, table


def wrong(machine):
    today = datetime.date.today()
    declare(machine, site={"country": None})
    told, _ = report(machine)
    assert told["total"]["footprint"]["use"]["GWP"] is None and "country" in excluded(told)
    assert told["total"]["footprint"]["embodied"]["GWP"] is not None
    declare(machine, site={"country": "JP", "pue": None})
    told, _ = report(machine)
    assert {"pue", "electricity"} <= set(excluded(told)), excluded(told)
    declare(machine, site={"pue": None})
    told, _ = report(machine)
    assert told["method"]["site"]["pue_origin"] == "default"
    declare(machine, asset={"purchase": str(today + datetime.timedelta(days=2))})
    told, _ = report(machine)
    assert told["total"]["footprint"]["embodied"]["GWP"] is None
    assert "still to come" in excluded(told)["purchase"]
    declare(machine, asset={"purchase": "2001-01-01"})
    told, _ = report(machine)
    assert told["total"]["footprint"]["embodied"]["GWP"]["value"] == 0
    assert "behind the planned life" in excluded(told)["life"]
    declare(machine, asset={"life": None})
    told, _ = report(machine)
    assert told["method"]["hardware"]["life"]["end_from"] == "default"
    declare(machine, asset={"machine": "virtual"})
    told, _ = report(machine)
    assert told["total"]["footprint"]["embodied"]["GWP"] is None
    assert "without a declared share" in excluded(told)["machine"]
    declare(machine, asset={"machine": "virtual", "host_share": "0.125"})
    told, _ = report(machine)
    assert told["method"]["hardware"]["host_share"] == 0.125
    assert told["method"]["hardware"]["whole_server"] is True
    for key, value in (("purchase", "2024-02-30"), ("purchase", "31/03/2024"), ("life", "0")):
        declare(machine, asset={key: value})
        answer = machine.ctl("report", "--config", machine.config, "--since", "-1h")
        assert answer.returncode == 1 and f"{key}: expected" in answer.stderr, answer
    declare(machine, asset={"planned_end": "2024-03-01", "life": None})
    answer = machine.ctl("report", "--config", machine.config, "--since", "-1h")
    assert answer.returncode == 1 and "after the purchase" in answer.stderr, answer


def factors(machine):
    """Files of factors that cannot be read, or are wrong: said, and the energy is told."""
    folder = os.path.join(machine.folder, "factors")
    declare(machine, footprint={"folder": folder})
    told, said = report(machine, status=1)
    assert "hardware.csv: cannot be read" in said, said
    assert told["total"]["footprint"]["use"]["GWP"] is None and "factors" in excluded(told)
    shutil.copytree(FACTORS, folder)
    report(machine)
    path = os.path.join(folder, "boavizta.csv")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for good, bad, expected in (
            (";0.098;kgCO2e/kWh;", ";0,098;kgCO2e/kWh;", "has a decimal comma"),
            (";0.098;kgCO2e/kWh;", ";0.098;;", "unit"),
            (";0.098;kgCO2e/kWh;", ";-0.098;kgCO2e/kWh;", "value")):
        assert good in text
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(good, bad))
        told, said = report(machine, status=1)
        assert "boavizta.csv:7:" in said and expected in said, said
        table = machine.ctl("report", "--config", machine.config, "--since", "-1h")
        assert table.returncode == 1 and "they cannot be read" in table.stdout, table


def others(machine):
    """What is not this machine's, or may not be: its database knows best, where it knows."""
    declare(machine)
    told, _ = report(machine)
    assert told["method"]["facts"]["from"] == "greend.conf", told["method"]["facts"]
    copy = os.path.join(machine.folder, "copy.db")
    with sqlite3.connect(machine.database) as own, sqlite3.connect(copy) as database:
        own.backup(database)
        database.execute("UPDATE state SET host_id = x'0102030405060708090a0b0c0d0e0f10'")
    database.close()
    declare(machine, site={"country": "PL", "pue": "2"}, asset={"purchase": "2020-01-01"})
    told, _ = report(machine, database=copy)
    assert told["method"]["facts"]["from"] == "database" and told["method"]["facts"]["greend_version"]
    assert told["method"]["facts"]["name"] == os.uname().nodename
    assert told["method"]["site"]["country"] == "FRA" and told["method"]["site"]["pue"]["value"] == 1.35
    assert told["total"]["footprint"]["use"]["GWP"] is not None
    assert told["total"]["footprint"]["embodied"]["GWP"] is not None
    assert "cpu" in [part["item"] for part in told["method"]["hardware"]["parts"]]
    with sqlite3.connect(copy) as database:  # as an older greend left it
        database.execute("DELETE FROM fact")
        database.execute("DELETE FROM part")
    database.close()
    told, _ = report(machine, database=copy)
    assert told["method"]["site"]["country"] == "POL" and told["method"]["facts"]["from"] == "greend.conf"
    assert told["total"]["footprint"]["embodied"]["GWP"] is None
    assert told["method"]["hardware"] is None and "inventory" in excluded(told)
    told, _ = report(machine, config=False, database=copy)
    assert list(excluded(told)) == ["declarations"], excluded(told)
    assert told["footprint"]["factor_sets"] == [] and told["method"]["facts"] == {"from": None}
    for section in DECLARED:
        del machine.options[section]
    machine.write_config()
    answer = machine.ctl("report", "--config", machine.config, "--since", "-1h")
    assert answer.returncode == 0 and answer.stderr == "", answer
    assert "nothing is declared" in " ".join(answer.stdout.split()), answer.stdout


def main():
    with Machine(DECLARED) as machine:
        measure(machine)
        right(machine)
        wrong(machine)
        factors(machine)
        others(machine)


if __name__ == "__main__":
    main()
