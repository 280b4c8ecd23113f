/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/store_internal.h"

#define EACH_LEVEL(statement, sql)                                                                 \
    [(statement) + LEVEL_MINUTE] = sql("minute"), [(statement) + LEVEL_HOUR] = sql("hour"),        \
                   [(statement) + LEVEL_DAY] = sql("day")

#define ENERGY_ADD(level)                                                                          \
    "INSERT INTO " level "_energy (begin_s, workload, domain, energy_uj, uncertainty_uj)"          \
    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (begin_s, workload, domain)"                         \
    " DO UPDATE SET " STORE_ADD("energy_uj") ", " STORE_ADD("uncertainty_uj")

#define CPU_ADD(level)                                                                             \
    "INSERT INTO " level "_cpu (begin_s, workload, cpu_ns) VALUES (?1, ?2, ?4)"                    \
    " ON CONFLICT (begin_s, workload) DO UPDATE SET " STORE_ADD("cpu_ns")

#define RESERVED_ADD(level)                                                                        \
    "INSERT INTO " level "_reserved (begin_s, workload, memory_kib_s, weight_ppb_s)"               \
    " VALUES (?1, ?2, ?4, ?5) ON CONFLICT (begin_s, workload) DO UPDATE SET " STORE_ADD_KNOWN(     \
        "memory_kib_s") ", " STORE_ADD_KNOWN("weight_ppb_s")

#define SPAN_ADD(level)                                                                            \
    "UPDATE " level "_span SET covered_ns = min(covered_ns, 9223372036854775807 - ?2) + ?2,"       \
    " gap_ns = min(gap_ns, 9223372036854775807 - ?3) + ?3,"                                        \
    " memory_ns = min(memory_ns, 9223372036854775807 - ?4) + ?4,"                                  \
    " weight_ns = min(weight_ns, 9223372036854775807 - ?5) + ?5 WHERE begin_s = ?1"

#define SPAN_TOUCH(level)                                                                          \
    "UPDATE " level "_span SET first_s = min(first_s, ?2), last_s = max(last_s, ?3)"               \
    " WHERE begin_s = ?1 AND (first_s > ?2 OR last_s < ?3)"

#define SPAN_BEFORE(level)                                                                         \
    "SELECT begin_s, length_s FROM " level "_span WHERE begin_s <= ?1"                             \
    " ORDER BY begin_s DESC LIMIT 1"

#define SPAN_AFTER(level)                                                                          \
    "SELECT begin_s FROM " level "_span WHERE begin_s > ?1 ORDER BY begin_s LIMIT 1"

#define SPAN_NEW(level)                                                                            \
    "INSERT INTO " level "_span (begin_s, length_s, utc_offset_s, first_s, last_s)"                \
    " VALUES (?1, ?2, ?3, ?4, ?4 + 60)"

const char *const store_sql[STORE_STATEMENTS] = {
    [STORE_BEGIN] = "BEGIN IMMEDIATE",
    [STORE_COMMIT] = "COMMIT",
    [STORE_ROLLBACK] = "ROLLBACK",
    [STORE_WORKLOAD_FIND] =
        "SELECT id FROM workload WHERE kind = ?1 AND unit = ?2 AND command = ?3 AND user = ?4",
    [STORE_WORKLOAD_ADD] =
        "INSERT INTO workload (kind, unit, command, user, first_day_s, last_day_s)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
    [STORE_WORKLOAD_SEEN] =
        "UPDATE workload SET first_day_s = min(first_day_s, ?2), last_day_s = max(last_day_s, ?2)"
        " WHERE id = ?1 AND (first_day_s > ?2 OR last_day_s < ?2)",
    [STORE_DOMAIN_FIND] = "SELECT id FROM domain WHERE name = ?1 AND kind = ?2 AND source = ?3",
    [STORE_DOMAIN_ADD] = "INSERT INTO domain (name, kind, source) VALUES (?1, ?2, ?3)",
    [STORE_EVENT_ADD] = "INSERT INTO event (time_s, kind, subject, duration_ns, energy_uj)"
                        " VALUES (?1, ?2, ?3, ?4, ?5)",
    [STORE_METERS_FORGET] = "DELETE FROM meter",
    [STORE_METER_ADD] = "INSERT OR REPLACE INTO meter (key, raw_uj, mono_ns, boottime_ns)"
                        " VALUES (?1, ?2, ?3, ?4)",
    [STORE_SERIES_ANY] = "SELECT EXISTS (SELECT 1 FROM series)",
    [STORE_SERIES_FORGET] = "DELETE FROM series",
    [STORE_SERIES_PUT] =
        "INSERT OR REPLACE INTO series (kind, unit, command, domain, source, energy_uj, shown_mj,"
        " cpu_ns, score, admitted_mono_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [STORE_POSITION_PUT] =
        "UPDATE state SET ring_id = ?1, position = ?2, frame = ?3, total_uj = ?4, real_ns = ?5,"
        " boot_id = ?6, mono_ns = ?7, clean = ?8, series_continuous = ?9, boottime_ns = ?10",
    [STORE_PRUNE_DUE] = "SELECT ring_id IS NOT NULL, real_ns, prune_due_s, names_due_s FROM state",
    EACH_LEVEL(STORE_ENERGY_ADD, ENERGY_ADD),
    EACH_LEVEL(STORE_CPU_ADD, CPU_ADD),
    EACH_LEVEL(STORE_RESERVED_ADD, RESERVED_ADD),
    EACH_LEVEL(STORE_SPAN_ADD, SPAN_ADD),
    [STORE_SPAN_TOUCH + LEVEL_MINUTE] = "INSERT OR IGNORE INTO minute_span (begin_s) VALUES (?1)",
    [STORE_SPAN_TOUCH + LEVEL_HOUR] = SPAN_TOUCH("hour"),
    [STORE_SPAN_TOUCH + LEVEL_DAY] = SPAN_TOUCH("day"),
    [STORE_SPAN_BEFORE + LEVEL_HOUR] = SPAN_BEFORE("hour"),
    [STORE_SPAN_BEFORE + LEVEL_DAY] = SPAN_BEFORE("day"),
    [STORE_SPAN_AFTER + LEVEL_HOUR] = SPAN_AFTER("hour"),
    [STORE_SPAN_AFTER + LEVEL_DAY] = SPAN_AFTER("day"),
    [STORE_SPAN_NEW + LEVEL_HOUR] = SPAN_NEW("hour"),
    [STORE_SPAN_NEW + LEVEL_DAY] = SPAN_NEW("day"),
};
