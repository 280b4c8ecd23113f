-- SPDX-License-Identifier: EUPL-1.2
-- SPDX-FileCopyrightText: 2026 The greend authors

-- What the machine is and what its operator declares of it, as greend knew it when it started last
-- or read its configuration again: so a copy of this file tells it elsewhere. Nothing of it is
-- older than that, and nothing says what was declared before.

CREATE TABLE fact (
    key TEXT PRIMARY KEY,                        -- "site.country" "asset.purchase" as in greend.conf,
                                                 -- "vm.NAME"; "machine.vendor" as read
    value TEXT NOT NULL                          -- never empty: what is not known has no row
) WITHOUT ROWID;

CREATE TABLE part (
    -- Parts that are alike. kind: cpu ram ssd hdd psu gpu rack blade.
    place INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    model TEXT NOT NULL,                         -- '': not told
    count INTEGER NOT NULL,
    size REAL                                    -- of one: RAM GiB, disks GB, PSU kg; NULL: not told
);
