# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Databases as greend leaves them, made from the schema's own text, and greend-ctl run on them."""

import csv
import os
import shutil
import sqlite3
import subprocess
import tempfile

STEPS = [os.path.join(os.environ["SOURCE_ROOT"], f"daemon/storage/schema/schema_v{v}.sql") for v in range(1, 6)]
DAY = 86400
NOON = 1_790_812_800  # 2026-10-01 00:00 UTC
GRND = 0x67726E64

# All that both exports ask of a physical machine with a virtual one.
FACTS = {
    "site.country": "FR", "site.pue": "1.35", "site.datacentre": "DC1", "site.datacentre_name": "Salle nord",
    "asset.purchase": "2024-03-31", "asset.planned_end": "2031-03-31", "asset.status": "In use",
    "asset.user": "Paie", "asset.entity": "DSI", "asset.cluster": "grappe 1",
    "asset.application": "Paie", "asset.environment": "Production", "asset.domain": "RH",
    "asset.subdomain": "Solde",
    "vm.web-01": "vcpu=4, storage=0.1, application=Portail, environment=Test, domain=Web, subdomain=Public",
    "machine.kind": "physical", "machine.name": "srv-01", "machine.vendor": "Dell Inc.",
    "machine.product": "PowerEdge R750", "machine.cores": "56", "machine.threads": "112",
    "greend.version": "0.1.0",
}
PARTS = [("cpu", "Xeon Gold 6330", 2, None), ("ram", "", 16, 32.0), ("ssd", "X", 2, 960.0), ("rack", "", 1, None)]

# Microjoules a day: who, of which kind, how much.
USES = {("idle", "idle", ""): 3_000_000_000_000, ("service", "sshd.service", "sshd"): 1_000_000_000_000,
        ("vm", "vm:web-01", "qemu"): 2_000_000_000_000}


def without(facts, *keys):
    return {key: value for key, value in facts.items() if key not in keys}


def make(path, host=1, facts=None, parts=None, uses=None, since=NOON, days=30, coverage=1.0,
         domain=("psys", "psys", "rapl"), version=5, timezone="UTC", rest=0):
    """A database of whole days. rest: microjoules a day, idle, that a model adds to what meters see."""
    facts = FACTS if facts is None else facts
    parts = PARTS if parts is None else parts
    uses = USES if uses is None else uses
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA synchronous = OFF")
        for step in STEPS[:version]:
            with open(step, encoding="utf-8") as file:
                db.executescript(file.read())
        db.execute(f"PRAGMA application_id = {GRND}")
        db.execute(f"PRAGMA user_version = {version}")
        set_host(db, host)
        db.execute("UPDATE state SET timezone = ?, ring_id = x'07', real_ns = ?",
                   (timezone, (since + days * DAY) * 10**9))
        db.execute("INSERT INTO domain VALUES (1, ?, ?, ?)", domain)
        last = since + (days - 1) * DAY
        for i, (kind, unit, command) in enumerate(uses):
            db.execute("INSERT INTO workload VALUES (?, ?, ?, ?, '', ?, ?)", (i + 1, kind, unit, command, since, last))
        for day in range(since, since + days * DAY, DAY):
            db.execute("INSERT INTO day_span (begin_s, length_s, utc_offset_s, first_s, last_s, covered_ns, hours_kept)"
                       " VALUES (?, ?, 0, ?, ?, ?, 0)", (day, DAY, day, day + DAY, int(DAY * 10**9 * coverage)))
            db.executemany("INSERT INTO day_energy VALUES (?, ?, 1, ?, NULL)",
                           [(day, i + 1, energy) for i, energy in enumerate(uses.values())])
            if rest:
                db.execute("INSERT OR IGNORE INTO domain VALUES (2, 'rest', 'rest', 'model')")
                db.execute("INSERT INTO day_energy VALUES (?, 1, 2, ?, NULL)", (day, rest))
        if version >= 4:
            set_facts(db, facts, parts)
    db.close()
    return path


def set_host(db, host):
    db.execute("UPDATE state SET host_id = ?", (host.to_bytes(16, "big") if host else None,))


def set_facts(db, facts, parts=()):
    db.execute("DELETE FROM fact")
    db.execute("DELETE FROM part")
    db.executemany("INSERT INTO fact VALUES (?, ?)", facts.items())
    db.executemany("INSERT INTO part VALUES (?, ?, ?, ?, ?)", [(i, *part) for i, part in enumerate(parts)])


class Desk:
    """A scratch folder to export in."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="greend-export-")
        self.output = os.path.join(self.folder, "out")
        self.made = 0
        self.config = os.path.join(self.folder, "empty.conf")
        with open(self.config, "w", encoding="ascii") as file:
            file.write(f"[footprint]\nfolder={os.path.join(os.environ['SOURCE_ROOT'], 'footprint/factors')}\n")

    def make(self, **arguments):
        self.made += 1
        return make(os.path.join(self.folder, f"{self.made}.db"), **arguments)

    def ctl(self, *words, **arguments):
        return subprocess.run([os.environ["GREEND_CTL"], *words], capture_output=True, text=True, check=False,
                              **arguments)

    def export(self, what, *databases, options=(), until="2026-12-01"):
        """Exports anew. until: the databases' own days are before it."""
        shutil.rmtree(self.output, ignore_errors=True)
        words = ["export", what, "--output", self.output, "--config", self.config]
        if until:
            words += ["--until", until]
        for database in databases:
            words += ["--database", database]
        return self.ctl(*words, *options)

    def refused(self, what, *databases, says=(), status=1, **arguments):
        """Exports and is refused, with these words, and nothing is written."""
        answer = self.export(what, *databases, **arguments)
        assert answer.returncode == status, (status, answer)
        for words in says:
            assert words in answer.stderr, (words, answer.stderr)
        assert not answer.stdout, answer.stdout
        left = os.listdir(self.output) if os.path.isdir(self.output) else []
        assert not left, left
        return answer

    def rows(self, name, delimiter=";"):
        """(header, rows as dicts) of a file that was written."""
        with open(os.path.join(self.output, name), encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file, delimiter=delimiter))
        assert all(len(line) == len(lines[0]) for line in lines), lines
        return lines[0], [dict(zip(lines[0], line)) for line in lines[1:]]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)
