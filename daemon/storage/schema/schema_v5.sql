-- SPDX-License-Identifier: EUPL-1.2
-- SPDX-FileCopyrightText: 2026 The greend authors

-- CLOCK_BOOTTIME beside CLOCK_MONOTONIC: how long the machine slept since. 0: not known.

ALTER TABLE state ADD COLUMN boottime_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meter ADD COLUMN boottime_ns INTEGER NOT NULL DEFAULT 0;
