-- SPDX-License-Identifier: EUPL-1.2
-- SPDX-FileCopyrightText: 2026 The greend authors

-- What workloads keep for themselves, whether they work or not: the memory that they hold and the
-- CPU weight that they were given. Such rows are of units as a whole: their command is ''.
-- memory_ns, weight_ns: for how much of a span's time that is known of all workloads.

ALTER TABLE minute_span ADD COLUMN memory_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE minute_span ADD COLUMN weight_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hour_span ADD COLUMN memory_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hour_span ADD COLUMN weight_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE day_span ADD COLUMN memory_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE day_span ADD COLUMN weight_ns INTEGER NOT NULL DEFAULT 0;

CREATE TABLE day_reserved (
    begin_s INTEGER NOT NULL REFERENCES day_span,
    workload INTEGER NOT NULL REFERENCES workload,
    memory_kib_s INTEGER,                        -- KiB held, times seconds; NULL: not known
    weight_ppb_s INTEGER,                        -- part of the machine's CPU time that its weight
                                                 -- stands for, in billionths, times seconds; NULL
    PRIMARY KEY (begin_s, workload)
) WITHOUT ROWID;

CREATE TABLE hour_reserved (
    begin_s INTEGER NOT NULL REFERENCES hour_span,
    workload INTEGER NOT NULL REFERENCES workload,
    memory_kib_s INTEGER,
    weight_ppb_s INTEGER,
    PRIMARY KEY (begin_s, workload)
) WITHOUT ROWID;

CREATE TABLE minute_reserved (
    begin_s INTEGER NOT NULL REFERENCES minute_span,
    workload INTEGER NOT NULL REFERENCES workload,
    memory_kib_s INTEGER,
    weight_ppb_s INTEGER,
    PRIMARY KEY (begin_s, workload)
) WITHOUT ROWID;

-- For people: the mean of the time for which it is known; a unit that was there for half of it
-- held twice as much while it was.

CREATE VIEW daily_reserved AS
SELECT date(s.begin_s + s.utc_offset_s, 'unixepoch') AS day,
       w.kind, w.unit, w.user,
       r.memory_kib_s / (s.memory_ns / 1e9) / 1024 AS memory_mib,
       r.weight_ppb_s / (s.weight_ns / 1e9) / 1e9 AS weight_share
FROM day_reserved AS r
JOIN day_span AS s USING (begin_s)
JOIN workload AS w ON w.id = r.workload;
