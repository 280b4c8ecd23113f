-- SPDX-License-Identifier: EUPL-1.2
-- SPDX-FileCopyrightText: 2026 The greend authors

CREATE TABLE state (
    -- One row: whose history this is, and the frame of the ring that it ends with.
    -- Unsigned 64-bit numbers are kept by their bits.
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    host_id BLOB,                                -- salted hash of the machine-id
    timezone TEXT NOT NULL DEFAULT '',           -- zone of the newest hours and days
    ring_id BLOB,                                -- NULL: nothing was committed yet
    position INTEGER NOT NULL DEFAULT 0,
    frame INTEGER NOT NULL DEFAULT 0,
    total_uj INTEGER NOT NULL DEFAULT 0,
    real_ns INTEGER NOT NULL DEFAULT 0,          -- UNIX time of that frame, in ns
    boot_id BLOB,
    mono_ns INTEGER NOT NULL DEFAULT 0,
    clean INTEGER NOT NULL DEFAULT 0,            -- 1: greend stopped in order after it
    series_continuous INTEGER NOT NULL DEFAULT 0,
    prune_due_s INTEGER NOT NULL DEFAULT 0,      -- when old buckets are looked for again
    names_due_s INTEGER NOT NULL DEFAULT 0       -- when old names are looked for again
);
INSERT INTO state (only_row) VALUES (1);

CREATE TABLE workload (
    -- What used energy. kind: service user container vm kernel other;
    -- idle: the machine without work; unattributed: work that no process is known for;
    -- unsplit: a domain that lies inside another one and is not divided.
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    command TEXT NOT NULL,
    user TEXT NOT NULL,
    first_day_s INTEGER NOT NULL,                -- oldest and newest day_span that it is in
    last_day_s INTEGER NOT NULL,
    UNIQUE (kind, unit, command, user)
);

CREATE TABLE domain (
    -- A part of the machine whose energy is known, and where from: the same part measured by
    -- another source is another row. source model: estimated, all others: measured.
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    UNIQUE (name, kind, source)
);

-- Time. Every begin_s is a UNIX time. Days and hours are civil ones; date(begin_s + utc_offset_s,
-- 'unixepoch') is the local date. Each minute is in one hour and each hour in one day.

CREATE TABLE day_span (
    begin_s INTEGER PRIMARY KEY,
    length_s INTEGER NOT NULL,                   -- 82800, 86400 or 90000, but at a change of zone
    utc_offset_s INTEGER NOT NULL,
    first_s INTEGER NOT NULL,                    -- begin of the first and
    last_s INTEGER NOT NULL,                     -- end of the last minute recorded in it
    covered_ns INTEGER NOT NULL DEFAULT 0,       -- time that was measured or modelled
    gap_ns INTEGER NOT NULL DEFAULT 0,           -- time known to be missing
    hours_kept INTEGER NOT NULL DEFAULT 1        -- 0: pruned, what stands there is incomplete
);

CREATE TABLE hour_span (
    begin_s INTEGER PRIMARY KEY,
    length_s INTEGER NOT NULL,
    utc_offset_s INTEGER NOT NULL,
    first_s INTEGER NOT NULL,
    last_s INTEGER NOT NULL,
    covered_ns INTEGER NOT NULL DEFAULT 0,
    gap_ns INTEGER NOT NULL DEFAULT 0,
    minutes_kept INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE minute_span (
    begin_s INTEGER PRIMARY KEY,
    covered_ns INTEGER NOT NULL DEFAULT 0,
    gap_ns INTEGER NOT NULL DEFAULT 0
);

-- Energy and CPU time. A day holds all that its hours hold, and an hour all that its minutes hold:
-- never add up two levels.

CREATE TABLE day_energy (
    begin_s INTEGER NOT NULL REFERENCES day_span,
    workload INTEGER NOT NULL REFERENCES workload,
    domain INTEGER NOT NULL REFERENCES domain,
    energy_uj INTEGER NOT NULL,                  -- 3600000000 uJ are 1 Wh
    uncertainty_uj INTEGER,                      -- half-width of the 95 % interval; NULL: not stated
    PRIMARY KEY (begin_s, workload, domain)
) WITHOUT ROWID;

CREATE TABLE hour_energy (
    begin_s INTEGER NOT NULL REFERENCES hour_span,
    workload INTEGER NOT NULL REFERENCES workload,
    domain INTEGER NOT NULL REFERENCES domain,
    energy_uj INTEGER NOT NULL,
    uncertainty_uj INTEGER,
    PRIMARY KEY (begin_s, workload, domain)
) WITHOUT ROWID;

CREATE TABLE minute_energy (
    begin_s INTEGER NOT NULL REFERENCES minute_span,
    workload INTEGER NOT NULL REFERENCES workload,
    domain INTEGER NOT NULL REFERENCES domain,
    energy_uj INTEGER NOT NULL,
    uncertainty_uj INTEGER,
    PRIMARY KEY (begin_s, workload, domain)
) WITHOUT ROWID;

CREATE TABLE day_cpu (
    begin_s INTEGER NOT NULL REFERENCES day_span,
    workload INTEGER NOT NULL REFERENCES workload,
    cpu_ns INTEGER NOT NULL,
    PRIMARY KEY (begin_s, workload)
) WITHOUT ROWID;

CREATE TABLE hour_cpu (
    begin_s INTEGER NOT NULL REFERENCES hour_span,
    workload INTEGER NOT NULL REFERENCES workload,
    cpu_ns INTEGER NOT NULL,
    PRIMARY KEY (begin_s, workload)
) WITHOUT ROWID;

CREATE TABLE minute_cpu (
    begin_s INTEGER NOT NULL REFERENCES minute_span,
    workload INTEGER NOT NULL REFERENCES workload,
    cpu_ns INTEGER NOT NULL,
    PRIMARY KEY (begin_s, workload)
) WITHOUT ROWID;

CREATE TABLE event (
    -- What a reader of the sums should know. kind: start stop gap lost reset clock reboot.
    id INTEGER PRIMARY KEY,
    time_s INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,                       -- domain or meter; '': the host
    duration_ns INTEGER NOT NULL,
    energy_uj INTEGER NOT NULL
);
CREATE INDEX event_time ON event (time_s);

CREATE TABLE meter (
    -- The last raw reading of each meter: where its next interval begins.
    key TEXT PRIMARY KEY,
    raw_uj INTEGER NOT NULL,
    mono_ns INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE series (
    -- The exporter's counters, so that they go on where they were.
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    command TEXT NOT NULL,
    domain TEXT NOT NULL,
    source TEXT NOT NULL,
    energy_uj INTEGER NOT NULL,
    shown_mj INTEGER NOT NULL,
    cpu_ns INTEGER NOT NULL,
    score INTEGER NOT NULL,
    admitted_mono_ns INTEGER NOT NULL,
    PRIMARY KEY (kind, unit, command, domain, source)
) WITHOUT ROWID;

-- For people: sqlite3 -readonly greend.db 'SELECT * FROM daily ORDER BY kwh DESC LIMIT 20'
-- Without the domains that lie inside another one, so that rows may be added up.

CREATE VIEW daily AS
SELECT date(s.begin_s + s.utc_offset_s, 'unixepoch') AS day,
       w.kind, w.unit, w.command, w.user, d.name AS domain, d.source,
       e.energy_uj / 3.6e12 AS kwh,
       e.uncertainty_uj / 3.6e12 AS kwh_uncertainty,
       s.covered_ns / 1e9 / s.length_s AS coverage
FROM day_energy AS e
JOIN day_span AS s USING (begin_s)
JOIN workload AS w ON w.id = e.workload
JOIN domain AS d ON d.id = e.domain
WHERE w.kind <> 'unsplit';

CREATE VIEW hourly AS
SELECT datetime(s.begin_s + s.utc_offset_s, 'unixepoch') AS hour,
       w.kind, w.unit, w.command, w.user, d.name AS domain, d.source,
       e.energy_uj / 3.6e9 AS wh,
       e.uncertainty_uj / 3.6e9 AS wh_uncertainty,
       s.covered_ns / 1e9 / s.length_s AS coverage
FROM hour_energy AS e
JOIN hour_span AS s USING (begin_s)
JOIN workload AS w ON w.id = e.workload
JOIN domain AS d ON d.id = e.domain
WHERE w.kind <> 'unsplit';
