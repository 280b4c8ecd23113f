#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""export csv: the rows of the report as open data, each cell as its Table Schema says."""

import csv
import datetime
import json
import os

from history import USES, Desk

PERIOD = ["--since", "2026-10-01"]
TYPES = {"string": str, "integer": int, "number": float,
         "datetime": lambda cell: datetime.datetime.strptime(cell, "%Y-%m-%dT%H:%M:%S%z")}


def read(desk):
    with open(os.path.join(desk.output, "tableschema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    with open(os.path.join(desk.output, "report.csv"), encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    return schema, lines[0], lines[1:]


def check(desk):
    """Every cell against the schema, by the rules of frictionless Table Schema."""
    assert sorted(os.listdir(desk.output)) == ["report.csv", "tableschema.json"]
    schema, header, rows = read(desk)
    fields = schema["fields"]
    assert [field["name"] for field in fields] == header and len(set(header)) == len(header)
    for field in fields:
        assert field["type"] in TYPES and field["description"], field
        assert field.get("format", "") == ("%Y-%m-%dT%H:%M:%S%z" if field["type"] == "datetime" else "")
    for row in rows:
        assert len(row) == len(fields), row
        for field, cell in zip(fields, row):
            if cell in schema["missingValues"]:
                continue
            TYPES[field["type"]](cell)
            allowed = field.get("constraints", {}).get("enum")
            assert allowed is None or cell in allowed, (field, cell)
            assert cell[0] not in "=+-@\t\r", cell
    return [dict(zip(header, row)) for row in rows]


def main():
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", 'a,"b', "\u202egnp.exe"]
    with Desk() as desk:
        database = desk.make(uses={**USES, **{("service", name, name): 10**9 for name in hostile}})
        for group in ("workload", "unit", "command", "user", "container", "vm", "domain", "hour", "day", "month"):
            answer = desk.export("csv", database, options=[*PERIOD, "--by", group, "--top", "100"])
            assert answer.returncode == 0, answer.stderr
            rows = check(desk)
            whole = [row for row in rows if row["row"] == "total"]
            parts = [row for row in rows if row["row"] not in ("total", "not_summed")]
            assert len(whole) == 1
            assert sum(int(row["energy_microjoules"]) for row in parts) == int(whole[0]["energy_microjoules"])
            assert int(whole[0]["energy_microjoules"]) == 30 * (sum(USES.values()) + 10**9 * len(hostile))
        desk.export("csv", database, options=[*PERIOD, "--by", "unit", "--top", "100"])
        units = {row["unit"] for row in check(desk)}
        assert {"'=1+1", "'+1", "'-1", "'@SUM(A1)", "\\x09=1", "\\x0d=1", 'a,"b'} <= units, units
        # The same rows as the report's own CSV.
        words = ["--config", desk.config, "--database", database, "--until", "2026-12-01", *PERIOD]
        desk.export("csv", database, options=PERIOD)
        with open(os.path.join(desk.output, "report.csv"), encoding="utf-8", newline="") as file:
            assert file.read() == desk.ctl("report", "--format", "csv", *words).stdout.replace("\n", "\r\n")
        # With its footprint, by what each database tells of its machine.
        plain = desk.make()
        kwh = 30 * sum(USES.values()) / 3.6e12
        for hosts, databases in ((1, [plain]), (2, [plain, desk.make(host=2)])):
            assert desk.export("csv", *databases, options=PERIOD).returncode == 0
            total = [row for row in check(desk) if row["row"] == "total"][0]
            assert int(total["energy_microjoules"]) == hosts * 30 * sum(USES.values())
            assert abs(float(total["use_gwp_kgco2e"]) - hosts * kwh * 1.35 * 0.098) < 1e-9
            assert float(total["embodied_gwp_kgco2e"]) > 0
        nothing = desk.make(facts={}, parts=())
        assert desk.export("csv", nothing, options=PERIOD).returncode == 0
        total = [row for row in check(desk) if row["row"] == "total"][0]
        assert total["use_gwp_kgco2e"] == "" and total["embodied_gwp_kgco2e"] == ""
        desk.refused("csv", database, options=["--since", "2020-01-01"], until="2020-01-02", status=3)
        desk.refused("csv", database, options=["--partial"], status=2, says=["--partial says nothing to export csv"])
        desk.refused("csv", database, options=["--by", "weather"], status=2)


if __name__ == "__main__":
    main()
